"""What the service bears. Writes docs/benchmarks/service.json; the tables beside it are written by hand.

python -m scripts.bench_service ingest                 # 2,000 short recordings to tasks, on SQLite
python -m scripts.bench_service kill --kills 100       # the same under SIGKILL of web, worker and both
python -m scripts.bench_service uploads                # 10 GB in 20 parallel streams
python -m scripts.bench_service ingest --database postgresql+psycopg://user@/database?host=/folder   # an empty one
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from scripts.demo_run.projects import ROOT
from scripts.service_bench import ingest, survival, uploads
from scripts.service_bench.recordings import write_recordings
from scripts.service_bench.service import Place

WORK = ROOT / "out" / "bench_service"
RESULTS = ROOT / "docs" / "benchmarks" / "service.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 when something was lost or there twice."""
    options = _parser().parse_args(arguments)
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        place = Place(Path(folder) / "service", options.database)
        result = _measured(options, place)
    print(json.dumps(result, indent=1))
    kind = "postgresql" if options.database else "sqlite"
    _keep(f"{options.what} {kind}", result, options.json)
    return 1 if result.get("n_faults") else 0


def _measured(options: argparse.Namespace, place: Place) -> dict[str, object]:
    if options.what == "uploads":
        size_bytes = int(options.gigabytes * 1e9) // options.streams
        return asdict(uploads.measure(place, n_streams=options.streams, size_bytes=size_bytes))
    manifest = write_recordings(WORK / f"recordings-{options.recordings}", options.recordings)
    if options.what == "ingest":
        measured = ingest.measure(place, manifest, n_recordings=options.recordings)
        return asdict(measured) | {"recordings_per_s": measured.recordings_per_s}
    return asdict(
        survival.survive(place, manifest, n_recordings=options.recordings, n_kills=options.kills, seed=options.seed)
    )


def _keep(name: str, result: dict[str, object], file: Path) -> None:
    """Keep earlier results of other runs."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept | {name: result}, indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("ingest", "kill", "uploads"))
    parser.add_argument("--database", help="an empty PostgreSQL database (SQLite in a folder of its own)")
    parser.add_argument("--recordings", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--json", type=Path, default=RESULTS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
