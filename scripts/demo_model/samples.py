"""Sample recordings and a held-out test set for demonstrations, spoken by voices that training never hears."""

import csv
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np

from scripts.demo_model.noise import NoiseBank, Wave, with_noise
from scripts.demo_model.pool import speak_pool
from scripts.demo_model.speech import HELDOUT_VARIANTS, RATE_HZ, Delivery, Speaker
from scripts.demo_model.vocabulary import LANGUAGES, Language, Word
from scripts.demo_model.windows import Placed

BIT_RATE = 24_000
N_HELDOUT = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """A sample recording to be made. voices: espeak-ng variants, taken in turn; pauses_s: shortest and longest."""

    name: str
    tag: str
    speaker: str
    gender: str
    age_band: str
    state_or_province: str
    district: str
    environment: str
    voices: tuple[str, ...]
    seconds: float
    pauses_s: tuple[float, float] = (0.7, 2.0)
    snr_db: float | None = None


PLANS = (
    Plan("hi-kanpur", "hi-IN", "spk-101", "male", "31-45", "Uttar Pradesh", "Kanpur Nagar", "home", ("Gene",), 32),
    Plan("hi-patna", "hi-IN", "spk-102", "female", "18-30", "Bihar", "Patna", "office", ("f4",), 40),
    Plan(
        "hi-lucknow-market", "hi-IN", "spk-103", "male", "46-60", "Uttar Pradesh", "Lucknow", "market",
        ("Henrique", "belinda"), 88, (1.0, 6.0), 18.0,
    ),
    Plan("ta-madurai", "ta-IN", "spk-201", "male", "31-45", "Tamil Nadu", "Madurai", "home", ("Denis",), 30),
    Plan("ta-salem", "ta-IN", "spk-202", "female", "46-60", "Tamil Nadu", "Salem", "clinic", ("linda",), 45),
    Plan("bn-nadia", "bn-IN", "spk-301", "male", "60+", "West Bengal", "Nadia", "field", ("boris",), 36),
    Plan("bn-bankura", "bn-IN", "spk-302", "female", "18-30", "West Bengal", "Bankura", "home", ("belinda",), 42),
    Plan("cmn-baoding", "cmn-Hans-CN", "spk-401", "male", "31-45", "Hebei", "Baoding", "home", ("m6",), 30),
    Plan("cmn-luoyang", "cmn-Hans-CN", "spk-402", "female", "18-30", "Henan", "Luoyang", "office", ("f4",), 48),
    Plan("yue-kowloon", "yue-Hant-HK", "spk-501", "male", "46-60", "Hong Kong", "Sham Shui Po", "home", ("Gene",), 33),
    Plan("yue-shatin", "yue-Hant-HK", "spk-502", "female", "31-45", "Hong Kong", "Sha Tin", "clinic", ("f4",), 38),
    Plan(
        "yue-yuenlong-market", "yue-Hant-HK", "spk-503", "male", "60+", "Hong Kong", "Yuen Long", "market",
        ("Mike", "belinda"), 90, (1.0, 6.0), 17.0,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timed:
    """A word or an utterance of a transcript, [start_ms, end_ms)."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A sample recording: its wave and its utterances in order."""

    plan: Plan
    wave: Wave
    placed: tuple[Placed, ...]

    def transcript(self) -> str:
        """All that is said, utterances parted by a space."""
        return " ".join(item.utterance.text for item in self.placed)

    def utterances(self) -> list[dict[str, object]]:
        """Utterances with their words and times."""
        return [
            {**asdict(_timed(item)), "words": [asdict(word) for word in _timed_words(item)]} for item in self.placed
        ]


def write_samples(folder: Path, *, seed: int) -> None:
    """Write `recordings/` and `heldout/` with their manifests."""
    pool = speak_pool(60, variants=HELDOUT_VARIANTS, seed=f"{seed}/babble")
    noises, speaker = NoiseBank(pool, seed), Speaker()
    recordings = [_recording(plan, speaker, noises, random.Random(f"{seed}/{plan.name}")) for plan in PLANS]
    _write_recordings(folder / "recordings", recordings)
    _write_heldout(folder / "heldout", speaker, noises, random.Random(f"{seed}/heldout"))


def write_opus(path: Path, wave: Wave) -> None:
    """Write a mono wave of 16 kHz as Opus in Ogg, about 24 kbit/s."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = (np.clip(wave, -1, 1) * 32767).astype(np.int16)[None]
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE_HZ, layout="mono")
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def _recording(plan: Plan, speaker: Speaker, noises: NoiseBank, rng: random.Random) -> Recording:
    language = next(item for item in LANGUAGES if item.tag == plan.tag)
    deliveries = [_manner(rng, voice) for voice in plan.voices]
    placed: list[Placed] = []
    position_s = rng.uniform(0.6, 1.2)
    while position_s < plan.seconds - 4:
        words = language.sentence(rng, rng.randint(3, 9))
        placed.append(Placed(speaker.speak(language, words, deliveries[len(placed) % len(deliveries)]), position_s))
        position_s = placed[-1].end_s + rng.uniform(*plan.pauses_s)
    wave = np.zeros(round((placed[-1].end_s + 0.8) * RATE_HZ), np.float32)
    for item in placed:
        start = round(item.start_s * RATE_HZ)
        wave[start : start + len(item.utterance.samples)] = item.utterance.samples.astype(np.float32) / 32768
    return Recording(plan, _in_room(wave, plan.snr_db or 35.0, noises, rng), tuple(placed))


def _in_room(wave: Wave, snr_db: float, noises: NoiseBank, rng: random.Random) -> Wave:
    """The wave at a moderate level with one kind of noise all the way; the ratio counts speech, not pauses."""
    piece = noises.drawn(rng, 20 * RATE_HZ)
    noise = np.tile(piece, len(wave) // len(piece) + 1)[: len(wave)]
    spoken = float(np.mean(np.abs(wave) > 1e-4))
    mixed = with_noise(wave, noise, snr_db + 10 * float(np.log10(max(spoken, 1e-3))))
    return mixed / np.float32(2 * max(0.5, float(np.abs(mixed).max())))


def _manner(rng: random.Random, voice: str) -> Delivery:
    return Delivery(voice, rng.randint(125, 165), rng.randint(35, 65), rng.randint(40, 65), rng.choice((0, 1, 2)))


def _timed(item: Placed) -> Timed:
    return Timed(round(item.start_s * 1000), round(item.end_s * 1000), item.utterance.text)


def _timed_words(item: Placed) -> Iterator[Timed]:
    offset = round(item.start_s * 1000)
    for word, (start, end) in zip(item.utterance.words, item.utterance.spans, strict=True):
        yield Timed(offset + start, offset + end, word.text)


def _write_recordings(folder: Path, recordings: Sequence[Recording]) -> None:
    rows: list[dict[str, object]] = []
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "transcripts.jsonl").open("w", encoding="utf-8") as transcripts:
        for item in recordings:
            plan = item.plan
            name = f"{plan.name}.opus"
            write_opus(folder / name, item.wave)
            known = ("speaker", "gender", "age_band", "state_or_province", "district", "environment")
            facts = {column: getattr(plan, column) for column in known}
            duration_s = f"{len(item.wave) / RATE_HZ:.2f}"
            rows.append(
                {"path": name, "dialect": plan.tag, **facts, "duration_s": duration_s, "transcript": item.transcript()}
            )
            line = {"path": name, "dialect": plan.tag, "utterances": item.utterances()}
            transcripts.write(json.dumps(line, ensure_ascii=False) + "\n")
    _write_table(folder / "manifest.tsv", rows)


def _write_heldout(folder: Path, speaker: Speaker, noises: NoiseBank, rng: random.Random) -> None:
    rows: list[dict[str, object]] = []
    for language in LANGUAGES:
        for index in range(N_HELDOUT):
            words = language.sentence(rng, index % 8 + 1)
            voice = HELDOUT_VARIANTS[index % len(HELDOUT_VARIANTS)]
            name = f"{language.token}-{index:02d}.opus"
            write_opus(folder / name, _test_wave(speaker, language, words, voice, noises, rng))
            rows.append({"path": name, "dialect": language.tag, "voice": voice, "transcript": language.written(words)})
    _write_table(folder / "manifest.tsv", rows)


def _test_wave(
    speaker: Speaker, language: Language, words: Sequence[Word], voice: str, noises: NoiseBank, rng: random.Random
) -> Wave:
    """One utterance with 0.1-0.3 s of silence around it; a third with noise at 10-30 dB."""
    utterance = speaker.speak(language, words, _manner(rng, voice))
    speech = (utterance.samples / 32768).astype(np.float32)
    before, after = (round(rng.uniform(0.1, 0.3) * RATE_HZ) for _ in range(2))
    wave: Wave = np.pad(speech, (before, after)).astype(np.float32)
    if rng.random() < 1 / 3:
        wave = with_noise(wave, noises.drawn(rng, len(wave)), rng.uniform(10, 30))
    return wave / np.float32(2 * max(0.25, float(np.abs(wave).max())))


def _write_table(path: Path, rows: Iterable[dict[str, object]]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(listed[0]), delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(listed)
