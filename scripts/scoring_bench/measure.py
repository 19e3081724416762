"""One measurement in a process of its own, so that its memory is its own and nothing is remembered."""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

from scripts.scoring_bench.pairs import BenchPair, load
from scripts.scoring_bench.work import SCORERS, Load


def main() -> None:
    """Prepare the input of one scorer, time it, and print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scorer")
    parser.add_argument("pairs", type=Path)
    options = parser.parse_args()
    print(json.dumps(_measured(options.scorer, options.pairs)))


def tokens_file(pairs: Path) -> Path:
    """Where the normalised tokens of the pairs are kept."""
    return pairs.with_suffix(".tokens.json")


def keep_tokens(pairs: Path) -> None:
    """Normalise and cut the pairs for the scorers that do not."""
    from pipeline.dialects.catalogue import get_dialect
    from pipeline.text.alternatives import scoring_tokens_all
    from pipeline.text.profiles import get_profile

    by_dialect: dict[str, list[BenchPair]] = {}
    for pair in load(pairs):
        by_dialect.setdefault(pair.dialect, []).append(pair)
    references: list[list[str]] = []
    hypotheses: list[list[str]] = []
    for tag, members in by_dialect.items():
        sides = ([pair.reference for pair in members], [pair.hypothesis for pair in members])
        reference, hypothesis = scoring_tokens_all(*sides, get_profile(get_dialect(tag).profile))
        references += reference
        hypotheses += hypothesis
    text = json.dumps([list(map(" ".join, references)), list(map(" ".join, hypotheses))], ensure_ascii=False)
    tokens_file(pairs).write_text(text, encoding="utf-8")


def _measured(scorer: str, pairs: Path) -> dict[str, object]:
    try:
        work = SCORERS[scorer](_load(scorer, pairs))
    except ImportError as error:
        return {"missing": str(error)}
    started, busy = time.perf_counter(), _busy_s()
    outcome = work()
    return {
        "seconds": time.perf_counter() - started,
        "processor_s": _busy_s() - busy,
        "peak_mb": _peak_mb(),
        "n_errors": outcome.n_errors,
        "n_ref": outcome.n_ref,
    }


def _busy_s() -> float:
    """Processor time of this process and of the programs that it ran: what else the machine does is not in it."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _peak_mb() -> float:
    """Of this process, or of the program that it ran.

    Not `ru_maxrss` of this process: Linux hands on that of the parent.
    """
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    children_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(int(line.split()[1]), children_kb) / 1024


def _load(scorer: str, path: Path) -> Load:
    """Only what this scorer takes, so that its memory is its own."""
    if "everything" in scorer:
        return Load(load(path), [], [])
    references, hypotheses = json.loads(tokens_file(path).read_text(encoding="utf-8"))
    # Split anew: strings whose hashes nobody has taken yet, as they come from cutting.
    return Load((), [text.split() for text in references], [text.split() for text in hypotheses])


if __name__ == "__main__":
    main()
