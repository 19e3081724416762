"""Whisper by CTranslate2: int8 on CPU, float16 on GPU; clips of many recordings in one batch.

What is measured and decides the shape of this module (docs/benchmarks/drafting.md): encoding gains nothing from
batches on a CPU while decoding gains much, so clips are encoded one by one and decoded together; and two workers of
one thread each beat one worker of two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.values import ModelIdentity, Word
from pipeline.asr.features import FULL_WINDOW_FRAMES, frame_count, log_mel
from pipeline.asr.recogniser import SAMPLE_RATE_HZ, Recognition, Request
from pipeline.asr.token_times import TokenAlignment, timed_words, word_runs
from pipeline.asr.tokens import WhisperTokens
from pipeline.asr.windows import ShortContext
from pipeline.errors import ModelUnavailable, RecogniserFailed
from pipeline.processor import usable_cores

TEXT_POSITIONS = 448
"""Prompt and text together: what every Whisper decoder has positions for."""

_BROKEN = "\N{REPLACEMENT CHARACTER}"
"""What tokens that break off within a character decode to."""


@dataclass(frozen=True, slots=True)
class CTranslate2Options:
    """How to run a converted model on this machine."""

    device: str = "auto"
    compute_type: str = "default"
    """`default` is int8 on CPU and float16 on GPU."""
    threads: int = 0
    """CPU cores to use; 0 for all that this process may run on."""
    beam_size: int = 5
    batch_size: int = 8
    with_words: bool = True
    """Whether drafts carry word times and confidence, which costs a second pass of the decoder."""


@dataclass(frozen=True, slots=True)
class _BatchKey:
    """What CTranslate2 takes once a call, so that it must be the same for all rows."""

    window_frames: int
    prompt_length: int
    max_tokens: int
    script: str | None


class CTranslate2Recogniser:
    """A converted Whisper checkpoint. Thread-safe: up to `n_parallel` batches run side by side."""

    def __init__(
        self,
        folder: Path,
        *,
        identity: ModelIdentity,
        options: CTranslate2Options,
        short_context: ShortContext | None,
    ) -> None:
        import ctranslate2

        self._identity = identity
        self._options = options
        self._short_context = short_context
        self._tokens = WhisperTokens.from_file(folder / "tokenizer.json")
        self._device = _device(options.device)
        self._n_parallel = (options.threads or usable_cores()) if self._device == "cpu" else 2
        compute_type = options.compute_type
        if compute_type == "default":
            compute_type = "int8" if self._device == "cpu" else "float16"
        try:
            self._model = ctranslate2.models.Whisper(
                str(folder),
                device=self._device,
                compute_type=compute_type,
                intra_threads=1,
                inter_threads=self._n_parallel if self._device == "cpu" else 1,
            )
        except (RuntimeError, ValueError) as error:
            raise ModelUnavailable(f"{folder}: CTranslate2 cannot load it as a Whisper model ({error})") from error
        self._suppressed: dict[str | None, list[int]] = {}

    @property
    def identity(self) -> ModelIdentity:
        """Engine, name and revision."""
        return self._identity

    @property
    def languages(self) -> frozenset[str]:
        """Language tokens of the checkpoint."""
        return frozenset(self._tokens.languages)

    @property
    def batch_size(self) -> int:
        """Rows decoded together."""
        return self._options.batch_size

    @property
    def n_parallel(self) -> int:
        """One batch a core."""
        return self._n_parallel

    @property
    def has_fixed_cost(self) -> bool:
        """In full context the encoder looks at 30 s of every clip."""
        return self._short_context is None

    def batch_key(self, request: Request) -> Hashable:
        """Window (from the clip alone), prompt length, token limit, script; only the language may differ."""
        prompt_length = len(self._prompt(request))
        return _BatchKey(
            window_frames=self._window_frames(request),
            prompt_length=prompt_length,
            max_tokens=min(request.max_tokens, TEXT_POSITIONS - prompt_length),
            script=request.script,
        )

    def recognise(self, requests: Sequence[Request], *, temperature: float = 0.0) -> list[Recognition]:
        """Beam search at temperature 0, else sampling; rows do not influence one another.

        Raises:
            RecogniserFailed: CTranslate2 gave an error.
        """
        try:
            encoded = self._encode(requests)
            results = self._generate(encoded, requests, temperature=temperature)
            ids = [list(result.sequences_ids[0]) for result in results]
            words = self._align(encoded, requests, ids) if self._options.with_words else [()] * len(ids)
        except (RuntimeError, ValueError) as error:
            n_clips = len(requests)
            raise RecogniserFailed(f"{self._identity.name}: CTranslate2 failed on {n_clips} clips: {error}") from error
        limit = self._max_tokens(requests[0])
        return [
            Recognition(
                text=unicodedata.normalize("NFC", self._tokens.decode(row).replace(_BROKEN, "").strip()),
                # Scores are means over the text; the end of text counts too, as in openai/whisper.
                average_logprob=result.scores[0] * len(row) / (len(row) + 1),
                no_speech_probability=result.no_speech_prob,
                words=timed,
                n_tokens=len(row),
                is_capped=len(row) >= limit,
            )
            for row, result, timed in zip(ids, results, words, strict=True)
        ]

    def align(self, requests: Sequence[Request], texts: Sequence[str]) -> list[tuple[Word, ...]]:
        """Times of the words of each text over its clip, by the decoder's cross-attention.

        A text of more tokens than the decoder has positions for is timed as far as it reaches.

        Raises:
            RecogniserFailed: CTranslate2 gave an error.
        """
        limit = TEXT_POSITIONS - len(self._tokens.start_sequence(requests[0].language)) - 1
        ids = [list(self._tokens.encode(f" {text.strip()}"))[:limit] for text in texts]
        pairs = zip(requests, ids, strict=True)
        try:
            return [self._align(self._encode([request]), [request], [row])[0] for request, row in pairs]
        except (RuntimeError, ValueError) as error:
            raise RecogniserFailed(f"{self._identity.name}: CTranslate2 could not align: {error}") from error

    def language_probabilities(self, request: Request) -> dict[str, float]:
        """Probability of each language of the checkpoint for one clip; they add up to 1."""
        ((*pairs,),) = self._model.detect_language(self._encode([request]))
        return {token.strip("<|>"): probability for token, probability in pairs}

    def _window_frames(self, request: Request) -> int:
        if request.is_full_window or self._short_context is None:
            return FULL_WINDOW_FRAMES
        return self._short_context.window_frames(len(request.samples))

    def _prompt(self, request: Request) -> tuple[int, ...]:
        return self._tokens.prompt(request.language, request.prompt)

    def _max_tokens(self, request: Request) -> int:
        return min(request.max_tokens, TEXT_POSITIONS - len(self._prompt(request)))

    def _encode(self, requests: Sequence[Request]) -> Any:
        """Encoder output as a StorageView, shape (n_clips, window_frames / 2, d_model)."""
        n_frames = self._window_frames(requests[0])
        features = [log_mel(request.samples, n_mels=self._model.n_mels, n_frames=n_frames) for request in requests]
        if self._device != "cpu":
            return self._model.encode(_storage(np.stack(features)))
        return _storage(np.concatenate([np.array(self._model.encode(_storage(row[None]))) for row in features]))

    def _generate(self, encoded: Any, requests: Sequence[Request], *, temperature: float) -> Any:
        prompts = [list(self._prompt(request)) for request in requests]
        limit = self._max_tokens(requests[0])
        sampling = (
            {"beam_size": self._options.beam_size}
            if temperature == 0.0
            else {
                "beam_size": 1,
                "num_hypotheses": self._options.beam_size,
                "sampling_topk": 0,
                "sampling_temperature": temperature,
            }
        )
        return self._model.generate(
            encoded,
            prompts,
            # CTranslate2 stops at min(max_length / 2, max_length - prompt): CTranslate2 PR 2075.
            max_length=max(2 * limit, limit + len(prompts[0])),
            suppress_tokens=self._suppress(requests[0].script),
            return_scores=True,
            return_no_speech_prob=True,
            **sampling,
        )

    def _align(self, encoded: Any, requests: Sequence[Request], ids: Sequence[Sequence[int]]) -> list[tuple[Word, ...]]:
        """Rows of one language share a call, since CTranslate2 takes one start sequence."""
        aligned: list[tuple[Word, ...]] = [()] * len(ids)
        for language in {request.language for request in requests}:
            rows = [i for i, request in enumerate(requests) if request.language == language and ids[i]]
            if not rows:
                continue
            n_frames = [max(2, frame_count(len(requests[i].samples))) for i in rows]
            found = self._model.align(
                encoded if len(rows) == len(requests) else _storage(np.array(encoded)[rows]),
                list(self._tokens.start_sequence(language)),
                [list(ids[i]) for i in rows],
                n_frames,
            )
            for i, alignment in zip(rows, found, strict=True):
                aligned[i] = self._timed(ids[i], alignment, requests[i])
        return aligned

    def _timed(self, ids: Sequence[int], alignment: Any, request: Request) -> tuple[Word, ...]:
        path = TokenAlignment(alignment.alignments, alignment.text_token_probs)
        duration_ms = max(1, len(request.samples) * 1000 // SAMPLE_RATE_HZ)
        return timed_words(word_runs(ids, self._tokens.decode), path, duration_ms=duration_ms)

    def _suppress(self, script: str | None) -> list[int]:
        if script not in self._suppressed:
            outside = () if script is None else self._tokens.tokens_outside(script)
            self._suppressed[script] = sorted({*self._tokens.non_speech_ids, *outside})
        return self._suppressed[script]


def _storage(array: npt.NDArray[np.float32]) -> Any:
    import ctranslate2

    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))


def _device(name: str) -> str:
    import ctranslate2

    if name != "auto":
        return name
    return "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
