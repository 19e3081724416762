"""Checkpoints into CTranslate2 folders, without torch or transformers."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.asr.checkpoints import Checkpoint, Tensor
from pipeline.asr.fingerprint import sha256_of
from pipeline.asr.passport import write_passport
from pipeline.asr.tokens import WhisperTokens
from pipeline.asr.vocabulary import TOKENIZER_FILE, vocabulary_of
from pipeline.errors import ModelUnavailable

MODEL_FILE = "model.bin"


class Quantization(StrEnum):
    """How weights are stored in a converted folder."""

    INT8 = "int8"
    FLOAT16 = "float16"
    FLOAT32 = "float32"


def convert(checkpoint: Checkpoint, destination: Path, *, quantization: Quantization) -> Path:
    """Write a checkpoint as a CTranslate2 folder and return where it is.

    All is written into a folder beside the destination and renamed when complete; where another process put a
    complete model there first, that one stays.

    Raises:
        ModelUnavailable: something else is at the destination, or it cannot be written.
    """
    with complete_or_nothing(destination) as partial:
        _write(checkpoint, partial, quantization=quantization)
    return destination


@contextmanager
def complete_or_nothing(destination: Path) -> Iterator[Path]:
    """A folder to fill, which takes the destination's name if all goes well and vanishes if not.

    Raises:
        ModelUnavailable: something that is no model is at the destination, or it cannot be written.
    """
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent))
    except OSError as error:
        raise ModelUnavailable(f"{destination}: cannot be written ({error.strerror})") from error
    try:
        yield partial
        partial.chmod(0o755)
        rename_into_place(partial, destination)
    except OSError as error:
        raise ModelUnavailable(f"{destination}: cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def is_ctranslate2_folder(folder: Path) -> bool:
    """Whether a folder holds a converted model."""
    return (folder / MODEL_FILE).is_file()


def _write(checkpoint: Checkpoint, folder: Path, *, quantization: Quantization) -> None:
    spec = _specification(checkpoint)
    spec.validate()
    spec.optimize(quantization=quantization.value)
    spec.save(str(folder))
    (folder / TOKENIZER_FILE).write_text(checkpoint.tokenizer_json, encoding="utf-8")
    (folder / "preprocessor_config.json").write_text(json.dumps(_preprocessor(checkpoint), indent=2), encoding="utf-8")
    passport = replace(
        checkpoint.passport,
        source_sha256=checkpoint.sha256,
        quantization=quantization.value,
        weights_sha256=sha256_of(folder / MODEL_FILE),
    )
    write_passport(passport, folder)


def _preprocessor(checkpoint: Checkpoint) -> dict[str, object]:
    """The checkpoint's own file without its table of filters, which follows from the other values."""
    front_end: dict[str, object] = {"sampling_rate": 16_000, "hop_length": 160, "n_fft": 400, "chunk_length": 30}
    own = {key: value for key, value in checkpoint.preprocessor.items() if key != "mel_filters"}
    return front_end | own | {"feature_size": checkpoint.dims.n_mels}


def rename_into_place(partial: Path, destination: Path) -> None:
    """Give a complete model folder its name; one that another process put there first stays.

    Raises:
        ModelUnavailable: something that is no model is there.
    """
    try:
        os.rename(partial, destination)  # noqa: PTH104 - Path.rename is the same; this one is known to be atomic
    except OSError as error:
        is_taken = error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
        if not is_taken:
            raise
        if not is_ctranslate2_folder(destination):
            raise ModelUnavailable(
                f"{destination}: already there and no converted model; name another place"
            ) from error


def _specification(checkpoint: Checkpoint) -> Any:
    from ctranslate2.specs.whisper_spec import WhisperSpec

    dims, tensors = checkpoint.dims, checkpoint.tensors
    spec = WhisperSpec(dims.n_audio_layer, dims.n_audio_head, dims.n_text_layer, dims.n_text_head)
    encoder, decoder = spec.encoder, spec.decoder
    for name in ("conv1", "conv2"):
        _fill_linear(getattr(encoder, name), tensors, f"encoder.{name}")
    encoder.position_encodings.encodings = _wide(tensors["encoder.positional_embedding"])
    _fill_normalisation(encoder.layer_norm, tensors, "encoder.ln_post")
    for index, layer in enumerate(encoder.layer):
        _fill_block(layer, tensors, f"encoder.blocks.{index}")
    decoder.embeddings.weight = decoder.projection.weight = tensors["decoder.token_embedding.weight"]
    decoder.position_encodings.encodings = _wide(tensors["decoder.positional_embedding"])
    decoder.scale_embeddings = False
    _fill_normalisation(decoder.layer_norm, tensors, "decoder.ln")
    for index, layer in enumerate(decoder.layer):
        _fill_block(layer, tensors, f"decoder.blocks.{index}")
        _fill_normalisation(layer.attention.layer_norm, tensors, f"decoder.blocks.{index}.cross_attn_ln")
        _fill_cross_attention(layer.attention, tensors, f"decoder.blocks.{index}.cross_attn")
    spec.register_vocabulary(
        vocabulary_of(checkpoint.tokenizer_json, dims.n_vocab, file=str(checkpoint.source / TOKENIZER_FILE))
    )
    _fill_config(spec.config, checkpoint)
    return spec


def _fill_config(config: Any, checkpoint: Checkpoint) -> None:
    """The lists that CTranslate2 decodes with; where a checkpoint is silent, what openai-whisper uses by default."""
    dims, tokens = checkpoint.dims, WhisperTokens.from_json(checkpoint.tokenizer_json)
    heads = checkpoint.alignment_heads or [
        (layer, head) for layer in range(dims.n_text_layer // 2, dims.n_text_layer) for head in range(dims.n_text_head)
    ]
    silent, begin = checkpoint.suppress_ids, checkpoint.suppress_ids_begin
    config.suppress_ids = list(tokens.non_speech_ids if silent is None else silent)
    config.suppress_ids_begin = list(tokens.blank_ids if begin is None else begin)
    config.lang_ids = sorted(tokens.language_ids.values())
    config.alignment_heads = [list(pair) for pair in heads]


def _fill_block(layer: Any, tensors: Mapping[str, Tensor], prefix: str) -> None:
    _fill_normalisation(layer.self_attention.layer_norm, tensors, f"{prefix}.attn_ln")
    _fill_self_attention(layer.self_attention, tensors, f"{prefix}.attn")
    _fill_normalisation(layer.ffn.layer_norm, tensors, f"{prefix}.mlp_ln")
    _fill_linear(layer.ffn.linear_0, tensors, f"{prefix}.mlp.0")
    _fill_linear(layer.ffn.linear_1, tensors, f"{prefix}.mlp.2")


def _fill_self_attention(spec: Any, tensors: Mapping[str, Tensor], prefix: str) -> None:
    names = [f"{prefix}.{name}" for name in ("query", "key", "value")]
    spec.linear[0].weight = np.concatenate([tensors[f"{name}.weight"] for name in names])
    spec.linear[0].bias = np.concatenate([_bias(tensors, name) for name in names])
    _fill_linear(spec.linear[1], tensors, f"{prefix}.out")


def _fill_cross_attention(spec: Any, tensors: Mapping[str, Tensor], prefix: str) -> None:
    _fill_linear(spec.linear[0], tensors, f"{prefix}.query")
    names = [f"{prefix}.{name}" for name in ("key", "value")]
    spec.linear[1].weight = np.concatenate([tensors[f"{name}.weight"] for name in names])
    spec.linear[1].bias = np.concatenate([_bias(tensors, name) for name in names])
    _fill_linear(spec.linear[2], tensors, f"{prefix}.out")


def _fill_linear(spec: Any, tensors: Mapping[str, Tensor], prefix: str) -> None:
    spec.weight = tensors[f"{prefix}.weight"]
    spec.bias = _bias(tensors, prefix)


def _fill_normalisation(spec: Any, tensors: Mapping[str, Tensor], prefix: str) -> None:
    spec.gamma = _wide(tensors[f"{prefix}.weight"])
    spec.beta = _wide(tensors[f"{prefix}.bias"])


def _bias(tensors: Mapping[str, Tensor], prefix: str) -> Tensor:
    """A layer's bias; zeros for key projections, which have none in Whisper but share a matrix in CTranslate2."""
    bias = tensors.get(f"{prefix}.bias")
    return np.zeros(tensors[f"{prefix}.weight"].shape[0], np.float32) if bias is None else _wide(bias)


def _wide(tensor: Tensor) -> Tensor:
    """Small tensors in float32: int8 conversion leaves all but the matrices as they are."""
    return np.asarray(tensor, dtype=np.float32)
