"""Short context is marked as verified only where it loses nothing."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.asr_models.calibration import Calibration, CalibrationImpossible, ContextResult, calibrate
from app.settings import Settings
from pipeline.asr.checkpoints import read_checkpoint
from pipeline.asr.conversion import Quantization, convert
from pipeline.asr.passport import read_passport, write_passport

DEMO = Path(__file__).resolve().parents[2] / "demo"
FULL = ContextResult(n_errors=50, n_tokens=1000, n_segments=200, n_failing=2, seconds=9.0)


@pytest.mark.parametrize(
    ("n_errors", "n_failing", "is_verified"),
    [(50, 2, True), (40, 0, True), (52, 4, True), (53, 2, False), (50, 5, False)],
)
def test_margins(n_errors: int, n_failing: int, is_verified: bool) -> None:
    short = replace(FULL, n_errors=n_errors, n_failing=n_failing)
    assert Calibration(FULL, short).is_verified is is_verified


def all_material(tmp_path: Path) -> Path:
    """The sample recordings and the held-out utterances: of either alone two words more or less decide."""
    folder = tmp_path / "material"
    folder.mkdir()
    lines = ["path\tdialect\ttranscript"]
    for part in ("recordings", "heldout"):
        with (DEMO / part / "manifest.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                shutil.copy(DEMO / part / row["path"], folder)
                lines.append(f"{row['path']}\t{row['dialect']}\t{row['transcript']}")
    (folder / "manifest.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_the_demo_model_earns_its_mark(tmp_path: Path) -> None:
    folder = convert(read_checkpoint(DEMO / "model"), tmp_path / "model", quantization=Quantization.INT8)
    write_passport(replace(read_passport(folder), short_context_verified=False), folder)
    calibration = calibrate(str(folder), all_material(tmp_path), Settings(cache_folder=tmp_path / "cache", threads=2))
    assert calibration.full.n_tokens == calibration.short.n_tokens > 1_500
    assert calibration.is_verified
    assert calibration.short.seconds < calibration.full.seconds
    assert read_passport(folder).short_context_verified


def test_material_that_cannot_show_it_is_refused(tmp_path: Path) -> None:
    settings = Settings(cache_folder=tmp_path / "cache")
    with pytest.raises(CalibrationImpossible, match="no manifest"):
        calibrate("demo", tmp_path, settings)
    shutil.copy(DEMO / "recordings" / "hi-kanpur.opus", tmp_path)
    (tmp_path / "manifest.tsv").write_text(
        "path\tdialect\ttranscript\nhi-kanpur.opus\thi-IN\tएक दो\n", encoding="utf-8"
    )
    with pytest.raises(CalibrationImpossible, match="2 tokens"):
        calibrate("demo", tmp_path, settings)
