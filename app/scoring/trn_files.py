"""The scored tokens as TRN files, so that anybody can check the figures with NIST sclite."""

from __future__ import annotations

from pathlib import Path

from app.scoring.counting import TokenisedPair, profile_of, tokenised
from app.scoring.inputs import Corpus
from pipeline.text.profiles import Level
from pipeline.transcripts import trn


def trn_files(corpus: Corpus, folder: Path, *, level: Level) -> dict[Path, str]:
    """`ref.trn` and `hyp.trn` of a folder: every pair as it was scored at a level, under its id.

    `sclite -r ref.trn trn -h hyp.trn trn -i spu_id -s` counts the same words and, but for its own weights of errors,
    the same errors.
    """
    scored = [pair for each in corpus.dialects for pair in tokenised(each.pairs, profile_of(each.dialect), level=level)]
    ids = _unique_ids(scored)
    return {
        folder / "ref.trn": trn.render(zip(ids, (pair.reference for pair in scored), strict=True)),
        folder / "hyp.trn": trn.render(zip(ids, (pair.hypothesis for pair in scored), strict=True)),
    }


def _unique_ids(scored: list[TokenisedPair]) -> list[str]:
    """Ids as they can stand in TRN; one that another already has gets a number behind it."""
    taken: set[str] = set()
    ids = []
    for each in scored:
        id_ = plain = trn.escaped_id(each.pair.id)
        n = 1
        while id_ in taken:
            n += 1
            id_ = f"{plain}_{n}"
        taken.add(id_)
        ids.append(id_)
    return ids
