from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.tags import (
    Alternatives,
    Tag,
    TagKind,
    TagSyntaxError,
    Words,
    may_have_markup,
    parse_alternatives,
    parse_tags,
    spoken_text,
)


def words(text: str) -> tuple[Words, ...]:
    return (Words(text),)


def test_tags_are_told_from_words_in_either_bracket() -> None:
    assert parse_tags("हाँ [noise] जी <LAUGH> ठीक</noise>") == (
        Words("हाँ "),
        Tag(TagKind.NOISE, "[noise]"),
        Words(" जी "),
        Tag(TagKind.LAUGHTER, "<LAUGH>"),
        Words(" ठीक"),
        Tag(TagKind.NOISE, "</noise>"),
    )


@pytest.mark.parametrize("mark", ["[S1]", "<spk2>", "[speaker 12]", "[Speaker_3]"])
def test_speaker_marks_are_tags(mark: str) -> None:
    assert parse_tags(f"{mark} नमस्ते") == (Tag(TagKind.SPEAKER, mark), Words(" नमस्ते"))


def test_a_speaker_with_a_colon_is_a_mark_only_at_the_beginning_of_a_line() -> None:
    assert parse_tags("S1: हाँ\nSPEAKER_02: जी")[::2] == (
        Tag(TagKind.SPEAKER, "S1:"),
        Tag(TagKind.SPEAKER, "SPEAKER_02:"),
    )
    assert parse_tags("bus s1: late") == words("bus s1: late")


def test_an_unknown_word_in_brackets_is_a_word_and_never_lost() -> None:
    assert parse_tags("वह [office] गया") == words("वह [office] गया")
    assert spoken_text("वह [शायद] गया") == "वह [शायद] गया"


@pytest.mark.parametrize(
    ("written", "token"),
    [("[Noise]", "[noise]"), ("<inaudible>", "[unclear]"), ("[S1]", "[s1]"), ("[cut-off]", "[truncated]")],
)
def test_a_kept_tag_has_one_token_however_it_was_written(written: str, token: str) -> None:
    (tag,) = parse_tags(written)
    assert isinstance(tag, Tag)
    assert tag.token == token


def test_alternatives_are_read_as_sclite_reads_them() -> None:
    parsed = parse_alternatives("{ हिंदी / हिन्दी } में { का / @ } काम")
    assert parsed == (
        Alternatives((words(" हिंदी "), words(" हिन्दी "))),
        Words(" में "),
        Alternatives((words(" का "), ())),
        Words(" काम"),
    )


def test_a_slash_without_spaces_parts_branches_where_no_other_does() -> None:
    assert parse_alternatives("{ऑफिस/office}") == (Alternatives((words("ऑफिस"), words("office"))),)
    assert parse_alternatives("{ 1/2 / half }") == (Alternatives((words(" 1/2 "), words(" half "))),)


def test_a_slash_outside_braces_is_text() -> None:
    assert parse_alternatives("हाँ / ना") == words("हाँ / ना")


def test_a_single_branch_is_its_own_words() -> None:
    assert spoken_text("मेरा {office} गया") == "मेरा office गया"


def test_alternatives_may_hold_others_and_tags() -> None:
    (outer,) = parse_alternatives("{ { a / b } c / [noise] d }")
    assert isinstance(outer, Alternatives)
    assert outer.branches == (
        (Alternatives((words(" a "), words(" b "))), Words(" c ")),
        (Tag(TagKind.NOISE, "[noise]"), Words(" d ")),
    )


def test_the_spoken_text_has_no_tags_and_the_first_of_each_alternative() -> None:
    assert spoken_text("S1: { हिंदी / हिन्दी } [noise] में { @ / का } काम") == "हिंदी में काम"


@pytest.mark.parametrize(
    ("text", "position"), [("अ { ब / स", 3), ("अ } ब", 3), ("{ a / b } }", 11), ("{ { a / b }", 1)]
)
def test_a_brace_without_its_partner_is_named_by_position(text: str, position: int) -> None:
    with pytest.raises(TagSyntaxError, match=rf"at character {position} of"):
        parse_alternatives(text)


def test_alternatives_nested_too_deep_are_refused() -> None:
    assert parse_alternatives("{ a / " * 20 + "b" + " }" * 20)
    with pytest.raises(TagSyntaxError, match="nested deeper than 20"):
        parse_alternatives("{ a / " * 21 + "b" + " }" * 21)


@given(st.text(alphabet="ab[]<>{}/@:S1 \nहि\ud800"))
def test_reading_tags_never_raises_and_keeps_every_word(text: str) -> None:
    written = (element.text if isinstance(element, Words) else element.written for element in parse_tags(text))
    assert "".join("".join(written).split()) == "".join(text.split())


@given(st.text(alphabet="ab[]<>{}/@:S1 \nहि"))
def test_a_text_without_signs_of_markup_has_none(text: str) -> None:
    if not may_have_markup(text):
        assert parse_alternatives(text) == (words(text) if text.strip() else ())
