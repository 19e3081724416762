"""What is recognised: 120 short clips, and one recording of ten minutes, made of the demo's held-out utterances."""

from __future__ import annotations

import csv
import json
import random
import wave
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.audio import SAMPLE_RATE_HZ, read_samples

HELDOUT = Path(__file__).resolve().parent.parent.parent / "demo" / "heldout"
TOKENS_A_SECOND = 3.7
"""Of running Hindi or Mandarin speech; what a random model decodes, so that its work is that of a real one."""
START_MS = 120_000
_TOKEN_STEP_MS = 1280
_SEED = 20


@dataclass(frozen=True, slots=True)
class Clip:
    """A file to recognise and what is spoken in it."""

    path: str
    tag: str
    duration_ms: int
    reference: str


@dataclass(frozen=True, slots=True)
class Load:
    """A named set of files."""

    name: str
    clips: tuple[Clip, ...]

    @property
    def audio_s(self) -> float:
        """Seconds of audio in all."""
        return sum(clip.duration_ms for clip in self.clips) / 1000


def in_one_language(load: Load, tag: str = "hi-IN") -> Load:
    """The load as if all its clips were of one language: for random weights, which know none.

    What is drafted together is mostly of one project. Boli's batches keep to one script, the peers know no such rule.
    """
    return replace(load, clips=tuple(replace(clip, tag=tag) for clip in load.clips))


def n_tokens(n_samples: int) -> int:
    """Tokens that a random model decodes for a clip: by its length, in steps, so that like lengths share a batch."""
    steps = -(-n_samples * 1000 // (SAMPLE_RATE_HZ * _TOKEN_STEP_MS))
    return max(1, round(TOKENS_A_SECOND * steps * _TOKEN_STEP_MS / 1000))


def write_loads(folder: Path, *, n_short: int = 120, long_ms: int = 600_000) -> list[Load]:
    """Make both loads under `folder` as 16 kHz wav files; the same on every run."""
    utterances = _heldout()
    rng = random.Random(_SEED)
    short = Load("short", tuple(_short_clips(utterances, folder, n_short, rng)))
    mandarin = [utterance for utterance in utterances if utterance[0].tag == "cmn-Hans-CN"]
    long = Load("long", (_joined(mandarin, folder / "long.wav", long_ms, rng, gap_s=(0.3, 1.2)),))
    loads = [short, long, _start_of(long), Load("warmup", short.clips[:5])]
    for load in loads:
        (folder / f"{load.name}.json").write_text(json.dumps(asdict(load), ensure_ascii=False), encoding="utf-8")
    return loads


def _start_of(long: Load) -> Load:
    """The first two minutes of the long recording, for an engine that would take a quarter of an hour for it all."""
    (clip,) = long.clips
    samples = read_samples(Path(clip.path))[0][: START_MS * SAMPLE_RATE_HZ // 1000]
    file = Path(clip.path).with_name("long-start.wav")
    _write_wav(file, samples)
    return Load("long-start", (Clip(str(file), clip.tag, len(samples) * 1000 // SAMPLE_RATE_HZ, ""),))


def read_load(file: Path) -> Load:
    """A load written before."""
    content = json.loads(file.read_text(encoding="utf-8"))
    return Load(content["name"], tuple(Clip(**clip) for clip in content["clips"]))


Utterance = tuple[Clip, npt.NDArray[np.float32]]


def _heldout() -> list[Utterance]:
    with (HELDOUT / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    utterances = []
    for row in rows:
        samples = read_samples(HELDOUT / row["path"])[0]
        duration_ms = len(samples) * 1000 // SAMPLE_RATE_HZ
        utterances.append((Clip(row["path"], row["dialect"], duration_ms, row["transcript"]), samples))
    return utterances


def _short_clips(utterances: Sequence[Utterance], folder: Path, n: int, rng: random.Random) -> Iterator[Clip]:
    tags = sorted({clip.tag for clip, _ in utterances})
    for i in range(n):
        of_language = [utterance for utterance in utterances if utterance[0].tag == tags[i % len(tags)]]
        wanted_ms = 2000 + 10_000 * i // n
        yield _joined(of_language, folder / f"short-{i:03}.wav", wanted_ms, rng, gap_s=(0.1, 0.4))


def _joined(
    utterances: Sequence[Utterance], file: Path, wanted_ms: int, rng: random.Random, *, gap_s: tuple[float, float]
) -> Clip:
    """Utterances drawn until the next would pass the wanted length, then silence up to it."""
    n_wanted = wanted_ms * SAMPLE_RATE_HZ // 1000
    parts: list[npt.NDArray[np.float32]] = [_silence(0.1)]
    texts: list[str] = []
    while True:
        fitting = [u for u in utterances if sum(map(len, parts)) + len(u[1]) <= n_wanted]
        if not fitting:
            break
        clip, samples = rng.choice(fitting)
        parts += [samples, _silence(rng.uniform(*gap_s))]
        texts.append(clip.reference)
    samples = np.concatenate(parts)
    samples = np.pad(samples, (0, max(0, n_wanted - len(samples))))[:n_wanted]
    _write_wav(file, samples)
    return Clip(str(file), utterances[0][0].tag, wanted_ms, " ".join(texts))


def _silence(seconds: float) -> npt.NDArray[np.float32]:
    return np.zeros(int(seconds * SAMPLE_RATE_HZ), dtype=np.float32)


def _write_wav(file: Path, samples: npt.NDArray[np.float32]) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
