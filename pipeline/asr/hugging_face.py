"""Whisper checkpoints in Hugging Face layout, read without torch or transformers.

Source: transformers, models/whisper/convert_openai_to_hf.py (the names on either side).
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.asr.checkpoints import Checkpoint, ModelDimensions, Tensor, checked_tensors
from pipeline.asr.fingerprint import combined_sha256
from pipeline.asr.passport import read_json, read_passport
from pipeline.asr.vocabulary import read_tokenizer_json
from pipeline.errors import ModelUnavailable

WEIGHTS_FILE = "model.safetensors"
WEIGHTS_INDEX = "model.safetensors.index.json"
TORCH_WEIGHTS_FILE = "pytorch_model.bin"

_CONFIG_NAMES = {
    "n_mels": "num_mel_bins",
    "n_audio_ctx": "max_source_positions",
    "n_audio_state": "d_model",
    "n_audio_head": "encoder_attention_heads",
    "n_audio_layer": "encoder_layers",
    "n_vocab": "vocab_size",
    "n_text_ctx": "max_target_positions",
    "n_text_state": "d_model",
    "n_text_head": "decoder_attention_heads",
    "n_text_layer": "decoder_layers",
}
_RENAMES = (
    (r"^model\.", ""),
    (r"\.layers\.", ".blocks."),
    (r"^encoder\.layer_norm\.", "encoder.ln_post."),
    (r"^decoder\.layer_norm\.", "decoder.ln."),
    (r"\.embed_positions\.weight$", ".positional_embedding"),
    (r"\.embed_tokens\.", ".token_embedding."),
    (r"\.self_attn_layer_norm\.", ".attn_ln."),
    (r"\.encoder_attn_layer_norm\.", ".cross_attn_ln."),
    (r"\.final_layer_norm\.", ".mlp_ln."),
    (r"\.self_attn\.", ".attn."),
    (r"\.encoder_attn\.", ".cross_attn."),
    (r"\.q_proj\.", ".query."),
    (r"\.k_proj\.", ".key."),
    (r"\.v_proj\.", ".value."),
    (r"\.out_proj\.", ".out."),
    (r"\.fc1\.", ".mlp.0."),
    (r"\.fc2\.", ".mlp.2."),
)
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


def is_hugging_face_folder(folder: Path) -> bool:
    """Whether a folder is laid out like a Hugging Face checkpoint (it may still be damaged)."""
    weights = (WEIGHTS_FILE, WEIGHTS_INDEX, TORCH_WEIGHTS_FILE)
    return (folder / "config.json").is_file() and any((folder / name).is_file() for name in weights)


def weights_files(folder: Path) -> list[Path]:
    """The files that hold a checkpoint's weights: one, or the shards of its index.

    Raises:
        ModelUnavailable: none there, or the index names a file that is missing or outside the folder.
    """
    for name in (WEIGHTS_FILE, WEIGHTS_INDEX, TORCH_WEIGHTS_FILE):
        if (folder / name).is_file():
            return _shards(folder) if name == WEIGHTS_INDEX else [folder / name]
    raise ModelUnavailable(f"{folder}: no {WEIGHTS_FILE}, {WEIGHTS_INDEX} or {TORCH_WEIGHTS_FILE}")


def read_folder(folder: Path) -> Checkpoint:
    """A checkpoint from a folder with config.json, weights and tokenizer.json.

    Raises:
        ModelUnavailable: a file is missing or damaged, or shapes differ from what config.json says.
    """
    config = read_json(folder / "config.json")
    if config.get("model_type", "whisper") != "whisper":
        raise ModelUnavailable(f"{folder / 'config.json'}: model_type is {config['model_type']!r}, expected 'whisper'")
    values = {ours: config.get(theirs) for ours, theirs in _CONFIG_NAMES.items()}
    dims = ModelDimensions.from_mapping(values, file=str(folder / "config.json"))
    tokenizer_json = read_tokenizer_json(folder, n_vocab=dims.n_vocab)
    files = weights_files(folder)
    tensors = {_openai_name(name): tensor for file in files for name, tensor in _read_weights(file).items()}
    generation = _optional_json(folder / "generation_config.json")
    return Checkpoint(
        source=folder,
        dims=dims,
        tensors=checked_tensors(tensors, dims, file=", ".join(map(str, files))),
        tokenizer_json=tokenizer_json,
        sha256=combined_sha256(files),
        passport=read_passport(folder),
        suppress_ids=_ids(generation.get("suppress_tokens", config.get("suppress_tokens"))),
        suppress_ids_begin=_ids(generation.get("begin_suppress_tokens", config.get("begin_suppress_tokens"))),
        alignment_heads=_alignment_heads(generation.get("alignment_heads"), dims),
        preprocessor=_optional_json(folder / "preprocessor_config.json"),
    )


def read_safetensors(file: Path) -> dict[str, Tensor]:
    """Tensors of a safetensors file, mapped from disk where numpy knows the type (bfloat16 becomes float32).

    Raises:
        ModelUnavailable: truncated or damaged, or a tensor of a type that no checkpoint has.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="np") as opened:
            names = set(opened.keys())
    except (SafetensorError, OSError) as error:
        raise ModelUnavailable(f"{file}: damaged or cut short, expected a safetensors file ({error})") from error
    with file.open("rb") as stream:
        (n_header_bytes,) = struct.unpack("<Q", stream.read(8))
        header = json.loads(stream.read(n_header_bytes))
    content = np.memmap(file, dtype=np.uint8, mode="r", offset=8 + n_header_bytes)
    return {name: _tensor(content, header[name], where=f"{file}: tensor {name}") for name in names}


def _tensor(content: npt.NDArray[np.uint8], entry: Mapping[str, Any], *, where: str) -> Tensor:
    dtype = str(entry["dtype"])
    if dtype not in _DTYPES:
        raise ModelUnavailable(f"{where} has type {dtype}, expected one of {', '.join(_DTYPES)}")
    start, end = entry["data_offsets"]
    array: npt.NDArray[Any] = content[start:end].view(_DTYPES[dtype]).reshape(entry["shape"])
    if dtype == "BF16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array if dtype in ("F16", "F32") else array.astype(np.float32)


def _read_weights(file: Path) -> dict[str, Tensor]:
    if file.suffix == ".safetensors":
        return read_safetensors(file)
    from pipeline.asr.openai_checkpoint import arrays_of, load_torch_file

    return arrays_of(load_torch_file(file), file=file)


def _shards(folder: Path) -> list[Path]:
    index = read_json(folder / WEIGHTS_INDEX)
    weight_map = index.get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ModelUnavailable(f"{folder / WEIGHTS_INDEX}: no weight_map, expected tensor names with their files")
    files = [folder / str(name) for name in sorted(set(weight_map.values()))]
    for file in files:
        if file.parent != folder or not file.is_file():
            raise ModelUnavailable(f"{file}: missing, but named by {WEIGHTS_INDEX}")
    return files


def _openai_name(name: str) -> str:
    for pattern, replacement in _RENAMES:
        name = re.sub(pattern, replacement, name)
    return name


def _optional_json(file: Path) -> dict[str, object]:
    return read_json(file) if file.is_file() else {}


def _ids(values: object) -> tuple[int, ...] | None:
    if not isinstance(values, list):
        return None
    return tuple(int(value) for value in values if isinstance(value, int) and value >= 0)


def _alignment_heads(pairs: object, dims: ModelDimensions) -> tuple[tuple[int, int], ...] | None:
    if not isinstance(pairs, list) or not pairs:
        return None
    heads = tuple((int(layer), int(head)) for layer, head in pairs)
    fits = all(0 <= layer < dims.n_text_layer and 0 <= head < dims.n_text_head for layer, head in heads)
    return heads if fits else None
