"""Every format, read back by another reader than ours."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from praatio import textgrid
from pympi import Eaf

from models.values import CutKind, Draft, DraftFlag, ModelIdentity, NoDraft, NoDraftReason, Segment, Span, Word
from pipeline.exporting import FORMATS, Row, Transcript
from pipeline.exporting.cues import LONGEST_CUE_MS, WIDEST_CUE, cues_of, display_columns
from pipeline.exporting.transcript import clean, one_line
from pipeline.exporting.words import spread_words, timed_words

MODEL = ModelIdentity(engine="fake", name="demo", revision="0123456789ab")
AWKWARD_TEXTS = (
    'she said "no" & <i>left</i> --> now',
    "दो लाइन\nकी बात\tटैब",
    "سلام دنیا",
    "今天天氣，很好。",
    "",
    "क\u0958 cafe\u0301 \x00\x0b\ud800",
    "{\\an8} top; ;; comment",
)


def draft(text: str, *words: Word, flags: tuple[DraftFlag, ...] = ()) -> Draft:
    return Draft(
        text=text,
        model=MODEL,
        language="hi",
        average_logprob=-0.123456789,
        no_speech_probability=0.01,
        words=words,
        n_tokens=7,
        flags=flags,
    )


def row(text: str, start_ms: int, end_ms: int, *words: Word, channel: int = 0) -> Row:
    return Row(Segment(channel, Span(start_ms, end_ms)), draft(text, *words))


@pytest.fixture
def awkward() -> Transcript:
    """Two channels that talk over each other in seven kinds of text, and one segment without a draft."""
    rows = [row(text, index * 1000, index * 1000 + 1500, channel=index % 2) for index, text in enumerate(AWKWARD_TEXTS)]
    undrafted = Row(
        Segment(0, Span(9000, 9500), CutKind.QUIET, CutKind.HARD),
        NoDraft(NoDraftReason.DIALECT_NOT_DRAFTED, "Sylheti comes out as Bengali"),
    )
    return Transcript("calls/two people.wav", "hi-IN", 10_000, 2, (*rows, undrafted))


@pytest.fixture
def timed() -> Transcript:
    """One channel, one segment, words with times that touch."""
    words = (
        Word("नमस्ते", Span(500, 900), 0.9),
        Word("दुनिया", Span(900, 1400), 0.8),
        Word("ठीक", Span(1400, 1401), None),
    )
    return Transcript("a.wav", "hi-IN", 3000, 1, (row("नमस्ते, दुनिया! ठीक?", 400, 2000, *words),))


EMPTY = Transcript("silence.wav", "ta-IN", 2000, 1, ())
SHOWN = [one_line(text) for text in AWKWARD_TEXTS]


def one_row(text: str, *words: Word, end_ms: int = 10_000) -> Transcript:
    return Transcript("a.wav", "hi-IN", end_ms, 1, (row(text, 0, end_ms, *words),))


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_nfc_utf8_and_the_same_bytes_on_a_repeat(name: str, awkward: Transcript) -> None:
    first = FORMATS[name].render(awkward)
    assert first.encode("utf-8") == FORMATS[name].render(awkward).encode("utf-8")
    assert unicodedata.is_normalized("NFC", first)
    assert "\r" not in first
    assert first.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_renders_a_recording_without_speech(name: str) -> None:
    assert isinstance(FORMATS[name].render(EMPTY), str)


@settings(deadline=None)
@given(st.text(), st.integers(0, 10**7), st.integers(1, 40_000))
def test_no_text_breaks_any_format(text: str, start_ms: int, length_ms: int) -> None:
    transcript = Transcript("a.wav", "hi-IN", 0, 1, (row(text, start_ms, start_ms + length_ms),))
    rendered = {name: format_.render(transcript) for name, format_ in FORMATS.items()}
    for written in rendered.values():
        written.encode("utf-8")
    assert json.loads(rendered["jsonl"])["text"] == clean(text)
    assert ElementTree.fromstring(rendered["eaf"]).find(".//ANNOTATION_VALUE") is not None
    assert len(rendered["tsv"].split("\n")) == 3


def test_jsonl_has_every_key_for_drafts_and_missing_drafts(awkward: Transcript) -> None:
    records = [json.loads(line) for line in FORMATS["jsonl"].render(awkward).split("\n")[:-1]]
    assert len(records) == len(awkward.rows)
    assert {tuple(record) for record in records} == {
        (
            *("recording", "channel", "start_ms", "end_ms", "start_cut", "end_cut", "dialect", "text", "no_draft"),
            *("flags", "average_logprob", "no_speech_probability", "words", "language", "n_tokens", "temperature"),
            *("engine", "model", "model_revision"),
        )
    }
    assert records[0]["text"] == AWKWARD_TEXTS[0]
    assert records[0]["average_logprob"] == -0.1235
    assert records[-1]["text"] is None
    assert records[-1]["no_draft"] == {"reason": "dialect_not_drafted", "detail": "Sylheti comes out as Bengali"}
    assert (records[-1]["start_cut"], records[-1]["end_cut"]) == ("quiet", "hard")


def test_jsonl_writes_null_for_figures_that_json_cannot_hold() -> None:
    transcript = one_row("x", Word("x", Span(0, 10), float("nan")))
    assert json.loads(FORMATS["jsonl"].render(transcript))["words"][0]["confidence"] is None


def test_textgrid_reads_back_with_a_tier_for_each_channel(tmp_path: Path, awkward: Transcript) -> None:
    file = tmp_path / "a.TextGrid"
    file.write_text(FORMATS["textgrid"].render(awkward), encoding="utf-8")
    grid = textgrid.openTextgrid(str(file), includeEmptyIntervals=True)
    assert grid.tierNames == ("channel 1", "channel 2")
    assert grid.maxTimestamp == 10.0
    for channel, name in enumerate(grid.tierNames):
        read = {(entry.start, entry.end): entry.label for entry in grid.getTier(name).entries}
        for written in awkward.channel_rows(channel):
            span = written.segment.span
            assert read[span.start_ms / 1000, span.end_ms / 1000] == written.text


def test_textgrid_and_elan_carry_a_tier_of_words_where_words_are_timed(tmp_path: Path, timed: Transcript) -> None:
    grid_file, elan_file = tmp_path / "a.TextGrid", tmp_path / "a.eaf"
    grid_file.write_text(FORMATS["textgrid"].render(timed), encoding="utf-8")
    elan_file.write_text(FORMATS["eaf"].render(timed), encoding="utf-8")
    words = textgrid.openTextgrid(str(grid_file), includeEmptyIntervals=False).getTier("channel 1 words").entries
    assert [(entry.start, entry.end, entry.label) for entry in words] == [
        (0.5, 0.9, "नमस्ते"),
        (0.9, 1.4, "दुनिया"),
        (1.4, 1.401, "ठीक"),
    ]
    elan = Eaf(str(elan_file))
    assert elan.get_parameters_for_tier("channel 1 words")["PARENT_REF"] == "channel 1"
    assert elan.get_linked_files()[0]["RELATIVE_MEDIA_URL"].startswith("./")
    assert elan.get_annotation_data_for_tier("channel 1 words") == [
        (500, 900, "नमस्ते"),
        (900, 1400, "दुनिया"),
        (1400, 1401, "ठीक"),
    ]


def test_elan_reads_back_with_a_tier_for_each_channel(tmp_path: Path, awkward: Transcript) -> None:
    file = tmp_path / "a.eaf"
    file.write_text(FORMATS["eaf"].render(awkward), encoding="utf-8")
    document = Eaf(str(file))
    assert list(document.get_tier_names()) == ["channel 1", "channel 2"]
    for channel in awkward.channels:
        read = document.get_annotation_data_for_tier(f"channel {channel + 1}")
        assert read == [
            (written.segment.span.start_ms, written.segment.span.end_ms, written.text)
            for written in awkward.channel_rows(channel)
        ]
    assert ("dialect", "hi-IN") in document.get_properties()


def test_tsv_has_three_columns_of_openai_whisper_and_the_channel(awkward: Transcript) -> None:
    read = csv.DictReader(io.StringIO(FORMATS["tsv"].render(awkward)), delimiter="\t", quoting=csv.QUOTE_NONE)
    assert [(line["start"], line["end"], line["text"], line["channel"]) for line in read] == [
        (str(r.segment.span.start_ms), str(r.segment.span.end_ms), r.text, str(r.segment.channel)) for r in awkward.rows
    ]


def test_vtt_escapes_what_would_be_markup_and_leaves_no_arrow_in_text(awkward: Transcript) -> None:
    rendered = FORMATS["vtt"].render(awkward)
    assert 'she said "no" &amp; &lt;i&gt;left&lt;/i&gt; --&gt; now' in rendered
    lines = rendered.split("\n")
    assert lines[:2] == ["WEBVTT", ""]
    arrows = [line for line in lines if "-->" in line]
    assert all(re.fullmatch(r"[\d:.]+ --> [\d:.]+", line) for line in arrows)
    assert len(arrows) == sum(bool(text) for text in SHOWN)
    assert "<v Channel 2>" in rendered


def test_vtt_stamps_each_word_later_than_the_one_before_and_inside_the_cue(timed: Transcript) -> None:
    assert FORMATS["vtt"].render(timed) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.401\nनमस्ते, <00:00:00.900>दुनिया! <00:00:01.400>ठीक?\n"
    )


def test_srt_numbers_its_cues_and_shows_no_markup_of_the_text(awkward: Transcript) -> None:
    blocks = FORMATS["srt"].render(awkward).strip("\n").split("\n\n")
    assert [block.split("\n")[0] for block in blocks] == [str(n) for n in range(1, len(blocks) + 1)]
    assert blocks[0] == '1\n00:00:00,000 --> 00:00:01,500\n[1] she said "no" & ‹i>left‹/i> → now'
    assert "{\\an8}" not in FORMATS["srt"].render(awkward)


def test_subtitles_of_a_long_segment_are_cut_between_words_and_lose_nothing() -> None:
    words = tuple(Word(f"शब्द{i}", Span(i * 500, i * 500 + 400), 0.5) for i in range(60))
    text = " ".join(word.text for word in words)
    cues = cues_of(row(text, 0, 30_000, *words))
    assert " ".join(cue.text for cue in cues) == text
    assert all(cue.span.duration_ms <= LONGEST_CUE_MS for cue in cues)
    assert all(display_columns(cue.text) <= WIDEST_CUE for cue in cues)
    assert len(cues) > 3


def test_words_that_the_text_does_not_hold_leave_the_cue_whole() -> None:
    cues = cues_of(row("एक दो", 0, 9000, Word("तीन", Span(0, 100))))
    assert [(cue.text, cue.span) for cue in cues] == [("एक दो", Span(0, 9000))]


def test_ctm_gives_file_channel_start_duration_word_and_confidence(timed: Transcript) -> None:
    assert FORMATS["ctm"].render(timed) == (
        "a.wav 1 0.500 0.400 नमस्ते 0.9000\na.wav 1 0.900 0.500 दुनिया 0.8000\na.wav 1 1.400 0.001 ठीक\n"
    )


def test_ctm_lines_have_five_fields_in_order_of_channel_and_start(awkward: Transcript) -> None:
    fields = [line.split(" ") for line in FORMATS["ctm"].render(awkward).splitlines()]
    assert {len(line) for line in fields} == {5}
    assert {line[0] for line in fields} == {"calls/two_people.wav"}
    places = [(line[1], float(line[2])) for line in fields]
    assert places == sorted(places)
    assert [line[4] for line in fields if line[1] == "2"][:4] == ["दो", "लाइन", "की", "बात"]
    assert "今 天 天 氣， 很 好。" in " ".join(line[4] for line in fields)


@settings(deadline=None)
@given(st.text(alphabet="क आ今天a ,।《》", min_size=0, max_size=60), st.integers(0, 1000), st.integers(1, 30_000))
def test_spread_words_tile_their_span_and_keep_all_text(text: str, start_ms: int, length_ms: int) -> None:
    span = Span(start_ms, start_ms + length_ms)
    words = spread_words(text, span)
    if words:
        assert (words[0].span.start_ms, words[-1].span.end_ms) == (span.start_ms, span.end_ms)
        assert all(a.span.end_ms == b.span.start_ms for a, b in pairwise(words))
        assert "".join(word.text for word in words) == "".join(text.split())
    else:
        assert not text.strip() or length_ms < len(text)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 2000), st.sampled_from(["क", "ख", " "])), max_size=12))
def test_timed_words_never_overlap_nor_leave_their_segment(raw: list[tuple[int, int, str]]) -> None:
    words = tuple(Word(text, Span(start, start + length)) for start, length, text in raw)
    placed = timed_words(row("क", 1000, 4000, *words)) or ()
    assert all(a.span.end_ms <= b.span.start_ms for a, b in pairwise(placed))
    assert all(word.span.start_ms >= 1000 and word.span.end_ms <= 4000 for word in placed)


def test_text_keeps_joiners_and_direction_marks_and_loses_control_characters() -> None:
    assert clean("क्\u200dष \u200fسلام\x07") == "क्\u200dष \u200fسلام "


def test_rows_without_draft_have_no_text_in_readable_formats(awkward: Transcript) -> None:
    assert isinstance(awkward.rows[-1].outcome, NoDraft)
    assert isinstance(awkward.rows[0].outcome, Draft)
    assert len(FORMATS["txt"].render(awkward).splitlines()) == sum(bool(text) for text in SHOWN)
