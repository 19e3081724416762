"""The engines side by side: each takes a load and gives a text for every clip.

Peers get what is best for them: no temperature ladder, no conditioning on earlier text, no time stamps, and for short
clips no voice-activity detection. Random models decode a fixed number of tokens for the length of the audio;
CTranslate2 stops at min(max_length / 2, max_length - prompt), so faster-whisper is asked for as many as give that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from models.values import Draft, ModelIdentity, Segment, Span
from pipeline.asr.checkpoints import read_checkpoint
from pipeline.asr.ctranslate2_engine import CTranslate2Options, CTranslate2Recogniser
from pipeline.asr.openai_whisper import OpenAIWhisperOptions, OpenAIWhisperRecogniser
from pipeline.asr.passport import read_passport
from pipeline.asr.recogniser import Recognition, Request
from pipeline.asr.windows import ShortContext
from pipeline.audio import SAMPLE_RATE_HZ, read_clips, read_samples
from pipeline.dialects import get_dialect
from pipeline.drafting import DraftRules, SegmentAudio, draft_segments
from pipeline.intake import take_in
from pipeline.segmentation import rules_for
from scripts.drafting_bench.loads import Clip, Load, n_tokens

PROMPT_TOKENS = 4
END_OF_TEXT = 50257


class Engine(StrEnum):
    """What is compared."""

    OPENAI = "openai-whisper"
    FASTER = "faster-whisper"
    FASTER_BATCHED = "faster-whisper batched"
    BOLI_FULL = "boli full context"
    BOLI_SHORT = "boli short context"


class Runner:
    """One engine with its model loaded."""

    def __init__(self, engine: Engine, source: Path, converted: Path, *, beam: int, threads: int, fixed: bool) -> None:
        self._engine, self._beam, self._is_fixed = engine, beam, fixed
        self.n_tokens = 0
        if engine is Engine.OPENAI:
            self._model: Any = _openai(source, beam=beam, threads=threads)
        elif engine in (Engine.FASTER, Engine.FASTER_BATCHED):
            self._model = _faster(converted, threads=threads, is_batched=engine is Engine.FASTER_BATCHED)
        else:
            self._model = _boli(engine, converted, beam=beam, threads=threads, is_fixed=fixed)

    def texts(self, load: Load) -> list[str]:
        """A text for each clip of the load, in order."""
        if self._engine in (Engine.BOLI_FULL, Engine.BOLI_SHORT):
            return self._boli_texts(load)
        transcribe = self._openai_text if self._engine is Engine.OPENAI else self._faster_text
        return [transcribe(clip) for clip in load.clips]

    def _openai_text(self, clip: Clip) -> str:
        samples = read_samples(Path(clip.path))[0]
        options: dict[str, Any] = {"beam_size": self._beam if self._beam > 1 else None}
        if self._is_fixed:
            window = min(len(samples), 30 * SAMPLE_RATE_HZ)
            options |= {"sample_len": n_tokens(window), "suppress_tokens": f"-1,{END_OF_TEXT}"}
        result = self._model.transcribe(
            samples,
            language=_language(clip),
            temperature=0.0,
            compression_ratio_threshold=None,
            logprob_threshold=None,
            no_speech_threshold=None,
            condition_on_previous_text=False,
            without_timestamps=True,
            fp16=False,
            **options,
        )
        self.n_tokens += sum(len(segment["tokens"]) for segment in result["segments"])
        return str(result["text"])

    def _faster_text(self, clip: Clip) -> str:
        options: dict[str, Any] = {}
        is_long = clip.duration_ms > 30_000
        if self._engine is Engine.FASTER_BATCHED:
            options |= {"batch_size": 8, "vad_filter": is_long}
        if self._is_fixed:
            wanted = n_tokens(min(clip.duration_ms, 30_000) * SAMPLE_RATE_HZ // 1000)
            options |= {"max_new_tokens": max(wanted, 2 * wanted - PROMPT_TOKENS), "suppress_tokens": [-1, END_OF_TEXT]}
        segments, _ = self._model.transcribe(
            clip.path,
            language=_language(clip),
            beam_size=self._beam,
            temperature=0.0,
            compression_ratio_threshold=None,
            log_prob_threshold=None,
            no_speech_threshold=None,
            condition_on_previous_text=False,
            without_timestamps=True,
            **options,
        )
        found = list(segments)
        self.n_tokens += sum(len(segment.tokens) for segment in found)
        return " ".join(segment.text for segment in found)

    def _boli_texts(self, load: Load) -> list[str]:
        rules = DraftRules(temperatures=()) if self._is_fixed else DraftRules()
        texts: list[dict[int, str]] = [{} for _ in load.clips]
        for item, draft in draft_segments(self._segments(load), self._model, rules=rules):
            assert isinstance(draft, Draft), draft
            assert isinstance(item.key, int)
            texts[item.key][item.segment.span.start_ms] = draft.text
            self.n_tokens += draft.n_tokens
        return [" ".join(text for _, text in sorted(rows.items())) for rows in texts]

    def _segments(self, load: Load) -> Iterator[SegmentAudio]:
        """Short clips as they are; a long recording cut by voice activity, for full windows up to the token budget."""
        for i, clip in enumerate(load.clips):
            dialect = get_dialect(clip.tag)
            if clip.duration_ms <= 30_000:
                segments: tuple[Segment, ...] = (Segment(0, Span(0, clip.duration_ms)),)
            else:
                is_full = self._engine is Engine.BOLI_FULL
                rules = rules_for(dialect, target_ms=dialect.longest_segment_ms if is_full else None)
                (segments,) = take_in(Path(clip.path), rules).segments
            for segment, samples in zip(segments, read_clips(Path(clip.path), segments), strict=True):
                yield SegmentAudio(i, dialect, segment, samples)


class FixedLength(CTranslate2Recogniser):
    """Boli's recogniser for random models: never ends by itself, stops at the clip's number of tokens."""

    def batch_key(self, request: Request) -> Any:
        """As with real limits, which also come from the clip's length."""
        return super().batch_key(_limited(request))

    def recognise(self, requests: Sequence[Request], *, temperature: float = 0.0) -> list[Recognition]:
        """The same number of tokens that the peers decode."""
        return super().recognise([_limited(request) for request in requests], temperature=temperature)

    def _suppress(self, script: str | None) -> list[int]:
        return [*super()._suppress(script), END_OF_TEXT]


def _limited(request: Request) -> Request:
    return replace(request, max_tokens=n_tokens(len(request.samples)))


def _language(clip: Clip) -> str:
    return get_dialect(clip.tag).whisper_token or "zh"


def _openai(source: Path, *, beam: int, threads: int) -> Any:
    options = OpenAIWhisperOptions(beam_size=beam, threads=threads)
    return OpenAIWhisperRecogniser(read_checkpoint(source), name="bench", options=options)._model


def _faster(converted: Path, *, threads: int, is_batched: bool) -> Any:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(converted), device="cpu", compute_type="int8", cpu_threads=threads)
    return BatchedInferencePipeline(model) if is_batched else model


def _boli(engine: Engine, converted: Path, *, beam: int, threads: int, is_fixed: bool) -> CTranslate2Recogniser:
    """Without word times, which the peers do not give either."""
    kind = FixedLength if is_fixed else CTranslate2Recogniser
    return kind(
        converted,
        identity=ModelIdentity("ctranslate2", "bench", "bench"),
        options=CTranslate2Options(device="cpu", threads=threads, beam_size=beam, with_words=False),
        short_context=ShortContext.of(read_passport(converted)) if engine is Engine.BOLI_SHORT else None,
    )
