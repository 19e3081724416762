"""References with alternatives are counted along their cheapest branch, as NIST sclite counts them."""

from __future__ import annotations

import random
import re
from pathlib import Path

from pipeline.metrics.count_table import count
from pipeline.metrics.counts import ErrorCounts
from pipeline.text.alternatives import hypothesis_tokens, reference_tokens
from pipeline.text.profiles import get_profile
from tests.pipeline.metrics.scored_pairs import Sctk, disturbed, lexicon

PROFILE = get_profile("deva-hi/1")


def counted(reference: str, hypothesis: str) -> ErrorCounts:
    tokens = hypothesis_tokens(hypothesis, PROFILE)
    return count(reference_tokens(reference, tokens, PROFILE), tokens)


def test_the_length_of_the_reference_is_that_of_the_chosen_branch() -> None:
    reference = "{ हिंदी / हिन्दी } में { ऑफिस / office } { का / @ } काम"
    assert counted(reference, "हिन्दी में office काम") == ErrorCounts(hits=4)
    assert counted(reference, "हिंदी में ऑफिस का काम") == ErrorCounts(hits=5)
    assert counted(reference, "हिंदू में काम") == ErrorCounts(hits=2, substitutions=1, deletions=1)


def test_errors_with_alternatives_equal_sclites(sctk: Sctk, tmp_path: Path) -> None:
    """500 references with up to four alternatives of one to three words, some empty."""
    rng = random.Random(21)
    words = [word for word in lexicon("Deva", rng, n_words=400) if word == " ".join(hypothesis_tokens(word, PROFILE))]
    references, hypotheses = zip(*(pair_with_alternatives(words, rng) for _ in range(500)), strict=True)
    for name, texts in (("ref", references), ("hyp", hypotheses)):
        lines = [f"{text} (spk_{i:05})\n" for i, text in enumerate(texts)]
        (tmp_path / f"{name}.trn").write_text("".join(lines), encoding="utf-8")
    names = ["-r", "ref.trn", "trn", "-h", "hyp.trn", "trn", "-i", "rm"]
    report = sctk.run("sclite", *names, "-s", "-e", "utf-8", "-o", "pralign", "stdout")
    scores = re.findall(r"^Scores: \(#C #S #D #I\) \d+ (\d+) (\d+) (\d+)", report, re.MULTILINE)
    theirs = [sum(map(int, numbers)) for numbers in scores]
    ours = [counted(*pair).n_errors for pair in zip(references, hypotheses, strict=True)]
    assert len(theirs) == len(ours)
    assert ours == theirs


def pair_with_alternatives(words: list[str], rng: random.Random) -> tuple[str, str]:
    """A reference with alternatives, and a hypothesis that took one branch of each and made errors."""
    written: list[str] = []
    said: list[str] = []
    for _ in range(rng.randint(1, 12)):
        if rng.random() < 0.3:
            branches = [" ".join(rng.choices(words, k=rng.randint(1, 3))) for _ in range(2)]
            branches += ["@"] if rng.random() < 0.3 else []
            written.append(f"{{ {' / '.join(branches)} }}")
            said += [word for word in rng.choice(branches).split() if word != "@"]
        else:
            said.append(rng.choice(words))
            written.append(said[-1])
    return " ".join(written), " ".join(disturbed(said, words, rng))
