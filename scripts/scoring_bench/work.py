"""What is timed: each scorer on the same pairs, from inputs in memory to figures."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.scoring.inputs import Corpus, DialectPairs, Unmatched
from pipeline.dialects.catalogue import get_dialect
from pipeline.metrics.counts import ErrorCounts, total
from pipeline.transcripts import About, Pair
from scripts.scoring_bench.pairs import BenchPair

Tokens = list[list[str]]
SCTK_FOLDER = "/usr/lib/sctk/bin"


@dataclass(frozen=True, slots=True)
class Load:
    """Pairs in the forms that scorers take; all of them but `pairs` are already normalised."""

    pairs: Sequence[BenchPair]
    references: Tokens
    hypotheses: Tokens

    @property
    def joined(self) -> tuple[list[str], list[str]]:
        """Both sides as texts with single spaces."""
        return list(map(" ".join, self.references)), list(map(" ".join, self.hypotheses))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scorer found, to be compared with the others."""

    n_errors: int
    n_ref: int


Work = Callable[[], Outcome]


def jiwer_words(load: Load) -> Work:
    """`jiwer.process_words` on texts."""
    import jiwer

    references, hypotheses = load.joined

    def work() -> Outcome:
        found = jiwer.process_words(references, hypotheses)
        n_errors = found.substitutions + found.deletions + found.insertions
        return Outcome(n_errors, found.hits + found.substitutions + found.deletions)

    return work


def kaldialign_words(load: Load) -> Work:
    """`kaldialign.batch_error_rate` on tokens."""
    import kaldialign

    def work() -> Outcome:
        found = kaldialign.batch_error_rate(load.references, load.hypotheses)
        return Outcome(int(found["total"]), int(found["ref_len"]))

    return work


def meeteval_words(load: Load) -> Work:
    """meeteval's single-speaker word error rate, pair by pair, summed."""
    from meeteval.wer import combine_error_rates
    from meeteval.wer.wer.siso import siso_word_error_rate

    references, hypotheses = load.joined

    def work() -> Outcome:
        found = combine_error_rates([siso_word_error_rate(*pair) for pair in zip(references, hypotheses, strict=True)])
        return Outcome(found.errors, found.length)

    return work


def sclite_words(load: Load) -> Work:
    """NIST sclite as a process, from two TRN files to its summary."""
    from pipeline.transcripts import trn

    program = shutil.which("sclite", path=os.pathsep.join((os.environ["PATH"], SCTK_FOLDER)))
    if program is None:
        raise ImportError("sclite is not installed (Debian package sctk)")
    folder = Path(tempfile.mkdtemp())
    ids = [f"s-{place}" for place in range(len(load.references))]
    for name, side in (("r", load.references), ("h", load.hypotheses)):
        (folder / name).write_text(trn.render(zip(ids, side, strict=True)), encoding="utf-8")
    command = [program, "-r", "r", "trn", "-h", "h", "trn", "-i", "spu_id", "-s", "-o", "rsum", "stdout"]

    def work() -> Outcome:
        result = subprocess.run(command, cwd=folder, capture_output=True, check=True)
        (line,) = (line for line in result.stdout.decode().splitlines() if "| Sum " in line)
        cells = line.replace("|", " ").split()
        return Outcome(n_errors=int(cells[7]), n_ref=int(cells[2]))

    return work


def boli_counting(load: Load) -> Work:
    """Words counted, from tokens."""
    from pipeline.metrics.count_table import count_all

    def work() -> Outcome:
        return _outcome([count_all(load.references, load.hypotheses).total()])

    return work


def boli_canonical(load: Load) -> Work:
    """Everything at the level of the headline, from texts as they come: see `boli_both_levels`."""
    from pipeline.text.profiles import Level

    return _boli(load, [Level.CANONICAL])


def boli_both_levels(load: Load) -> Work:
    """Everything that `boli score` tells, from texts as they come.

    Normalised and cut, words and characters counted, by dialect, each with its interval of 10,000 replicates.
    """
    from pipeline.text.profiles import Level

    return _boli(load, [Level.CANONICAL, Level.LENIENT])


def _boli(load: Load, levels: Sequence[str]) -> Work:
    from app.scoring.service import score
    from pipeline.text.profiles import Level

    corpus = _corpus(load.pairs)

    def work() -> Outcome:
        report = score(corpus, levels=[Level(level) for level in levels])
        return _outcome([group.levels[0].tokens.counts for group in report.groups])

    return work


def _corpus(pairs: Sequence[BenchPair]) -> Corpus:
    by_dialect: dict[str, list[Pair]] = {}
    for place, pair in enumerate(pairs):
        about = About(speaker=pair.speaker, dialect=pair.dialect)
        by_dialect.setdefault(pair.dialect, []).append(
            Pair(str(place), pair.reference, pair.hypothesis, about, recording=None, file="", line=place)
        )
    dialects = (DialectPairs(get_dialect(tag), tuple(members)) for tag, members in by_dialect.items())
    return Corpus("ref", "hyp", tuple(dialects), (), (), 0, Unmatched.FAIL)


def _outcome(counts: Sequence[ErrorCounts]) -> Outcome:
    whole = total(counts)
    return Outcome(whole.n_errors, whole.n_ref)


SCORERS: dict[str, Callable[[Load], Work]] = {
    "jiwer": jiwer_words,
    "kaldialign": kaldialign_words,
    "meeteval": meeteval_words,
    "sclite": sclite_words,
    "boli, counting tokens": boli_counting,
    "boli, everything, canonical": boli_canonical,
    "boli, everything, canonical and lenient": boli_both_levels,
}
"""Name -> what prepares its input, and then works."""
