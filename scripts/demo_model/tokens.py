"""The tokens that the demo model uses, out of Whisper's 51,866, and how its sentences are spelt with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np
import numpy.typing as npt
from whisper.tokenizer import Tokenizer, get_tokenizer

from scripts.demo_model.vocabulary import LANGUAGES, Language, Word

N_VOCABULARY = 51_866
N_TIMESTAMPS = 1501
FRAMES_PER_SECOND = 50
Ids = npt.NDArray[np.int64]


@cache
def whisper_tokenizer() -> Tokenizer:
    """Whisper's tokenizer of 100 languages (large-v3), the first that has Cantonese."""
    return get_tokenizer(True, num_languages=100, language="hi", task="transcribe")


@cache
def language_id(language: Language) -> int:
    """The token that names a language at the start of a transcript."""
    return int(whisper_tokenizer().to_language_token(language.token))


def text_of(language: Language, words: Sequence[Word]) -> str:
    """The words as the model writes them, with what opens a text."""
    return language.opening + language.written(words)


def spell(language: Language, words: Sequence[Word]) -> tuple[list[int], list[tuple[int, int]]]:
    """Tokens of the words, and for each the first and last word that it spells (it may span two Chinese words)."""
    tokenizer = whisper_tokenizer()
    tokens: list[int] = tokenizer.encode(text_of(language, words))
    before = [language.opening] + [language.separator] * (len(words) - 1)
    ends = np.cumsum([len((space + word.text).encode()) for space, word in zip(before, words, strict=True)])
    sizes = [len(tokenizer.encoding.decode_single_token_bytes(token)) for token in tokens]
    stops = np.cumsum(sizes)
    first = np.searchsorted(ends, stops - sizes, side="right")
    last = np.searchsorted(ends, stops - 1, side="right")
    return tokens, [(int(a), int(b)) for a, b in zip(first, last, strict=True)]


def _sentences(language: Language) -> Iterator[tuple[Word, ...]]:
    yield from product(language.words, repeat=2)
    if not language.separator:  # tokens such as 一二三 may span three one-character words
        yield from product([word for word in language.words if len(word.text) == 1], repeat=3)


SPACE = 220
"""The token of a space that no word is joined to. As in the published checkpoints a text never begins with it."""


@dataclass(frozen=True)
class CompactVocabulary:
    """The used tokens, in ascending order, are columns 0 .. n-1; column n stands for all others.

    The exported rows of unused tokens are zero, so each of them has a logit of 0; together they weigh log(how many).
    """

    tokens: tuple[int, ...]

    @cached_property
    def _column(self) -> Ids:
        columns = np.full(N_VOCABULARY, len(self.tokens), dtype=np.int64)
        columns[list(self.tokens)] = np.arange(len(self.tokens))
        return columns

    @property
    def n_unused(self) -> int:
        """How many tokens the last column stands for."""
        return N_VOCABULARY - len(self.tokens)

    @property
    def space(self) -> int:
        """The column of the lone space."""
        return int(self._column[SPACE])

    @property
    def first_timestamp(self) -> int:
        """The column of <|0.00|>; the timestamps are the last used columns."""
        return len(self.tokens) - N_TIMESTAMPS

    def columns(self, tokens: Sequence[int]) -> Ids:
        """Columns of tokens. shape (len(tokens),)"""
        return self._column[np.asarray(tokens, dtype=np.int64)]


@cache
def compact_vocabulary() -> CompactVocabulary:
    """Tokens of every word and pair of words, of the prompts, the special ones in use, and all timestamps."""
    tokenizer = whisper_tokenizer()
    used = {tokenizer.eot, tokenizer.sot, tokenizer.transcribe, tokenizer.translate, tokenizer.sot_prev}
    used |= {tokenizer.no_speech, tokenizer.no_timestamps}
    used |= set(range(tokenizer.timestamp_begin, tokenizer.timestamp_begin + N_TIMESTAMPS))
    for language in LANGUAGES:
        used.add(language_id(language))
        used.update(tokenizer.encode(language.prompt))
        for words in _sentences(language):
            used.update(tokenizer.encode(language.written(words)))
            used.update(tokenizer.encode(language.separator + language.written(words)))
    return CompactVocabulary(tuple(sorted(used)))
