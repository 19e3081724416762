"""Whisper's tokens, whichever engine decodes them: special ids, prompts, and which tokens belong to which script."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pipeline.asr.scripts import TokenScripts
from pipeline.asr.vocabulary import FIRST_MULTILINGUAL_SIZE, N_TIMESTAMPS
from pipeline.errors import ModelUnavailable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_PROMPT_TOKENS = 223
"""Half of the 448 text positions, less `<|startofprev|>`.

Source: openai/whisper, decoding.py (`_get_initial_tokens`).
"""

_SYMBOLS = (
    *'"#()*+/:;<=>@[\\]^_`{|}~「」『』',
    *("<<", ">>", "<<<", ">>>", "--", "---", "-(", "-[", "('", '("', "((", "))", "(((", ")))", "[[", "]]", "{{", "}}"),
    *("♪♪", "♪♪♪"),
)
_MUSICAL_SYMBOLS = tuple("♩♪♫♬♭♮♯")


@dataclass(frozen=True)
class WhisperTokens:
    """The tokens of one Whisper tokenizer. Made by `from_file` or `from_json`."""

    special_ids: Mapping[str, int]
    """By token, for instance `<|transcribe|>`; without timestamps."""
    text_tokens: Sequence[str]
    """Tokens of text in order of id, in the printable alphabet of byte-level vocabularies."""
    tokenizer: Tokenizer = field(repr=False)
    """Encodes text only: `<|transcribe|>` in somebody's text is not the special token."""

    @classmethod
    def from_file(cls, file: Path) -> Self:
        """The tokens of a model folder's tokenizer.json.

        Raises:
            ModelUnavailable: missing, or no Whisper tokenizer.
        """
        try:
            return cls.from_json(file.read_text(encoding="utf-8"), file=str(file))
        except (OSError, UnicodeDecodeError) as error:
            raise ModelUnavailable(f"{file}: not readable, expected the model's tokenizer ({error})") from error

    @classmethod
    def from_json(cls, text: str, *, file: str = "tokenizer.json") -> Self:
        """The tokens of a tokenizer.json given as text.

        Raises:
            ModelUnavailable: no Whisper tokenizer.
        """
        from tokenizers import Tokenizer

        try:
            content = json.loads(text)
            tokenizer = Tokenizer.from_str(json.dumps(content | {"added_tokens": [], "post_processor": None}))
            added = {token["content"]: token["id"] for token in content["added_tokens"]}
            ids: dict[str, int] = content["model"]["vocab"] | added
            n_text = ids["<|endoftext|>"]
            first_timestamp = ids["<|notimestamps|>"] + 1
        except Exception as error:  # the library raises bare Exception
            raise ModelUnavailable(f"{file}: no Whisper tokenizer ({error})") from error
        by_id = {index: token for token, index in ids.items()}
        special = {by_id[index]: index for index in sorted(by_id) if n_text <= index < first_timestamp}
        return cls(special, [by_id.get(index, "") for index in range(n_text)], tokenizer)

    @property
    def end_of_text(self) -> int:
        """Ends every transcript; all ids below it are text."""
        return self.special_ids["<|endoftext|>"]

    @property
    def start_of_transcript(self) -> int:
        """Starts what is decoded."""
        return self.special_ids["<|startoftranscript|>"]

    @property
    def start_of_previous(self) -> int:
        """Starts the text that came before."""
        return self.special_ids["<|startofprev|>"]

    @property
    def transcribe(self) -> int:
        """Asks for text in the language spoken."""
        return self.special_ids["<|transcribe|>"]

    @property
    def no_speech(self) -> int:
        """Its probability tells whether the window holds speech."""
        named = self.special_ids.get("<|nospeech|>", self.special_ids.get("<|nocaptions|>"))
        return self.no_timestamps - 1 if named is None else named

    @property
    def no_timestamps(self) -> int:
        """Asks for text without timestamps."""
        return self.special_ids["<|notimestamps|>"]

    @property
    def first_timestamp(self) -> int:
        """`<|0.00|>`; this and all higher ids are times."""
        return self.no_timestamps + 1

    @property
    def is_multilingual(self) -> bool:
        """Whether the sot sequence holds a language; English-only checkpoints take none."""
        return self.first_timestamp + N_TIMESTAMPS >= FIRST_MULTILINGUAL_SIZE

    @cached_property
    def language_ids(self) -> dict[str, int]:
        """Ids by language code (`hi`, `yue`): 99 or 100 of them, in the checkpoint's order."""
        first, last = self.start_of_transcript + 1, self.special_ids["<|translate|>"]
        if last < first:
            return {}
        return {token[2:-2]: index for token, index in self.special_ids.items() if first <= index < last}

    @property
    def languages(self) -> frozenset[str]:
        """Languages that can be asked for; English alone where the start sequence takes none."""
        return frozenset(self.language_ids) if self.is_multilingual else frozenset({"en"})

    @cached_property
    def blank_ids(self) -> tuple[int, ...]:
        """Tokens that may not come first: a space, and the end."""
        return (*self.encode(" "), self.end_of_text)

    @cached_property
    def non_speech_ids(self) -> tuple[int, ...]:
        """Speaker tags, musical notes and control tokens, which are never spoken.

        Source: openai/whisper, tokenizer.py (`non_speech_tokens`) and decoding.py (`_get_suppress_tokens`).
        """
        found = {self.encode(" -")[0], self.encode(" '")[0]}
        for symbol in (*_SYMBOLS, *_MUSICAL_SYMBOLS):
            for ids in (self.encode(symbol), self.encode(f" {symbol}")):
                if len(ids) == 1 or symbol in _MUSICAL_SYMBOLS:
                    found.add(ids[0])
        control = ("<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>")
        found |= {self.special_ids[token] for token in control if token in self.special_ids} | {self.no_speech}
        return tuple(sorted(found))

    def encode(self, text: str) -> tuple[int, ...]:
        """Ids of a text in NFC, special tokens in it taken as the characters they are written with."""
        return tuple(self.tokenizer.encode(unicodedata.normalize("NFC", text), add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids below `end_of_text`; others say nothing."""
        return str(self.tokenizer.decode([index for index in ids if index < self.end_of_text]))

    def start_sequence(self, language: str) -> tuple[int, ...]:
        """What decoding starts from: language, task, no timestamps.

        Raises:
            ModelUnavailable: the checkpoint has no such language.
        """
        if not self.is_multilingual:
            return (self.start_of_transcript, self.no_timestamps)
        if language not in self.language_ids:
            raise ModelUnavailable(
                f"this checkpoint has no language {language!r}; it has {', '.join(self.language_ids)}"
            )
        return (self.start_of_transcript, self.language_ids[language], self.transcribe, self.no_timestamps)

    def prompt(self, language: str, previous: str | None = None) -> tuple[int, ...]:
        """The start sequence behind the last 223 tokens of what came before or of a hint.

        Raises:
            ModelUnavailable: the checkpoint has no such language.
        """
        start = self.start_sequence(language)
        if previous is None or not previous.strip():
            return start
        hint = self.encode(f" {previous.strip()}")[-MAX_PROMPT_TOKENS:]
        return (self.start_of_previous, *hint, *start)

    @cached_property
    def _scripts(self) -> TokenScripts:
        return TokenScripts.of(self.text_tokens)

    def tokens_outside(self, script: str) -> tuple[int, ...]:
        """Ids of tokens that can only decode to letters of another script than this (ISO 15924) or Latin.

        Raises:
            ValueError: no such script.
        """
        return self._scripts.outside(script)
