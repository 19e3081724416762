"""What a client wrote, on the segments where it is heard."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.values import Segment, Span
from pipeline.client_texts import ClientText, ClientUtterance, texts_by_segment
from pipeline.transcripts.cues import is_subtitles, read_cues

SEGMENTS = [Segment(0, Span(0, 4_000)), Segment(0, Span(5_000, 9_000)), Segment(0, Span(20_000, 28_000))]


def test_an_utterance_goes_to_the_segment_in_which_it_is_heard() -> None:
    utterances = [ClientUtterance("दूसरा", Span(4_500, 9_200)), ClientUtterance("पहला", Span(100, 4_100))]
    assert texts_by_segment(utterances, SEGMENTS) == {0: ClientText("पहला", False), 1: ClientText("दूसरा", False)}


def test_an_utterance_beside_all_segments_goes_to_the_nearest() -> None:
    assert texts_by_segment([ClientUtterance("um", Span(29_000, 29_500))], SEGMENTS) == {2: ClientText("um", False)}


def test_the_text_of_a_whole_recording_is_divided_by_length_and_says_so() -> None:
    found = texts_by_segment([ClientUtterance("aaaa bbbb cccc dddd")], SEGMENTS)
    assert {place: part.text for place, part in found.items()} == {0: "aaaa", 1: "bbbb", 2: "cccc dddd"}
    assert all(part.is_spread for part in found.values())


def test_the_text_of_a_recording_of_one_segment_is_its_own() -> None:
    assert texts_by_segment([ClientUtterance(" all of it ")], SEGMENTS[:1]) == {0: ClientText("all of it", False)}


def test_chinese_is_divided_between_characters_and_joined_without_spaces() -> None:
    spread = texts_by_segment([ClientUtterance("你好,世界大家好")], SEGMENTS[:2])
    assert [part.text for part in spread.values()] == ["你好,世", "界大家好"]
    joined = texts_by_segment(
        [ClientUtterance("你好", Span(0, 1_000)), ClientUtterance("世界", Span(2_000, 3_000))], SEGMENTS[:1]
    )
    assert joined[0].text == "你好世界"


def test_an_utterance_of_one_side_of_a_call_stays_on_its_side() -> None:
    call = [Segment(0, Span(0, 4_000)), Segment(1, Span(1_000, 3_000))]
    assert list(texts_by_segment([ClientUtterance("yes", Span(1_000, 3_000), channel=1)], call)) == [1]


def test_a_recording_without_segments_takes_no_text() -> None:
    assert texts_by_segment([ClientUtterance("words"), ClientUtterance("x", Span(0, 5))], []) == {}


@given(st.text(st.sampled_from("ab च你 ,\n"), max_size=80), st.lists(st.integers(1, 9_000), min_size=1, max_size=9))
def test_no_letter_is_lost_however_a_text_is_divided(text: str, lengths: list[int]) -> None:
    segments, start_ms = [], 0
    for length in lengths:
        segments.append(Segment(0, Span(start_ms, start_ms + length)))
        start_ms += length + 300
    found = texts_by_segment([ClientUtterance(text)], segments)
    divided = "".join(found[place].text for place in sorted(found))
    assert "".join(divided.split()) == "".join(text.split())


def test_subtitles_of_both_kinds_are_read() -> None:
    srt = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>नमस्ते</i>\r\nजी\r\n\r\n2\r\n01:00:00,5 --> 01:00:01,000\r\nदो\r\n"
    assert [(cue.span, cue.text) for cue in read_cues(srt)] == [
        (Span(1_000, 2_500), "नमस्ते जी"),
        (Span(3_600_500, 3_601_000), "दो"),
    ]
    vtt = "WEBVTT\n\nNOTE a\n\nid\n00:01.000 --> 00:02.000 align:start\n<v Ravi>ஒன்று</v>\n\n00:03.000 --> 00:03.000\nx"
    assert [(cue.span, cue.text) for cue in read_cues(vtt)] == [(Span(1_000, 2_000), "ஒன்று")]


def test_prose_with_an_arrow_is_no_subtitle() -> None:
    assert not is_subtitles("go --> there")
    assert is_subtitles("1\n00:00:01,000 --> 00:00:02,500\nx")
