"""Short recordings that all sound different, and their manifest."""

from __future__ import annotations

import csv
import wave
from pathlib import Path

import numpy as np

RATE_HZ = 16_000
DIALECTS = ("hi-IN", "ta-IN", "bn-IN", "cmn-Hans-CN", "yue-Hant-HK")
_SPEAKERS = 40


def write_recordings(folder: Path, n_recordings: int) -> Path:
    """Write recordings of 2-6 s as 16 kHz wav files, and their manifest; the same on every run. The manifest's path."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "manifest.tsv"
    rows = [_row(index) for index in range(n_recordings)]
    for index, row in enumerate(rows):
        file = folder / row["path"]
        if not file.exists():
            _write_wav(file, _bursts(index))
    with manifest.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return manifest


def _row(index: int) -> dict[str, str]:
    return {
        "path": f"r{index:05}.wav",
        "dialect": DIALECTS[index % len(DIALECTS)],
        "speaker": f"s{index % _SPEAKERS}",
        "client_reference": f"bench-{index:05}",
    }


def _bursts(index: int) -> np.ndarray:
    """Voiced bursts with pauses, which the voice-activity detector takes for speech."""
    rng = np.random.default_rng(index)
    time = np.arange(int(rng.uniform(2, 6) * RATE_HZ)) / RATE_HZ
    pitch = rng.uniform(90, 240)
    voice = sum(np.sin(2 * np.pi * pitch * k * time + rng.uniform(0, 6)) / k for k in range(1, 12))
    envelope = (np.sin(2 * np.pi * rng.uniform(2, 4) * time) > -0.3) * (time > 0.2)
    sound = voice * envelope * 0.1 + rng.normal(0, 0.002, len(time))
    return (np.clip(sound, -1, 1) * 32_767).astype("<i2")


def _write_wav(file: Path, samples: np.ndarray) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples.tobytes())
