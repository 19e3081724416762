from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.edges import TextConcern, TextUnreadable, at_edge, decoded, warnings_for

DEVANAGARI = frozenset({"Deva"})


def concerns(text: str, *scripts: str) -> list[TextConcern]:
    return [warning.concern for warning in warnings_for(text, scripts=frozenset(scripts))]


def test_a_byte_order_mark_is_left_out_and_line_ends_are_made_one() -> None:
    assert decoded("\ufeffहाँ\r\nजी\rठीक\n".encode(), source="a.txt") == "हाँ\nजी\nठीक\n"


def test_text_comes_in_as_nfc() -> None:
    assert decoded("cafe\u0301 \u0958".encode(), source="a.txt") == "café \u0915\u093c"


def test_a_byte_that_is_not_utf_8_is_named_with_file_and_line() -> None:
    with pytest.raises(TextUnreadable, match=r"^a\.txt, line 3: byte 0xe9 is not UTF-8") as raised:
        decoded(b"one\ntwo\ncaf\xe9\n", source="a.txt")
    assert raised.value.line == 3
    assert not raised.value.retryable


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_another_encoding_is_named(encoding: str) -> None:
    with pytest.raises(TextUnreadable, match=rf"in {encoding.upper()}; expected UTF-8"):
        decoded("नमस्ते".encode(encoding), source="a.txt")


def test_a_binary_file_is_refused() -> None:
    with pytest.raises(TextUnreadable, match=r"line 2: a null character"):
        decoded(b"RIFF\n\0\0", source="a.wav")


def test_a_file_that_is_too_large_is_refused_with_both_sizes() -> None:
    with pytest.raises(TextUnreadable, match=r"it has 11 bytes; at most 10 "):
        decoded(b"x" * 11, source="a.txt", max_bytes=10)


@given(st.text(alphabet=st.characters(codec=None)))
def test_the_edge_is_crossed_once(text: str) -> None:
    inside = at_edge(text)
    assert at_edge(inside) == inside
    assert unicodedata.is_normalized("NFC", inside)
    assert "\r" not in inside


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_a_clear_refusal(content: bytes) -> None:
    try:
        content.decode()
        is_text = b"\0" not in content and not content.startswith((b"\xff\xfe", b"\xfe\xff"))
    except UnicodeDecodeError:
        is_text = False
    if is_text:
        assert unicodedata.is_normalized("NFC", decoded(content, source="a.txt"))
    else:
        with pytest.raises(TextUnreadable, match=r"^a\.txt"):
            decoded(content, source="a.txt")


def test_letters_of_a_sister_script_are_a_concern_and_one_slip_is_not() -> None:
    assert concerns("मेरा নাম", "Deva") == [TextConcern.FOREIGN_SCRIPT]
    assert concerns("मेरा ন", "Deva") == []
    (warning,) = warnings_for("मेरा নাম", scripts=DEVANAGARI)
    assert warning.message == "letters of another script: 3 in Beng; expected Deva"


def test_code_mixing_is_no_concern_but_latin_alone_is() -> None:
    assert concerns("मेरा office कहाँ है", "Deva") == []
    assert concerns("mera office kahan hai", "Deva") == [TextConcern.LATIN_ONLY]
    assert concerns("goa mhaka avoddta", "Latn") == []


def test_either_han_script_is_written_in_han_characters() -> None:
    assert concerns("係邊度 ok", "Hant") == []
    assert concerns("ひらがなです", "Hans") == [TextConcern.FOREIGN_SCRIPT]


def test_damage_is_named() -> None:
    assert concerns("हा\ufffd\ufffd", "Deva") == [TextConcern.REPLACEMENT_CHARACTER]
    assert concerns("हा\ud800", "Deva") == [TextConcern.UNPAIRED_SURROGATE]
    assert concerns("हा\ue000", "Deva") == [TextConcern.PRIVATE_USE]


def test_a_segment_that_nobody_can_speak_is_a_concern() -> None:
    assert concerns("हाँ " * 700, "Deva") == [TextConcern.TOO_LONG]
    assert concerns("हाँ " * 100, "Deva") == []


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_string_can_be_looked_at(text: str) -> None:
    assert len(warnings_for(text, scripts=DEVANAGARI)) <= len(text) + 3
