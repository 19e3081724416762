"""Special tokens, prompts, and which tokens belong to which script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.asr.scripts import code_point_ranges
from pipeline.asr.tokens import MAX_PROMPT_TOKENS, WhisperTokens
from pipeline.errors import ModelUnavailable

TokenizerJson = Callable[[int], str]


@pytest.fixture(scope="module")
def tokens(whisper_tokenizer_json: TokenizerJson) -> WhisperTokens:
    return WhisperTokens.from_json(whisper_tokenizer_json(51865))


@pytest.mark.parametrize(
    ("n_vocab", "end_of_text", "no_timestamps", "n_languages"),
    [(51864, 50256, 50362, 99), (51865, 50257, 50363, 99), (51866, 50257, 50364, 100)],
)
def test_special_ids_are_those_of_the_published_checkpoints(
    whisper_tokenizer_json: TokenizerJson, n_vocab: int, end_of_text: int, no_timestamps: int, n_languages: int
) -> None:
    tokens = WhisperTokens.from_json(whisper_tokenizer_json(n_vocab))
    assert tokens.end_of_text == end_of_text
    assert tokens.no_timestamps == no_timestamps
    assert tokens.first_timestamp == no_timestamps + 1
    assert tokens.no_speech == no_timestamps - 1
    assert len(tokens.language_ids) == n_languages
    assert ("yue" in tokens.language_ids) == (n_languages == 100)
    assert tokens.is_multilingual == (n_vocab > 51864)


def test_the_start_sequence_names_language_and_task(tokens: WhisperTokens) -> None:
    assert tokens.start_sequence("hi") == (50258, 50276, 50359, 50363)


def test_an_english_only_checkpoint_takes_no_language(whisper_tokenizer_json: TokenizerJson) -> None:
    tokens = WhisperTokens.from_json(whisper_tokenizer_json(51864))
    assert tokens.start_sequence("hi") == (50257, 50362)
    assert tokens.languages == {"en"}


def test_a_language_the_checkpoint_lacks_is_an_error_that_lists_what_it_has(tokens: WhisperTokens) -> None:
    with pytest.raises(ModelUnavailable, match=r"no language 'yue'; it has en, zh"):
        tokens.start_sequence("yue")


def test_a_prompt_keeps_the_last_223_tokens_before_the_start_sequence(tokens: WhisperTokens) -> None:
    prompt = tokens.prompt("hi", "a" * 300 + "b")
    assert prompt[0] == tokens.start_of_previous
    assert prompt[-4:] == tokens.start_sequence("hi")
    assert len(prompt) == 1 + MAX_PROMPT_TOKENS + 4
    assert tokens.decode(prompt[1:-4]) == "a" * 222 + "b"
    assert tokens.prompt("hi", "  ") == tokens.prompt("hi") == tokens.start_sequence("hi")


def test_text_comes_back_as_it_went_in(tokens: WhisperTokens) -> None:
    text = "नमस्ते, यह 12% है। 中文 اردو é"
    assert tokens.decode(tokens.encode(text)) == text


def test_control_tokens_written_in_a_text_are_only_letters(tokens: WhisperTokens) -> None:
    ids = tokens.encode("<|endoftext|><|transcribe|>")
    assert max(ids) < tokens.end_of_text
    assert tokens.decode(ids) == "<|endoftext|><|transcribe|>"


def test_decoding_leaves_control_tokens_and_times_out(tokens: WhisperTokens) -> None:
    ids = (*tokens.start_sequence("hi"), tokens.first_timestamp, *tokens.encode("hi"), tokens.end_of_text)
    assert tokens.decode(ids) == "hi"


def test_brackets_and_control_tokens_are_never_spoken(tokens: WhisperTokens) -> None:
    suppressed = set(tokens.non_speech_ids)
    assert {tokens.start_of_transcript, tokens.start_of_previous, tokens.no_speech} <= suppressed
    assert tokens.encode("(")[0] in suppressed
    assert not suppressed & {tokens.encode(mark)[0] for mark in ",.?!"}
    assert tokens.end_of_text not in suppressed


KEPT_ALWAYS = {" is", "é", "9", "।", "、", "♪", "continuation", "danda lead"}
LETTERS = {
    "Deva": {"क", " नम", "Devanagari lead"},
    "Taml": {"த", "Tamil lead"},
    "Hans": {"中", " 中文", "continuation, then Han"},
    "Hant": {"中", " 中文", "continuation, then Han"},
    "Jpan": {"中", " 中文", "continuation, then Han", "あ", "ア", "hiragana lead"},
    "Arab": {"ب"},
    "Cyrl": {"ж"},
    "Kore": {"한", "Hangul lead", "中", " 中文", "continuation, then Han"},
    "Latn": set(),
    "Beng": set(),
}


@pytest.mark.parametrize("script", LETTERS)
def test_only_tokens_that_must_be_letters_of_another_script_are_outside(
    tokens: WhisperTokens, spoken_id: Callable[[str], int], script: str
) -> None:
    names = set().union(*LETTERS.values()) | KEPT_ALWAYS
    outside = set(tokens.tokens_outside(script))
    assert {name for name in names if spoken_id(name) not in outside} == LETTERS[script] | KEPT_ALWAYS


def test_single_bytes_stay_unless_they_can_only_begin_foreign_letters(tokens: WhisperTokens) -> None:
    outside = set(tokens.tokens_outside("Deva"))
    kept_bytes = {*range(0x80), *range(0x80, 0xC0), 0xC2, 0xC3, 0xE0, 0xE1, 0xE2, 0xE3, 0xEF, 0xF0}
    assert not outside & kept_bytes
    # Cyrillic, Hebrew, Han, Hangul
    assert {0xD0, 0xD1, 0xE5, 0xE6, 0xE7, 0xE8, 0xEC} <= outside


def test_suppressing_nothing_of_the_script_itself(tokens: WhisperTokens) -> None:
    for script, text in {"Deva": "हिन्दी ज़िंदगी १२", "Beng": "বাংলা ৎ", "Arab": "اردو ہے", "Olck": "ᱥᱟᱱᱛᱟᱲᱤ"}.items():
        assert not set(tokens.encode(text)) & set(tokens.tokens_outside(script)), script


def test_an_unknown_script_is_an_error(tokens: WhisperTokens) -> None:
    with pytest.raises(ValueError, match="unknown script 'Klingon'"):
        tokens.tokens_outside("Klingon")


@pytest.mark.parametrize(
    ("token", "ranges"),
    [
        ("क".encode(), [(0x915, 0x915)]),
        (b"\xe0\xa4", [(0x900, 0x93F)]),
        (b"\xe0", [(0x800, 0xFFF)]),
        (b"\xed", [(0xD000, 0xD7FF)]),
        (b"\xf0", [(0x10000, 0x3FFFF)]),
        (b"\xf4", [(0x100000, 0x10FFFF)]),
        (b"\xa4\x95a\xd0", [(0x61, 0x61), (0x400, 0x43F)]),
        (b"\xff\xc0\x80", []),
        (b"", []),
    ],
)
def test_code_points_that_a_token_is_sure_to_hold(token: bytes, ranges: list[tuple[int, int]]) -> None:
    assert list(code_point_ranges(token)) == ranges


def test_a_missing_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"tokenizer\.json: not readable, expected the model's tokenizer"):
        WhisperTokens.from_file(tmp_path / "tokenizer.json")


@pytest.mark.train
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("n_vocab", [51864, 51865, 51866])
def test_the_rebuilt_tokenizer_agrees_with_openai_whisper(n_vocab: int) -> None:
    pytest.importorskip("whisper")
    from whisper.tokenizer import get_tokenizer

    from pipeline.asr.vocabulary import openai_tokenizer_json, vocabulary_of

    text = openai_tokenizer_json(n_vocab)
    tokens = WhisperTokens.from_json(text)
    theirs = get_tokenizer(n_vocab > 51864, num_languages=100 if n_vocab == 51866 else 99, language="hi")
    assert vocabulary_of(text, n_vocab, file="rebuilt")[-1] == "<|30.00|>"
    assert tokens.special_ids == {
        token: index for token, index in theirs.special_tokens.items() if index <= theirs.no_timestamps
    }
    for sample in ("नमस्ते दुनिया 123, यह ठीक है।", "你好，世界！ABC", "வணக்கம்", "It's  two\n lines", "ਪੰਜਾਬੀ ଓଡ଼ିଆ اردو"):
        assert list(tokens.encode(sample)) == theirs.encode(sample)
    control = {theirs.sot, theirs.transcribe, theirs.translate, theirs.sot_prev, theirs.sot_lm, theirs.no_speech}
    assert set(tokens.non_speech_ids) == {*theirs.non_speech_tokens, *control}
    assert tokens.start_sequence("hi") == theirs.sot_sequence_including_notimestamps
