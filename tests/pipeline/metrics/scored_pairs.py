"""Generated references and hypotheses in several scripts, and edit distance as the textbook has it."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

ALPHABETS = {
    "Deva": [chr(code) for code in range(0x0915, 0x0939)],
    "Taml": list("கஙசஞடணதநபமயரலவழளறன"),
    "Arab": list("ابپتٹثجچحخدڈرڑزسشصضطظعغفقکگلمنوہی"),
    "Hani": [chr(code) for code in range(0x4E00, 0x4E80)],
    "Latn": list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
}
VOWELS = {"Deva": "ािीुूेैोौं", "Taml": "ாிீுூெேைொோ", "Arab": "", "Hani": "", "Latn": ""}

unhurried = settings(deadline=None)
"""For properties: a busy machine is no reason to fail."""
TOKENS = st.lists(st.sampled_from(["क", "ख", "the", "我", "க"]), max_size=12)
"""Few words, so that many alignments are equally short."""


def lexicon(script: str, rng: random.Random, *, n_words: int) -> list[str]:
    """Different words of one script; single characters for Han."""
    letters, vowels = ALPHABETS[script], VOWELS[script]
    if script == "Hani":
        return letters
    words: dict[str, None] = {}
    while len(words) < n_words:
        syllables = [rng.choice(letters) + (rng.choice(vowels) if vowels else "") for _ in range(rng.randint(1, 4))]
        words["".join(syllables)] = None
    return list(words)


def generated_pairs(
    script: str, *, n_pairs: int, seed: int, n_words: int = 800
) -> tuple[list[list[str]], list[list[str]]]:
    """References of 0 to 20 tokens with Zipf frequencies, and hypotheses with errors of every kind, some empty."""
    rng = random.Random(seed)
    words = lexicon(script, rng, n_words=n_words)
    weights = [1 / (rank + 1) for rank in range(len(words))]
    references = [rng.choices(words, weights, k=rng.randint(0, 20)) for _ in range(n_pairs)]
    return references, [disturbed(reference, words, rng) for reference in references]


def disturbed(reference: Sequence[str], words: Sequence[str], rng: random.Random) -> list[str]:
    """A hypothesis: 12 % substitutions, 6 % deletions, 6 % insertions, 3 % nothing at all."""
    if rng.random() < 0.03:
        return []
    hypothesis: list[str] = []
    for token in reference:
        chance = rng.random()
        if chance < 0.12:
            hypothesis.append(rng.choice(words))
        elif chance < 0.18:
            continue
        else:
            hypothesis.append(token)
            hypothesis += [rng.choice(words)] if chance < 0.24 else []
    return hypothesis


def distance_table(reference: Sequence[str], hypothesis: Sequence[str]) -> list[list[int]]:
    """Edit distances of all beginnings of both, after Wagner & Fischer 1974."""
    table = [[i + j for j in range(len(hypothesis) + 1)] for i in range(len(reference) + 1)]
    for i, wanted in enumerate(reference, start=1):
        for j, found in enumerate(hypothesis, start=1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (wanted != found))
    return table


@dataclass(frozen=True, slots=True)
class Sctk:
    """NIST's programs, run in a folder of their own: they leave files behind."""

    programs: str
    folder: Path

    def run(self, program: str, *arguments: str, given: str = "") -> str:
        command = [str(Path(self.programs) / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, input=given.encode(), capture_output=True, timeout=120, check=True
        )
        return done.stdout.decode("utf-8", errors="replace")
