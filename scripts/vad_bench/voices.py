"""Clean speech for the scenes: espeak-ng read out in several languages, with the times at which it really sounds."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from typing import cast

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from models.values import Span
from pipeline.speech import runs
from pipeline.vad import SAMPLE_RATE_HZ

Samples = npt.NDArray[np.float32]

SENTENCES = {
    "hi": (
        "आज बाज़ार में टमाटर का भाव तीस रुपये किलो है।",
        "कल सुबह बारिश होगी, इसलिए खेत मत जाना।",
        "डॉक्टर ने दवा दिन में दो बार लेने को कहा है।",
    ),
    "ta": ("இன்று சந்தையில் தக்காளி விலை குறைவாக உள்ளது.", "நாளை காலை மழை பெய்யும் என்று சொன்னார்கள்.", "பேருந்து எத்தனை மணிக்கு வரும்?"),
    "te": ("ఈ రోజు మార్కెట్లో ధర ఎక్కువగా ఉంది.", "రేపు ఉదయం వర్షం పడుతుంది.", "మా ఊరికి బస్సు ఎప్పుడు వస్తుంది?"),
    "ml": ("ഇന്ന് ചന്തയിൽ പച്ചക്കറിക്ക് വില കുറവാണ്.", "നാളെ രാവിലെ മഴ പെയ്യും.", "ആശുപത്രി എവിടെയാണ്?"),
    "bn": ("আজ বাজারে মাছের দাম অনেক বেশি।", "কাল সকালে বৃষ্টি হতে পারে।", "আমাদের গ্রামে একটা নতুন স্কুল হয়েছে।"),
    "pa": ("ਅੱਜ ਮੰਡੀ ਵਿੱਚ ਕਣਕ ਦਾ ਭਾਅ ਚੰਗਾ ਹੈ।", "ਕੱਲ੍ਹ ਸਵੇਰੇ ਮੀਂਹ ਪਵੇਗਾ।", "ਡਾਕਟਰ ਸਾਹਿਬ ਕਦੋਂ ਆਉਣਗੇ?"),
    "cmn": ("今天市场上的西红柿三块钱一斤。", "明天早上会下雨，不要去田里。", "医生说这个药一天吃两次。"),
    "yue": ("今日街市啲番茄三蚊一斤。", "聽日朝早會落雨，唔好去田度。", "醫生話呢隻藥一日食兩次。"),
    "hak": ("今晡日市場个番茄當便宜。", "天光日朝晨會落雨。", "醫生講這藥一日食兩擺。"),
}
VARIANTS = ("m1", "f2", "m3", "f4", "m7", "f5")
_LEVEL_DB = -26.0
_ENVELOPE_MS = 10
_AUDIBLE_UNDER_PEAK_DB = 40.0
_SHORTEST_PAUSE_MS = 200


class VoiceMissingError(RuntimeError):
    """espeak-ng is not installed."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence at a standard level, and where in it there is sound."""

    samples: Samples
    spans: tuple[Span, ...]


def utterance(language: str, sentence: str, *, variant: str, words_per_minute: int) -> Utterance:
    """A sentence spoken by espeak-ng at -26 dB of full scale over its sounding parts.

    Raises:
        VoiceMissingError: espeak-ng is not on this machine.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise VoiceMissingError("espeak-ng is not installed: the synthetic scenes need it (apt install espeak-ng)")
    voice = ["-v", f"{language}+{variant}", "-s", str(words_per_minute)]
    wave = subprocess.run([program, "--stdout", *voice, sentence], check=True, capture_output=True).stdout
    samples = _at_16_khz(wave)
    spans = _sounding(samples)
    sounding = np.concatenate([samples[span.start_ms * 16 : span.end_ms * 16] for span in spans])
    gain = 10.0 ** (_LEVEL_DB / 20.0) / float(np.sqrt(np.mean(sounding.astype(np.float64) ** 2)))
    return Utterance((samples * gain).astype(np.float32), spans)


def _at_16_khz(wave: bytes) -> Samples:
    with cast(InputContainer, av.open(io.BytesIO(wave))) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
        parts = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        parts += resampler.resample(None)
    return np.concatenate([part.to_ndarray().reshape(-1) for part in parts]).astype(np.float32)


def _sounding(samples: Samples) -> tuple[Span, ...]:
    """Where the envelope is within 40 dB of its peak, over pauses of less than 200 ms."""
    length = _ENVELOPE_MS * SAMPLE_RATE_HZ // 1000
    n_steps = len(samples) // length
    power = np.mean(samples[: n_steps * length].reshape(n_steps, length).astype(np.float64) ** 2, axis=1)
    is_audible = power > power.max() * 10.0 ** (-_AUDIBLE_UNDER_PEAK_DB / 10.0)
    for start, end in zip(*runs(~is_audible), strict=True):
        if start > 0 and end < n_steps and (end - start) * _ENVELOPE_MS < _SHORTEST_PAUSE_MS:
            is_audible[start:end] = True
    starts, ends = runs(is_audible)
    return tuple(
        Span(int(start) * _ENVELOPE_MS, int(end) * _ENVELOPE_MS) for start, end in zip(starts, ends, strict=True)
    )
