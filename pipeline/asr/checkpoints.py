"""Whisper checkpoints of either make, read into one shape: openai-whisper's parameter names over numpy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.asr.passport import Passport
from pipeline.errors import ModelUnavailable

Tensor = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class ModelDimensions:
    """Shape of a Whisper model, in openai-whisper's terms."""

    n_mels: int
    n_audio_ctx: int
    n_audio_state: int
    n_audio_head: int
    n_audio_layer: int
    n_vocab: int
    n_text_ctx: int
    n_text_state: int
    n_text_head: int
    n_text_layer: int

    @classmethod
    def from_mapping(cls, values: Mapping[str, object], *, file: str) -> ModelDimensions:
        """Dimensions from a mapping with these very keys.

        Raises:
            ModelUnavailable: one is missing or is no positive whole number.
        """
        found: dict[str, int] = {}
        for each in fields(cls):
            value = values.get(each.name)
            if not isinstance(value, int) or value < 1:
                raise ModelUnavailable(f"{file}: {each.name} is {value!r}, expected a positive whole number")
            found[each.name] = value
        return cls(**found)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A Whisper model as it was trained: weights, tokenizer and the lists that decoding needs."""

    source: Path
    dims: ModelDimensions
    tensors: Mapping[str, Tensor]
    """By openai-whisper parameter name; float16 or float32, perhaps mapped from the file."""
    tokenizer_json: str
    sha256: str
    """Of the weights file; of several, of their digests in order of name."""
    passport: Passport
    suppress_ids: tuple[int, ...] | None = None
    """Tokens never to decode; None where the checkpoint does not say."""
    suppress_ids_begin: tuple[int, ...] | None = None
    alignment_heads: tuple[tuple[int, int], ...] | None = None
    """(decoder layer, head) pairs whose cross-attention follows the speech; None where unknown."""
    preprocessor: Mapping[str, object] = field(default_factory=dict)


def expected_shapes(dims: ModelDimensions) -> dict[str, tuple[int, ...]]:
    """Shape of every parameter of a Whisper model, by openai-whisper parameter name.

    Source: openai/whisper, whisper/model.py.
    """
    audio, text = dims.n_audio_state, dims.n_text_state
    shapes: dict[str, tuple[int, ...]] = {
        "encoder.conv1.weight": (audio, dims.n_mels, 3),
        "encoder.conv1.bias": (audio,),
        "encoder.conv2.weight": (audio, audio, 3),
        "encoder.conv2.bias": (audio,),
        "encoder.positional_embedding": (dims.n_audio_ctx, audio),
        "decoder.token_embedding.weight": (dims.n_vocab, text),
        "decoder.positional_embedding": (dims.n_text_ctx, text),
        **_normalisation("encoder.ln_post", audio),
        **_normalisation("decoder.ln", text),
    }
    for layer in range(dims.n_audio_layer):
        shapes |= _block(f"encoder.blocks.{layer}", audio, attentions=("attn",))
    for layer in range(dims.n_text_layer):
        shapes |= _block(f"decoder.blocks.{layer}", text, attentions=("attn", "cross_attn"))
    return shapes


def checked_tensors(tensors: Mapping[str, Tensor], dims: ModelDimensions, *, file: str) -> dict[str, Tensor]:
    """The parameters of a model with these dimensions, without whatever else the file holds.

    Raises:
        ModelUnavailable: one is missing or has another shape; the message names it.
    """
    checked: dict[str, Tensor] = {}
    for name, shape in expected_shapes(dims).items():
        tensor = tensors.get(name)
        if tensor is None:
            raise ModelUnavailable(f"{file}: no parameter {name}, expected shape {shape}: not a whole Whisper model")
        if tensor.shape != shape:
            raise ModelUnavailable(f"{file}: parameter {name} has shape {tensor.shape}, expected {shape}")
        checked[name] = tensor
    return checked


def read_checkpoint(source: Path) -> Checkpoint:
    """A checkpoint from a Hugging Face Whisper folder or an openai-whisper `.pt` file.

    Raises:
        ModelUnavailable: nothing there, neither kind, or damaged; the message names file and expectation.
    """
    from pipeline.asr import hugging_face, openai_checkpoint

    if source.is_dir():
        if (source / "model.bin").is_file() and not hugging_face.is_hugging_face_folder(source):
            raise ModelUnavailable(f"{source}: a CTranslate2 folder, which is used as it is; expected a checkpoint")
        return hugging_face.read_folder(source)
    if source.is_file():
        return openai_checkpoint.read_file(source)
    raise ModelUnavailable(f"{source}: no such file or folder")


def _block(prefix: str, width: int, *, attentions: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for attention in attentions:
        for projection in ("query", "key", "value", "out"):
            shapes[f"{prefix}.{attention}.{projection}.weight"] = (width, width)
            if projection != "key":
                shapes[f"{prefix}.{attention}.{projection}.bias"] = (width,)
        shapes |= _normalisation(f"{prefix}.{attention}_ln", width)
    shapes[f"{prefix}.mlp.0.weight"] = (4 * width, width)
    shapes[f"{prefix}.mlp.0.bias"] = (4 * width,)
    shapes[f"{prefix}.mlp.2.weight"] = (width, 4 * width)
    shapes[f"{prefix}.mlp.2.bias"] = (width,)
    return shapes | _normalisation(f"{prefix}.mlp_ln", width)


def _normalisation(prefix: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{prefix}.weight": (width,), f"{prefix}.bias": (width,)}
