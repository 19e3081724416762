"""Errors of the exported demo model on the held-out set, by engine, window, beam and language."""

import csv
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import torch
from safetensors.torch import load_file
from whisper import DecodingOptions, decode, log_mel_spectrogram
from whisper.model import ModelDimensions, Whisper

from models.values import ModelIdentity
from pipeline.asr.conversion import Quantization, convert
from pipeline.asr.ctranslate2_engine import CTranslate2Options, CTranslate2Recogniser
from pipeline.asr.hugging_face import read_folder
from pipeline.asr.recogniser import Request
from pipeline.asr.windows import ShortContext
from scripts.demo_model.evaluation import n_errors
from scripts.demo_model.export import hugging_face_name
from scripts.demo_model.noise import Wave
from scripts.demo_model.speech import RATE_HZ
from scripts.demo_model.vocabulary import LANGUAGES, Language

SHORT = ShortContext()


@dataclass(frozen=True, slots=True)
class Clip:
    """A held-out utterance."""

    name: str
    language: Language
    wave: Wave
    transcript: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What is measured: `openai-whisper` or a CTranslate2 compute type; short windows or the full 30 s; the beam."""

    engine: str
    is_short: bool
    beam: int

    def __str__(self) -> str:
        window = "short" if self.is_short else "full"
        return f"{self.engine:22} {window:5} beam {self.beam}"


SETTINGS = tuple(
    Setting(engine, is_short, beam)
    for engine in ("ctranslate2 float32", "ctranslate2 int8", "openai-whisper")
    for is_short in (True, False)
    for beam in (1, 5)
)
Transcribe = Callable[[Sequence[Clip]], list[str]]


def measure(demo: Path, settings: Sequence[Setting] = SETTINGS, *, n_clips: int | None = None) -> Iterator[str]:
    """A line a setting: word errors (hi, ta, bn) and character errors (cmn, yue) in per cent, then the wrong clips."""
    clips = read_clips(demo / "heldout")
    if n_clips:
        clips = random.Random(1).sample(clips, n_clips)
    with tempfile.TemporaryDirectory() as folder:
        for setting in settings:
            texts = _engine(demo / "model", Path(folder), setting)(clips)
            yield f"{setting}  {_rates(clips, texts)}"


def read_clips(folder: Path) -> list[Clip]:
    """The utterances that a manifest lists."""
    by_tag = {language.tag: language for language in LANGUAGES}
    with (folder / "manifest.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        Clip(row["path"], by_tag[row["dialect"]], read_wave(folder / row["path"]), row["transcript"]) for row in rows
    ]


def read_wave(path: Path) -> Wave:
    """A recording at 16 kHz, in [-1, 1]."""
    resampler = av.AudioResampler("s16", "mono", RATE_HZ)
    with av.open(str(path)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    wave: Wave = (np.concatenate([frame.to_ndarray()[0] for frame in frames]) / 32768).astype(np.float32)
    return wave


def load_whisper(folder: Path) -> Whisper:
    """The exported checkpoint as openai-whisper's model."""
    checkpoint = read_folder(folder)
    dims = {name: getattr(checkpoint.dims, name) for name in ModelDimensions.__dataclass_fields__}
    model = Whisper(ModelDimensions(**dims)).eval()
    weights = load_file(folder / "model.safetensors")
    named = {name: weights[hugging_face_name(name)].float() for name in model.state_dict()}
    model.load_state_dict(named)
    return model


def _rates(clips: Sequence[Clip], texts: Sequence[str]) -> str:
    parts: list[str] = []
    for language in LANGUAGES:
        pairs = [
            n_errors(language, clip.transcript, text)
            for clip, text in zip(clips, texts, strict=True)
            if clip.language.tag == language.tag
        ]
        n_wrong, n_units = sum(errors for errors, _ in pairs), sum(length for _, length in pairs)
        parts.append(f"{language.tag} {100 * n_wrong / max(1, n_units):.1f}")
    return "  ".join(parts)


def _engine(model: Path, folder: Path, setting: Setting) -> Transcribe:
    if setting.engine == "openai-whisper":
        return _openai(model, setting)
    return _ctranslate2(model, folder, setting)


def _openai(folder: Path, setting: Setting) -> Transcribe:
    model = load_whisper(folder)
    positions = model.encoder.positional_embedding

    def transcribe(clips: Sequence[Clip]) -> list[str]:
        return [one(clip) for clip in clips]

    def one(clip: Clip) -> str:
        n_frames = SHORT.window_frames(len(clip.wave)) if setting.is_short else 3000
        model.encoder.positional_embedding = positions[: n_frames // 2]
        wave = np.pad(clip.wave, (0, max(0, n_frames * 160 - len(clip.wave))))[: n_frames * 160]
        beam = setting.beam if setting.beam > 1 else None
        options = DecodingOptions(
            language=clip.language.token, without_timestamps=True, suppress_blank=False, beam_size=beam, fp16=False
        )
        with torch.inference_mode():
            return str(decode(model, log_mel_spectrogram(torch.from_numpy(wave)), options).text)

    return transcribe


def _ctranslate2(model: Path, folder: Path, setting: Setting) -> Transcribe:
    compute_type = setting.engine.split()[1]
    converted = folder / compute_type
    if not converted.exists():
        convert(read_folder(model), converted, quantization=Quantization(compute_type))
    recogniser = CTranslate2Recogniser(
        converted,
        identity=ModelIdentity("ctranslate2", "demo", "measured"),
        options=CTranslate2Options(
            device="cpu", compute_type=compute_type, beam_size=setting.beam, with_words=False, batch_size=1
        ),
        short_context=SHORT if setting.is_short else None,
    )

    def transcribe(clips: Sequence[Clip]) -> list[str]:
        requests = [Request(clip.wave, clip.language.token) for clip in clips]
        return [recogniser.recognise([request])[0].text for request in requests]

    return transcribe
