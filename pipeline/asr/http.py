"""Recognisers behind an OpenAI-compatible `/v1/audio/transcriptions`: vLLM, Qwen3-ASR, SenseVoice, speaches, OpenAI.

Source: OpenAI API reference, "Create transcription".
"""

from __future__ import annotations

import io
import json
import math
import unicodedata
import wave
from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

from models.values import ModelIdentity, Span, Word
from pipeline.asr.patient_client import Answer, Patience, PatientClient, Upload
from pipeline.asr.recogniser import SAMPLE_RATE_HZ, Recognition, Request
from pipeline.errors import RecogniserFailed

URL_VARIABLE = "BOLI_ASR_URL"
KEY_VARIABLE = "BOLI_ASR_API_KEY"
_UNSUPPORTED_STATUSES = frozenset({400, 415, 422})


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Where a service is and how to treat it."""

    url: str
    """Up to and with the version: `https://host/v1`."""
    api_key: str | None = field(default=None, repr=False)
    proxy: str | None = None
    n_parallel: int = 4
    """Most requests at once."""
    patience: Patience = field(default_factory=Patience)


class _Detail(IntEnum):
    """What a service can say beside the text, most first."""

    WORDS = 0
    SEGMENTS = 1
    TEXT = 2


_FORMS: Mapping[_Detail, Mapping[str, str | list[str]]] = {
    _Detail.WORDS: {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]},
    _Detail.SEGMENTS: {"response_format": "verbose_json"},
    _Detail.TEXT: {"response_format": "json"},
}


class HttpRecogniser:
    """A remote recogniser; each clip is a request of its own."""

    def __init__(self, model: str, *, options: HttpOptions) -> None:
        """Raises ValueError where the address is none."""
        self._model = model
        self._options = options
        self._client = PatientClient(
            f"{options.url.rstrip('/')}/audio/transcriptions",
            api_key=options.api_key,
            proxy=options.proxy,
            patience=options.patience,
        )
        self._detail = _Detail.WORDS

    @property
    def identity(self) -> ModelIdentity:
        """The model by the service's own name, which is all that can be known of it."""
        return ModelIdentity(engine="http", name=self._model, revision=self._model)

    @property
    def languages(self) -> None:
        """Takes any: what the service lacks it answers for itself."""

    @property
    def batch_size(self) -> int:
        """As many clips as may be on their way at once."""
        return self._options.n_parallel

    @property
    def n_parallel(self) -> int:
        """One batch, whose clips go side by side: the service sees no more than `batch_size` requests at once."""
        return 1

    @property
    def has_fixed_cost(self) -> bool:
        """What a clip costs is the service's affair."""
        return False

    def batch_key(self, request: Request) -> Hashable:  # noqa: ARG002 - the protocol's
        """All requests may share a batch."""
        return ()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def recognise(self, requests: Sequence[Request], *, temperature: float = 0.0) -> list[Recognition]:
        """Texts of clips. The script and the token limit of a request cannot be said to a service.

        Raises:
            RecogniserFailed: the service refused, or answered with something else than a transcript.
            RecogniserUnreachable: it did not answer in time, or was busy.
        """
        if not requests:
            return []
        with ThreadPoolExecutor(max_workers=self._options.n_parallel) as pool:
            return list(pool.map(lambda request: self._recognise_one(request, temperature), requests))

    def align(self, requests: Sequence[Request], texts: Sequence[str]) -> list[tuple[Word, ...]]:
        """Nothing: such services align no text of ours."""
        return [() for _ in zip(requests, texts, strict=True)]

    def _recognise_one(self, request: Request, temperature: float) -> Recognition:
        """Ask for all there is, and for less where the service refuses; what it took is remembered."""
        content = wav_bytes(request)
        for detail in _Detail:
            if detail < self._detail:
                continue
            fields: dict[str, str | list[str]] = {
                "model": self._model,
                "language": request.language,
                "temperature": str(temperature),
            }
            if request.prompt:
                fields["prompt"] = request.prompt
            answer = self._client.post(Upload({**fields, **_FORMS[detail]}, "clip.wav", content, "audio/wav"))
            if answer.status in _UNSUPPORTED_STATUSES and detail is not _Detail.TEXT:
                continue
            transcript = self._transcript(answer)
            self._detail = max(self._detail, detail)
            return recognition_of(transcript, duration_ms=request.samples.size * 1000 // SAMPLE_RATE_HZ)
        raise AssertionError("the last form is always answered or refused")

    def _transcript(self, answer: Answer) -> Mapping[str, Any]:
        excerpt = self._client.excerpt(answer)
        where = f"{self._options.url}, model {self._model!r}"
        if answer.status in (401, 403):
            raise RecogniserFailed(
                f"{where}: refused the key ({answer.status}); set {KEY_VARIABLE}. It said: {excerpt}"
            )
        if answer.status != 200:
            raise RecogniserFailed(f"{where}: answered {answer.status}. It said: {excerpt}")
        try:
            content = json.loads(answer.body)
        except (ValueError, RecursionError):
            kind = answer.content_type or "no content type"
            raise RecogniserFailed(f"{where}: answered with {kind}, expected JSON. It said: {excerpt}") from None
        if not isinstance(content, dict) or not isinstance(content.get("text"), str):
            raise RecogniserFailed(f"{where}: answered without a field `text`. It said: {excerpt}")
        return content


def wav_bytes(request: Request) -> bytes:
    """A clip as a 16-bit mono WAV file."""
    pcm = (np.clip(np.nan_to_num(request.samples), -1.0, 1.0) * 32767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE_HZ)
        writer.writeframes(pcm.tobytes())
    return file.getvalue()


def recognition_of(transcript: Mapping[str, Any], *, duration_ms: int) -> Recognition:
    """A recognition from a `json` or `verbose_json` answer; fields that are missing or odd are left out.

    Log-probability is weighted by tokens and no-speech probability by time over the segments of the answer.
    """
    segments = [each for each in _list_of(transcript, "segments") if isinstance(each, dict)]
    n_tokens = [len(_list_of(each, "tokens")) for each in segments]
    lengths = [max(1e-3, (_number(each, "end") or 0.0) - (_number(each, "start") or 0.0)) for each in segments]
    logprob = _mean([_number(each, "avg_logprob") for each in segments], [max(1, count) for count in n_tokens])
    no_speech = _mean([_number(each, "no_speech_prob") for each in segments], lengths)
    words = [_word(each, duration_ms) for each in _list_of(transcript, "words")]
    return Recognition(
        text=unicodedata.normalize("NFC", transcript["text"]).strip(),
        average_logprob=None if logprob is None else min(0.0, logprob),
        no_speech_probability=None if no_speech is None else min(1.0, max(0.0, no_speech)),
        words=tuple(word for word in words if word is not None),
        n_tokens=sum(n_tokens),
    )


def _word(entry: object, duration_ms: int) -> Word | None:
    if not isinstance(entry, dict) or not str(entry.get("word", "")).strip():
        return None
    start_s, end_s = _number(entry, "start"), _number(entry, "end")
    if start_s is None or end_s is None:
        return None
    start_ms, end_ms = max(0, round(start_s * 1000)), min(duration_ms, round(end_s * 1000))
    if start_ms >= end_ms:
        return None
    confidence = _number(entry, "probability")
    is_sane = confidence is not None and 0.0 <= confidence <= 1.0
    text = unicodedata.normalize("NFC", str(entry["word"])).strip()
    return Word(text, Span(start_ms, end_ms), confidence if is_sane else None)


def _list_of(mapping: Mapping[str, Any], key: str) -> list[Any]:
    value = mapping.get(key)
    return value if isinstance(value, list) else []


def _number(mapping: Mapping[str, Any], key: str) -> float | None:
    value = mapping.get(key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number and value is not None else None


def _mean(values: Sequence[float | None], weights: Sequence[float]) -> float | None:
    pairs = [(value, weight) for value, weight in zip(values, weights, strict=True) if value is not None]
    total = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / total if total else None
