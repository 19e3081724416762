"""openai-whisper `.pt` checkpoints. The only reader that needs torch, so it imports it late and says so."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.asr.checkpoints import Checkpoint, ModelDimensions, Tensor, checked_tensors
from pipeline.asr.fingerprint import combined_sha256
from pipeline.asr.passport import read_passport
from pipeline.asr.vocabulary import openai_tokenizer_json, read_tokenizer_json
from pipeline.errors import ModelUnavailable

HOW_TO_TRAIN = "`make test-train`, or `pip install -e '.[train]' -c constraints.txt`, in the folder of Boli's source"
TRAIN_EXTRA_NEEDED = f"needs torch and openai-whisper: {HOW_TO_TRAIN} installs them"


def read_file(file: Path) -> Checkpoint:
    """A checkpoint as `torch.save({"dims": ..., "model_state_dict": ...})` wrote it.

    Raises:
        ModelUnavailable: torch is not installed, or the file is damaged or something else.
    """
    content = load_torch_file(file)
    if not isinstance(content.get("dims"), dict) or not isinstance(content.get("model_state_dict"), dict):
        raise ModelUnavailable(f"{file}: holds {sorted(content)[:5]}, expected `dims` and `model_state_dict`")
    dims = ModelDimensions.from_mapping(content["dims"], file=str(file))
    has_tokenizer = (file.parent / "tokenizer.json").is_file()
    return Checkpoint(
        source=file,
        dims=dims,
        tensors=checked_tensors(arrays_of(content["model_state_dict"], file=file), dims, file=str(file)),
        tokenizer_json=read_tokenizer_json(file.parent, n_vocab=dims.n_vocab)
        if has_tokenizer
        else openai_tokenizer_json(dims.n_vocab),
        sha256=combined_sha256([file]),
        passport=read_passport(file.parent),
        alignment_heads=_published_alignment_heads(file.stem, dims),
    )


def load_torch_file(file: Path) -> dict[str, Any]:
    """What a torch file holds: tensors and plain values only, nothing that could run code.

    Raises:
        ModelUnavailable: torch is not installed, or the file is damaged or holds anything else.
    """
    try:
        import torch
    except ImportError as error:
        raise ModelUnavailable(f"{file}: a torch checkpoint {TRAIN_EXTRA_NEEDED}") from error
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises anything from EOFError to UnpicklingError on a damaged file
        reason = str(error).partition("\n")[0]
        raise ModelUnavailable(f"{file}: not readable as a torch checkpoint ({reason})") from error
    if not isinstance(content, dict):
        raise ModelUnavailable(f"{file}: holds a {type(content).__name__}, expected a checkpoint's mapping")
    return content


def arrays_of(state: Mapping[str, Any], *, file: Path) -> dict[str, Tensor]:
    """Torch tensors as numpy arrays; bfloat16, which numpy lacks, becomes float32.

    Raises:
        ModelUnavailable: an entry is no floating-point tensor.
    """
    import torch

    arrays: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if not isinstance(tensor, torch.Tensor) or not tensor.is_floating_point():
            raise ModelUnavailable(f"{file}: entry {name} is no floating-point tensor")
        is_known = tensor.dtype in (torch.float16, torch.float32)
        arrays[name] = (tensor if is_known else tensor.float()).contiguous().numpy()
    return arrays


def _published_alignment_heads(name: str, dims: ModelDimensions) -> tuple[tuple[int, int], ...] | None:
    """Alignment heads that openai-whisper ships for its own checkpoints; None for others.

    Source: openai/whisper, whisper/__init__.py (`_ALIGNMENT_HEADS`) and Whisper.set_alignment_heads.
    """
    try:
        from whisper import _ALIGNMENT_HEADS
    except ImportError:
        return None
    if name not in _ALIGNMENT_HEADS:
        return None
    mask = np.frombuffer(gzip.decompress(base64.b85decode(_ALIGNMENT_HEADS[name])), dtype=bool)
    if mask.size != dims.n_text_layer * dims.n_text_head:
        return None
    pairs = np.argwhere(mask.reshape(dims.n_text_layer, dims.n_text_head))
    return tuple((int(layer), int(head)) for layer, head in pairs)
