"""Which tokens of a byte-level vocabulary can only decode to letters of another script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import regex

from pipeline.asr.vocabulary import byte_alphabet

N_CODE_POINTS = 0x110000
_SCRIPTS_OF = {"Hans": ("Hani",), "Hant": ("Hani",), "Jpan": ("Hani", "Hira", "Kana"), "Kore": ("Hang", "Hani")}
"""ISO 15924 codes that are no Unicode script of their own. Han alone leaves kana, hangul and bopomofo out."""


@dataclass(frozen=True, slots=True)
class TokenScripts:
    """Code points that each token of text is sure to hold, or to begin."""

    owners: npt.NDArray[np.int32]
    """Shape (n_ranges,): token id of each range."""
    firsts: npt.NDArray[np.int32]
    """Shape (n_ranges,): lowest code point it may be; a whole character has one only."""
    lasts: npt.NDArray[np.int32]
    """Shape (n_ranges,): highest code point it may be."""
    answers: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, tokens: Sequence[str]) -> TokenScripts:
        """The scripts of tokens in order of id, written in the printable alphabet of byte-level vocabularies."""
        byte_of = {char: byte for byte, char in byte_alphabet().items()}
        rows = [
            (index, first, last)
            for index, token in enumerate(tokens)
            if all(char in byte_of for char in token)
            for first, last in code_point_ranges(bytes(byte_of[char] for char in token))
        ]
        owners, firsts, lasts = np.array(rows, dtype=np.int32).reshape(-1, 3).T
        return cls(owners, firsts, lasts)

    def outside(self, script: str) -> tuple[int, ...]:
        """Ids of tokens with a character, or the start of one, that can only be a letter of another script.

        Letters of the script and of Latin, digits, punctuation, and marks that scripts share always stay.
        Raises:
            ValueError: no such script.
        """
        if script not in self.answers:
            n_welcome = _welcome_before(script)
            is_foreign = n_welcome[self.lasts + 1] == n_welcome[self.firsts]
            self.answers[script] = tuple(np.unique(self.owners[is_foreign]).tolist())
        return self.answers[script]


def code_point_ranges(token: bytes) -> Iterator[tuple[int, int]]:
    """Lowest and highest code point of each character that starts in a token; equal where it is whole.

    Bytes that continue a character of the token before, and bytes that UTF-8 never has, tell nothing.
    """
    start = 0
    while start < len(token):
        n_bytes = _n_bytes_after_lead(token[start])
        if n_bytes == 0:
            start += 1
            continue
        known = token[start : start + n_bytes]
        n_missing = n_bytes - len(known)
        try:
            yield _code_point(known + b"\x80" * n_missing), _code_point(known + b"\xbf" * n_missing)
        except UnicodeDecodeError:
            yield from _overlong_or_surrogate(known, n_missing)
        start += n_bytes


def _n_bytes_after_lead(byte: int) -> int:
    """Length of the UTF-8 character that starts with this byte; 0 where none does."""
    if byte < 0x80:
        return 1
    for first, last, length in ((0xC2, 0xDF, 2), (0xE0, 0xEF, 3), (0xF0, 0xF4, 4)):
        if first <= byte <= last:
            return length
    return 0


def _code_point(character: bytes) -> int:
    return ord(character.decode("utf-8"))


def _overlong_or_surrogate(known: bytes, n_missing: int) -> Iterator[tuple[int, int]]:
    """The range of a lead byte whose lowest or highest continuations are not valid UTF-8."""
    whole_ranges = {b"\xe0": (0x800, 0xFFF), b"\xed": (0xD000, 0xD7FF), b"\xf0": (0x10000, 0x3FFFF)}
    whole_ranges[b"\xf4"] = (0x100000, 0x10FFFF)
    if n_missing and known in whole_ranges:
        yield whole_ranges[known]


@lru_cache(maxsize=64)
def _welcome_before(script: str) -> npt.NDArray[np.int32]:
    """Shape (n_code_points + 1,): how many code points below each are welcome in text of a script."""
    names = "".join(rf"\p{{Script={name}}}" for name in _SCRIPTS_OF.get(script, (script,)))
    always = r"\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}\p{N}\p{P}\p{S}\p{Z}\p{Cc}\p{Cf}"
    try:
        pattern = regex.compile(rf"[{always}{names}--[\p{{Cn}}\p{{Co}}]]", regex.V1)
    except regex.error as error:
        raise ValueError(f"unknown script {script!r}, expected an ISO 15924 code such as Deva or Hans") from error
    is_welcome = np.zeros(N_CODE_POINTS, dtype=bool)
    for start, stop in ((0, 0xD800), (0xE000, N_CODE_POINTS)):
        text = "".join(map(chr, range(start, stop)))
        for match in regex.finditer(rf"{pattern.pattern}+", text, regex.V1):
            is_welcome[start + match.start() : start + match.end()] = True
    return np.concatenate(([0], np.cumsum(is_welcome, dtype=np.int32)))
