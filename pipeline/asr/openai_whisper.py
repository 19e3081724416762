"""openai-whisper: the reference engine, always on windows of 30 s. Needs the `[train]` extra."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.values import ModelIdentity, Word
from pipeline.asr.checkpoints import Checkpoint, read_checkpoint
from pipeline.asr.fingerprint import REVISION_DIGITS
from pipeline.asr.openai_checkpoint import TRAIN_EXTRA_NEEDED
from pipeline.asr.recogniser import SAMPLE_RATE_HZ, Recognition, Request
from pipeline.asr.token_times import POSITION_MS, TokenAlignment, timed_words, word_runs
from pipeline.asr.tokens import WhisperTokens
from pipeline.errors import ModelUnavailable, RecogniserFailed

if TYPE_CHECKING:
    import torch
    from whisper.model import Whisper

_WINDOW_SAMPLES = 30 * SAMPLE_RATE_HZ
_SAMPLES_A_FRAME = 160
_VOCABULARY_SIZES = (51864, 51865, 51866)
_UNSPACED_LANGUAGES = frozenset({"zh", "yue", "ja", "th", "lo", "my", "bo"})
_SAMPLING_SEED = 20_221
"""Any constant: a clip sampled twice at one temperature gives one text."""


@dataclass(frozen=True, slots=True)
class OpenAIWhisperOptions:
    """How the reference engine runs."""

    beam_size: int = 5
    device: str = "cpu"
    threads: int | None = None
    """Torch's threads, set for the whole process; None leaves them."""
    batch_size: int = 4
    suppress_blank: bool = True
    """Whether a text may not begin with a lone space; off for checkpoints that say so."""


@dataclass(frozen=True, slots=True)
class _TokenByToken:
    """What openai-whisper's aligner asks of a tokenizer, each token a word: words are made afterwards."""

    sot_sequence: tuple[int, ...]
    no_timestamps: int
    eot: int

    def split_to_word_tokens(self, tokens: Sequence[int]) -> tuple[list[str], list[list[int]]]:
        return [str(token) for token in tokens], [[token] for token in tokens]


class OpenAIWhisperRecogniser:
    """Batched `whisper.decode` with a language for each row."""

    def __init__(self, checkpoint: Checkpoint, *, name: str, options: OpenAIWhisperOptions) -> None:
        """Raises ModelUnavailable where torch is missing or the vocabulary is none that openai-whisper knows."""
        if checkpoint.dims.n_vocab not in _VOCABULARY_SIZES:
            raise ModelUnavailable(
                f"{checkpoint.source}: {checkpoint.dims.n_vocab} tokens, openai-whisper knows {_VOCABULARY_SIZES}"
            )
        if checkpoint.suppress_ids_begin == ():
            options = replace(options, suppress_blank=False)
        self._options = options
        self._model = _torch_model(checkpoint, options)
        self._tokens = WhisperTokens.from_json(checkpoint.tokenizer_json)
        self._identity = ModelIdentity(
            "openai-whisper",
            name,
            checkpoint.sha256[:REVISION_DIGITS],
            is_for_demo_only=checkpoint.passport.for_demo_only,
        )

    @classmethod
    def load(cls, source: Path, *, name: str, options: OpenAIWhisperOptions) -> OpenAIWhisperRecogniser:
        """From a Hugging Face folder or a `.pt` file.

        Raises:
            ModelUnavailable: torch is missing, or the checkpoint is missing or damaged.
        """
        return cls(read_checkpoint(source), name=name, options=options)

    @property
    def identity(self) -> ModelIdentity:
        """Engine, name and revision."""
        return self._identity

    @property
    def languages(self) -> frozenset[str]:
        """Language tokens of the checkpoint; only English where it has none."""
        return self._tokens.languages

    @property
    def batch_size(self) -> int:
        """Windows at once."""
        return self._options.batch_size

    @property
    def n_parallel(self) -> int:
        """Not thread-safe."""
        return 1

    @property
    def has_fixed_cost(self) -> bool:
        """Every clip is padded to 30 s."""
        return True

    def batch_key(self, request: Request) -> Hashable:
        """Rows may differ in language only."""
        return (request.prompt, request.max_tokens, request.script)

    def recognise(self, requests: Sequence[Request], *, temperature: float = 0.0) -> list[Recognition]:
        """Texts of clips that share a batch key; sampling is seeded, so a clip's text can be had again.

        Raises:
            RecogniserFailed: a clip is longer than 30 s or in a language that the checkpoint lacks.
        """
        import torch

        if not requests:
            return []
        self._check(requests)
        task = _decoding_task(self._model, requests[0], self._tokens, self._options, temperature=temperature)
        task.languages = [request.language for request in requests]
        with torch.random.fork_rng(devices=[]), torch.inference_mode(), warnings.catch_warnings():
            # openai-whisper sorts tensors by numpy, which numpy 2 warns about
            warnings.filterwarnings("ignore", message="__array_wrap__", category=DeprecationWarning)
            torch.manual_seed(_SAMPLING_SEED)
            results = task.run(self._mels(requests))
        limit = min(requests[0].max_tokens, task.n_ctx + 1 - task.sample_begin)
        return [
            Recognition(
                text=_whole_characters(self._tokens.decode(result.tokens)).strip(),
                average_logprob=min(0.0, float(result.avg_logprob)),
                no_speech_probability=float(result.no_speech_prob),
                n_tokens=len(result.tokens),
                is_capped=len(result.tokens) >= limit,
            )
            for result in results
        ]

    def align(self, requests: Sequence[Request], texts: Sequence[str]) -> list[tuple[Word, ...]]:
        """Times of the words of each text by cross-attention; empty where the text outgrows the decoder.

        Raises:
            RecogniserFailed: a clip is longer than 30 s or in a language that the checkpoint lacks.
        """
        self._check(requests)
        return [self._align_one(request, text) for request, text in zip(requests, texts, strict=True)]

    def _align_one(self, request: Request, text: str) -> tuple[Word, ...]:
        from whisper.timing import find_alignment

        spoken = unicodedata.normalize("NFC", text).strip()
        ids = list(self._tokens.encode(spoken if request.language in _UNSPACED_LANGUAGES else f" {spoken}"))
        start = self._tokens.start_sequence(request.language)
        if not spoken or len(start) + len(ids) + 1 > self._model.dims.n_text_ctx:
            return ()
        n_frames = max(2, request.samples.size // _SAMPLES_A_FRAME)
        tokenizer = _TokenByToken(start[:-1], self._tokens.no_timestamps, self._tokens.end_of_text)
        timings = find_alignment(self._model, tokenizer, ids, self._mels([request])[0], n_frames)
        positions = [round(timing.start * 1000 / POSITION_MS) for timing in timings]
        positions.append(round(timings[-1].end * 1000 / POSITION_MS))
        path = TokenAlignment(list(enumerate(positions)), [float(timing.probability) for timing in timings])
        duration_ms = request.samples.size * 1000 // SAMPLE_RATE_HZ
        return timed_words(word_runs(ids, self._tokens.decode), path, duration_ms=duration_ms)

    def _check(self, requests: Sequence[Request]) -> None:
        for request in requests:
            if request.samples.size > _WINDOW_SAMPLES:
                raise RecogniserFailed(f"a clip of {request.samples.size} samples, expected at most {_WINDOW_SAMPLES}")
            if request.language not in self.languages:
                raise RecogniserFailed(f"{self._identity.name} has no language {request.language!r}")

    def _mels(self, requests: Sequence[Request]) -> torch.Tensor:
        """Log-mel spectrograms, shape (len(requests), n_mels, 3000)."""
        import torch
        from whisper.audio import log_mel_spectrogram, pad_or_trim

        padded = [pad_or_trim(np.array(request.samples, dtype=np.float32)) for request in requests]
        n_mels = self._model.dims.n_mels
        return torch.stack([log_mel_spectrogram(samples, n_mels) for samples in padded]).to(self._model.device)


def _hint(request: Request, tokens: WhisperTokens) -> list[int] | None:
    """Ids of a request's prompt, as the checkpoint's own tokenizer cuts it; None where there is none."""
    prompt = tokens.prompt(request.language, request.prompt)
    return list(prompt[1 : -len(tokens.start_sequence(request.language))]) or None


def _whole_characters(text: str) -> str:
    """Text in NFC without the half character that a token limit may leave at its end."""
    return unicodedata.normalize("NFC", text.rstrip("\ufffd"))


def _torch_model(checkpoint: Checkpoint, options: OpenAIWhisperOptions) -> Whisper:
    try:
        import torch
        from whisper.model import ModelDimensions, Whisper
    except ImportError as error:
        raise ModelUnavailable(f"the openai-whisper engine {TRAIN_EXTRA_NEEDED}") from error
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    dims = checkpoint.dims
    model = Whisper(ModelDimensions(**{name: getattr(dims, name) for name in dims.__slots__}))
    weights = {name: torch.from_numpy(np.array(tensor, np.float32)) for name, tensor in checkpoint.tensors.items()}
    model.load_state_dict(weights)
    if checkpoint.alignment_heads:
        mask = torch.zeros(dims.n_text_layer, dims.n_text_head, dtype=torch.bool)
        for layer, head in checkpoint.alignment_heads:
            mask[layer, head] = True
        model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    return model.eval().to(options.device)


def _decoding_task(
    model: Whisper, request: Request, tokens: WhisperTokens, options: OpenAIWhisperOptions, *, temperature: float
) -> Any:
    """A decoding task whose rows each have the language set on it.

    openai-whisper writes one language for all rows, or the one it detected for each: that is where ours go in.
    """
    from whisper.decoding import DecodingTask, MaximumLikelihoodRanker

    class EmptyToo(MaximumLikelihoodRanker):  # type: ignore[misc]  # its types are not followed
        def rank(self, tokens: Any, sum_logprobs: Any) -> Any:
            # It divides by the length, and a checkpoint that may end at once has texts of no token.
            counted = [[text if len(text) else text.new_zeros(1) for text in row] for row in tokens]
            return super().rank(counted, sum_logprobs)

    class PerRowLanguage(DecodingTask):  # type: ignore[misc]  # its types are not followed
        languages: Sequence[str] = ()

        def _detect_language(self, audio_features: Any, prompt: Any) -> tuple[list[str], None]:  # noqa: ARG002 - base
            if self.model.is_multilingual:
                for row, language in enumerate(self.languages):
                    prompt[row, self.sot_index + 1] = tokens.language_ids[language]
            return list(self.languages), None

        def _get_audio_features(self, mel: Any) -> Any:
            features = super()._get_audio_features(mel)
            # Its beams share one clip's features by broadcasting; with several clips each beam needs its own.
            return features if len(features) == 1 else features.repeat_interleave(self.n_group, dim=0)

    task = PerRowLanguage(model, _decoding_options(request, tokens, options, temperature=temperature))
    task.sequence_ranker = EmptyToo(None)
    return task


def _decoding_options(
    request: Request, tokens: WhisperTokens, options: OpenAIWhisperOptions, *, temperature: float
) -> Any:
    from whisper.decoding import DecodingOptions

    group = options.beam_size if options.beam_size > 1 else None
    outside = tokens.tokens_outside(request.script) if request.script else ()
    return DecodingOptions(
        language=request.language,
        temperature=temperature,
        sample_len=request.max_tokens,
        beam_size=group if temperature == 0 else None,
        best_of=group if temperature > 0 else None,
        prompt=_hint(request, tokens),
        suppress_tokens=[*tokens.non_speech_ids, *outside],
        suppress_blank=options.suppress_blank,
        without_timestamps=True,
        fp16=options.device != "cpu",
    )
