"""References and hypotheses are paired by id, by time or by recording; nothing is dropped in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.values import Span, Word
from pipeline.transcripts import About, Kind, Matching, TranscriptInvalid, Transcripts, Utterance, match
from pipeline.transcripts.metadata import with_metadata


def said(id_: str, text: str, **more: object) -> Utterance:
    return Utterance(id_, text, "f", 1, **more)  # type: ignore[arg-type]


def side(*utterances: Utterance, kind: Kind = Kind.TSV) -> Transcripts:
    return Transcripts("side", kind, utterances)


def pairs(matching: Matching) -> dict[str, tuple[str, str]]:
    return {pair.id: (pair.reference, pair.hypothesis) for pair in matching.pairs}


def timed(recording: str, start_ms: int, end_ms: int, text: str, words: tuple[Word, ...] = ()) -> Utterance:
    return said(
        f"{recording}:1:{start_ms}", text, recording=recording, channel="1", span=Span(start_ms, end_ms), words=words
    )


def test_order_does_not_matter_and_what_has_no_partner_is_kept() -> None:
    found = match(
        side(said("u1", "a"), said("u2", "b"), said("u3", "c")), side(said("u3", "C"), said("u0", "x"), said("u1", "A"))
    )
    assert pairs(found) == {"u1": ("a", "A"), "u3": ("c", "C")}
    assert [utterance.id for utterance in found.without_hypothesis] == ["u2"]
    assert [utterance.id for utterance in found.without_reference] == ["u0"]


def test_the_reference_says_who_speaks_and_the_hypothesis_fills_in() -> None:
    found = match(
        side(said("u1", "a", about=About(speaker="s1", dialect="hi-IN"))),
        side(said("u1", "A", about=About(speaker="wrong", gender="female"))),
    )
    assert found.pairs[0].about == About(speaker="s1", gender="female", dialect="hi-IN")


def test_plain_texts_of_different_length_are_refused() -> None:
    long, short = side(said("1", "a"), said("2", "b"), kind=Kind.PLAIN), side(said("1", "a"), kind=Kind.PLAIN)
    with pytest.raises(TranscriptInvalid, match=r"f has 2 lines and f has 1; .* line 2 has no partner"):
        match(long, short)


def test_plain_text_is_not_matched_with_a_format_that_has_ids() -> None:
    with pytest.raises(TranscriptInvalid, match="plain text has no ids to match by"):
        match(side(said("1", "a"), kind=Kind.PLAIN), side(said("1", "a")))


def test_what_is_marked_as_not_to_be_scored_is_counted_and_left_out() -> None:
    found = match(side(said("u1", "a", is_scored=False), said("u2", "b")), side(said("u1", "A"), said("u2", "B")))
    assert (list(pairs(found)), found.n_ignored) == (["u2"], 1)
    assert found.without_reference == ()


def test_words_go_to_the_reference_in_which_their_middle_lies() -> None:
    words = (
        Word("one", Span(0, 400)),
        Word("two", Span(450, 560)),
        Word("three", Span(600, 900)),
        Word("late", Span(2000, 2100)),
    )
    whole = said("a:1", "one two three late", recording="a.wav", channel="1", words=words)
    found = match(side(timed("a", 0, 500, "one"), timed("a", 500, 1000, "two three")), side(whole))
    assert pairs(found) == {"a:1:0": ("one", "one"), "a:1:500": ("two three", "two three")}
    assert [(each.id, each.text) for each in found.without_reference] == [("a: words outside every reference", "late")]


def spoken(*words: tuple[int, str]) -> Utterance:
    timed_words = tuple(Word(text, Span(start_ms, start_ms + 200)) for start_ms, text in words)
    return said("r:1", " ".join(text for _, text in words), recording="r", channel="1", words=timed_words)


def test_words_of_a_long_turn_are_not_lost_to_a_short_one_inside_it() -> None:
    references = (timed("r", 0, 10_000, "यह घर है और"), timed("r", 2000, 3000, "हाँ"))
    heard = spoken((500, "यह"), (2100, "घर"), (2500, "हाँ,"), (4000, "है"), (6000, "और"))
    found = match(side(*references), side(heard))
    assert pairs(found) == {"r:1:0": ("यह घर है और", "यह घर है और"), "r:1:2000": ("हाँ", "हाँ,")}
    assert found.without_reference == ()


def test_a_wrong_word_in_an_overlap_goes_to_the_reference_that_lacks_most() -> None:
    references = (timed("r", 0, 10_000, "यह घर है और"), timed("r", 2000, 3000, "हाँ"), timed("r", 9000, 11_000, "जी"))
    heard = spoken((500, "यह"), (2100, "गर"), (2500, "हाँ"), (4000, "है"), (9500, "और"), (10_500, "जी"), (11_500, "छि"))
    found = match(side(*references), side(heard))
    assert {id_: hypothesis for id_, (_, hypothesis) in pairs(found).items()} == {
        "r:1:0": "यह गर है और",
        "r:1:2000": "हाँ",
        "r:1:9000": "जी",
    }
    assert [each.text for each in found.without_reference] == ["छि"]


def test_segments_with_the_ids_of_the_references_are_never_cut_anew() -> None:
    words = (Word("late", Span(480, 700)),)
    references = (timed("a", 0, 500, "x"), timed("a", 500, 1000, "y"))
    found = match(side(*references), side(timed("a", 0, 500, "late", words)))
    assert pairs(found) == {"a:1:0": ("x", "late")}
    assert [each.id for each in found.without_hypothesis] == ["a:1:500"]


def test_segments_cut_otherwise_and_without_word_times_stay_unmatched() -> None:
    found = match(side(timed("a", 0, 500, "x")), side(timed("a", 100, 600, "x")))
    assert not found.pairs
    assert len(found.without_hypothesis) == len(found.without_reference) == 1


def test_segments_of_a_recording_are_joined_for_a_reference_that_covers_it() -> None:
    parts = (timed("calls/a.wav", 700, 900, "two"), timed("calls/a.wav", 0, 500, "one"), timed("b", 0, 500, "else"))
    found = match(side(said("calls/a.mp3", "one two"), said("b", "b")), side(*parts))
    assert pairs(found) == {"calls/a.mp3": ("one two", "one two"), "b": ("b", "else")}


def test_a_segment_with_a_reference_of_its_own_is_not_joined_into_its_recording() -> None:
    references = (said("r", "whole"), said("u1", "a", recording="r"))
    hypotheses = (said("u1", "A", recording="r"), said("u2", "B", recording="r"))
    assert pairs(match(side(*references), side(*hypotheses))) == {"r": ("whole", "B"), "u1": ("a", "A")}


def test_names_of_recordings_match_with_and_without_the_ending_of_an_audio_file() -> None:
    found = match(side(said("calls/a.wav", "one"), said("v1.2", "x")), side(said("calls/a", "one"), said("v1", "x")))
    assert pairs(found) == {"calls/a.wav": ("one", "one")}


def test_an_utterance_of_a_recording_does_not_swallow_its_neighbours() -> None:
    one, two = said("u1", "a", recording="r"), said("u2", "b", recording="r")
    found = match(side(one, two), side(said("u1", "A", recording="r")))
    assert pairs(found) == {"u1": ("a", "A")}
    assert [each.id for each in found.without_hypothesis] == ["u2"]


def test_metadata_fills_in_by_id_or_by_recording(tmp_path: Path) -> None:
    table = tmp_path / "speakers.csv"
    table.write_text("recording,speaker,Gender\nr.wav,s1,Female\nu2,s2,\n", encoding="utf-8")
    filled = with_metadata(side(said("u1", "a", recording="r"), said("u2", "b"), said("u3", "c")), table)
    assert [utterance.about for utterance in filled.utterances] == [
        About(speaker="s1", gender="female"),
        About(speaker="s2"),
        About(),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id\tspeaker\nnone\ts1\n", "not one of its ids and recordings \\(1\\) is in side"),
        ("id\tspeaker\nu1\ts1\nu1\ts2\n", "line 3: says another thing of 'u1'"),
        ("name\tspeaker\nu1\ts1\n", "expected a header with the column id or recording"),
    ],
)
def test_metadata_that_cannot_be_used_is_refused(tmp_path: Path, content: str, message: str) -> None:
    table = tmp_path / "speakers.tsv"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(TranscriptInvalid, match=message):
        with_metadata(side(said("u1", "a")), table)
