"""Whisper checkpoints of a given shape, filled at random: their work is real, their text means nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from pipeline.asr.checkpoints import read_checkpoint
from pipeline.asr.conversion import Quantization, convert, is_ctranslate2_folder

DEMO = Path(__file__).resolve().parent.parent.parent / "demo" / "model"
SHAPES = {"base": (512, 8, 6), "small": (768, 12, 12)}
"""Width, heads and layers of openai/whisper's models."""
_STD = 0.02


def model_folders(name: str, folder: Path) -> tuple[Path, Path]:
    """The checkpoint and its int8 conversion; `demo` is the repository's own, the others are made at random."""
    source = DEMO if name == "demo" else _random_checkpoint(name, folder / name)
    converted = folder / f"{name}-int8"
    if not is_ctranslate2_folder(converted):
        convert(read_checkpoint(source), converted, quantization=Quantization.INT8)
    return source, converted


def _random_checkpoint(shape: str, folder: Path) -> Path:
    """A Hugging Face folder with the demo's tokenizer and random weights; made once."""
    if (folder / "model.safetensors").is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    width, heads, layers = SHAPES[shape]
    config = json.loads((DEMO / "config.json").read_text(encoding="utf-8"))
    config |= {"d_model": width, "encoder_attention_heads": heads, "decoder_attention_heads": heads}
    config |= {"encoder_layers": layers, "decoder_layers": layers, "num_hidden_layers": layers}
    config |= {"encoder_ffn_dim": 4 * width, "decoder_ffn_dim": 4 * width}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    shutil.copyfile(DEMO / "tokenizer.json", folder / "tokenizer.json")
    shutil.copyfile(DEMO / "preprocessor_config.json", folder / "preprocessor_config.json")
    save_file(_random_tensors(config), folder / "model.safetensors")
    return folder


def _random_tensors(config: dict[str, int]) -> dict[str, np.ndarray]:
    """Parameters by Hugging Face name, float16."""
    rng = np.random.default_rng(0)
    width = config["d_model"]

    def weights(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape, dtype=np.float32) * _STD).astype(np.float16)

    tensors = {
        "model.encoder.conv1.weight": weights(width, config["num_mel_bins"], 3),
        "model.encoder.conv1.bias": weights(width),
        "model.encoder.conv2.weight": weights(width, width, 3),
        "model.encoder.conv2.bias": weights(width),
        "model.encoder.embed_positions.weight": weights(1500, width),
        "model.decoder.embed_positions.weight": weights(448, width),
        "model.decoder.embed_tokens.weight": weights(config["vocab_size"], width),
    }
    for side, attentions in (("encoder", ("self_attn",)), ("decoder", ("self_attn", "encoder_attn"))):
        for layer in range(config[f"{side}_layers"]):
            prefix = f"model.{side}.layers.{layer}"
            for attention in attentions:
                for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                    tensors[f"{prefix}.{attention}.{part}.weight"] = weights(width, width)
                    if part != "k_proj":
                        tensors[f"{prefix}.{attention}.{part}.bias"] = weights(width)
                tensors |= _norm(f"{prefix}.{attention}_layer_norm", width)
            tensors[f"{prefix}.fc1.weight"], tensors[f"{prefix}.fc1.bias"] = (
                weights(4 * width, width),
                weights(4 * width),
            )
            tensors[f"{prefix}.fc2.weight"], tensors[f"{prefix}.fc2.bias"] = weights(width, 4 * width), weights(width)
            tensors |= _norm(f"{prefix}.final_layer_norm", width)
        tensors |= _norm(f"model.{side}.layer_norm", width)
    return tensors


def _norm(name: str, width: int) -> dict[str, np.ndarray]:
    return {f"{name}.weight": np.ones(width, np.float16), f"{name}.bias": np.zeros(width, np.float16)}
