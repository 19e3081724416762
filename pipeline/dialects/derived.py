"""What follows from the script and the language of a variety, so that no row has to repeat it."""

from __future__ import annotations

from types import MappingProxyType

from pipeline.dialects.varieties import Direction, ScoringUnit

_HAN_SCRIPTS = frozenset({"Hans", "Hant"})
_RTL_SCRIPTS = frozenset({"Arab"})
_SCRIPTS_WITHOUT_SPACES = frozenset({"Tibt"})

LONGEST_SEGMENT_MS = MappingProxyType(
    {
        "Guru": 12_000,
        "Orya": 12_000,
        "Gujr": 12_000,
        "Mlym": 12_000,
        "Beng": 15_500,
        "Telu": 17_000,
        "Knda": 18_000,
        "Deva": 25_000,
        "Taml": 25_000,
        "Arab": 25_000,
        "Hans": 25_000,
        "Hant": 25_000,
        "Latn": 25_000,
        "Cyrl": 25_000,
        "Tibt": 6_500,
    }
)
"""Longest clip, in milliseconds, whose text stays under 440 Whisper tokens at a reading pace, by script.

Source: tokens of article 1 of the Universal Declaration of Human Rights in each language, read in about 12 s
(English 34, Chinese 47, Urdu 92, Sindhi 112, Kashmiri 157, Nepali 184, Hindi 195, Tamil 199, Marathi 210,
Kannada 276, Telugu 293, Assamese 325, Bengali 334, Gujarati 420, Malayalam 425, Odia 435, Punjabi 439, Tibetan 777).
A value is 12 s * 440 / tokens of the script's costliest language, rounded down; Telugu and Kannada keep a second in
reserve. 440 are the 448 positions of the decoder less the start of the sequence. Where more would fit, 25 s leave room
for padding in the encoder's window of 30 s.
"""

_LONGEST_IN_UNKNOWN_SCRIPT_MS = 12_000
"""Ol Chiki, Meetei Mayek and others that the vocabulary spells byte by byte: 2 to 3 tokens a letter, as in Odia."""

_PROMPTS = MappingProxyType(
    {
        ("yue", "Hant"): "以下係廣東話嘅句子。佢哋喺度講，唔係普通話。",
        ("yue", "Hans"): "以下系广东话嘅句子。佢哋喺度讲，唔系普通话。",
    }
)
_PROMPTS_BY_SCRIPT = MappingProxyType({"Hans": "以下是普通话的句子。", "Hant": "以下是普通話的句子。"})


def writing_direction(script: str) -> Direction:
    """Direction of a script by its ISO 15924 code."""
    return Direction.RTL if script in _RTL_SCRIPTS else Direction.LTR


def scoring_unit(script: str) -> ScoringUnit:
    """Mixed tokens for Han text, characters for other scripts without spaces between words, words else."""
    if script in _HAN_SCRIPTS:
        return ScoringUnit.MIXED
    return ScoringUnit.CHARACTER if script in _SCRIPTS_WITHOUT_SPACES else ScoringUnit.WORD


def longest_segment_ms(script: str) -> int:
    """Longest clip whose text in this script fits into one decoding; see `LONGEST_SEGMENT_MS`."""
    return LONGEST_SEGMENT_MS.get(script, _LONGEST_IN_UNKNOWN_SCRIPT_MS)


def prompt(iso639_3: str, script: str) -> str | None:
    """Initial prompt that keeps Whisper to simplified or traditional characters, and to written Cantonese.

    The Cantonese one also serves checkpoints that lack the `yue` token: its particles 嘅 佢 喺 唔係 are what
    standard Chinese does not write.
    Source: https://github.com/openai/whisper/discussions/277 (script);
    https://github.com/openai/whisper/pull/1926 (`yue`).
    """
    return _PROMPTS.get((iso639_3, script)) or _PROMPTS_BY_SCRIPT.get(script)
