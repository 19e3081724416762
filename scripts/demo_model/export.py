"""The trained network as a Whisper checkpoint in Hugging Face layout: fp16, unused vocabulary rows exactly zero."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from whisper.tokenizer import LANGUAGES as WHISPER_LANGUAGES

from pipeline.asr.passport import Passport, write_passport
from pipeline.asr.vocabulary import openai_tokenizer_json
from scripts.demo_model.batches import N_FRAME_CLASSES
from scripts.demo_model.network import DemoNetwork, Shape
from scripts.demo_model.tokens import N_VOCABULARY, SPACE, compact_vocabulary, whisper_tokenizer

# Source: transformers, models/whisper/convert_openai_to_hf.py, WHISPER_MAPPING
_RENAMES = (
    (r"\.blocks\.", ".layers."),
    (r"\.mlp\.0\.", ".fc1."),
    (r"\.mlp\.2\.", ".fc2."),
    (r"\.mlp_ln\.", ".final_layer_norm."),
    (r"\.cross_attn_ln\.", ".encoder_attn_layer_norm."),
    (r"\.attn_ln\.", ".self_attn_layer_norm."),
    (r"\.cross_attn\.", ".encoder_attn."),
    (r"\.attn\.", ".self_attn."),
    (r"\.query\.", ".q_proj."),
    (r"\.key\.", ".k_proj."),
    (r"\.value\.", ".v_proj."),
    (r"\.out\.", ".out_proj."),
    (r"\.ln_post\.", ".layer_norm."),
    (r"^decoder\.ln\.", "decoder.layer_norm."),
    (r"\.token_embedding\.", ".embed_tokens."),
    (r"\.positional_embedding$", ".embed_positions.weight"),
)


def load_network(file: Path) -> DemoNetwork:
    """The network that a training run kept as its best."""
    saved = torch.load(file, weights_only=True)
    network = DemoNetwork(compact_vocabulary(), Shape(**saved["shape"]), n_frame_classes=N_FRAME_CLASSES)
    network.load_state_dict(saved["network"])
    network.eval()
    return network


def export(network: DemoNetwork, folder: Path) -> None:
    """Write model.safetensors, the configuration files, tokenizer.json and boli.json; the model card is not touched."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {hugging_face_name(name): tensor.half().contiguous() for name, tensor in full_weights(network).items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _write_json(folder / "config.json", _config(network.shape))
    _write_json(folder / "generation_config.json", _generation_config(network.shape))
    _write_json(folder / "preprocessor_config.json", _preprocessor_config())
    (folder / "tokenizer.json").write_text(openai_tokenizer_json(N_VOCABULARY), encoding="utf-8")
    write_passport(
        Passport(
            "demo",
            "Apache-2.0",
            for_demo_only=True,
            short_context_verified=True,
            short_context_margin_ms=2560,
            short_context_min_ms=5000,
        ),
        folder,
    )


def full_weights(network: DemoNetwork) -> dict[str, Tensor]:
    """The network's weights under openai-whisper's names, with all 51,866 rows of vocabulary."""
    weights: dict[str, Tensor] = dict(network.whisper.state_dict())
    weights["encoder.positional_embedding"] = network.whisper.encoder.positional_embedding
    rows = torch.zeros(N_VOCABULARY, network.shape.n_state)
    rows[list(network.vocabulary.tokens)] = network.embedding().detach()[:-1]
    weights["decoder.token_embedding.weight"] = rows
    return weights


def hugging_face_name(name: str) -> str:
    """The name that transformers gives to a tensor of openai-whisper."""
    for pattern, replacement in _RENAMES:
        name = re.sub(pattern, replacement, name)
    return f"model.{name}"


def n_nonzero(tensors: Mapping[str, Tensor]) -> int:
    """How many parameters are not zero: what the checkpoint weighs once packed."""
    return sum(int(tensor.count_nonzero()) for tensor in tensors.values())


def _config(shape: Shape) -> dict[str, Any]:
    tokenizer = whisper_tokenizer()
    sizes = {
        "d_model": shape.n_state,
        "encoder_layers": shape.n_encoder_layers,
        "decoder_layers": shape.n_decoder_layers,
        "num_hidden_layers": shape.n_encoder_layers,
        "encoder_attention_heads": shape.n_heads,
        "decoder_attention_heads": shape.n_heads,
        "encoder_ffn_dim": 4 * shape.n_state,
        "decoder_ffn_dim": 4 * shape.n_state,
        "num_mel_bins": 80,
        "vocab_size": N_VOCABULARY,
        "max_source_positions": 1500,
        "max_target_positions": 448,
    }
    ids = {"bos_token_id": tokenizer.eot, "eos_token_id": tokenizer.eot, "pad_token_id": tokenizer.eot}
    return {
        "architectures": ["WhisperForConditionalGeneration"],
        "model_type": "whisper",
        **sizes,
        **ids,
        "decoder_start_token_id": tokenizer.sot,
        "activation_function": "gelu",
        "scale_embedding": False,
        "tie_word_embeddings": True,
        "is_encoder_decoder": True,
        "torch_dtype": "float16",
        "max_length": 448,
        "suppress_tokens": [],
        "begin_suppress_tokens": [SPACE, tokenizer.eot],
    }


def alignment_heads(shape: Shape) -> Sequence[Sequence[int]]:
    """[layer, head] of the heads whose attention follows the words: those that were taught to."""
    return [[shape.n_decoder_layers - 1, head] for head in range(shape.n_guided)]


def _generation_config(shape: Shape) -> dict[str, Any]:
    tokenizer = whisper_tokenizer()
    languages = {f"<|{code}|>": tokenizer.to_language_token(code) for code in WHISPER_LANGUAGES}
    return {
        "alignment_heads": alignment_heads(shape),
        "begin_suppress_tokens": [SPACE, tokenizer.eot],
        "bos_token_id": tokenizer.eot,
        "decoder_start_token_id": tokenizer.sot,
        "eos_token_id": tokenizer.eot,
        "is_multilingual": True,
        "lang_to_id": languages,
        "max_initial_timestamp_index": 50,
        "max_length": 448,
        "no_timestamps_token_id": tokenizer.no_timestamps,
        "pad_token_id": tokenizer.eot,
        "prev_sot_token_id": tokenizer.sot_prev,
        "return_timestamps": False,
        "suppress_tokens": [],
        "task_to_id": {"transcribe": tokenizer.transcribe, "translate": tokenizer.translate},
    }


def _preprocessor_config() -> dict[str, Any]:
    return {
        "chunk_length": 30,
        "feature_extractor_type": "WhisperFeatureExtractor",
        "feature_size": 80,
        "hop_length": 160,
        "n_fft": 400,
        "n_samples": 480_000,
        "nb_max_frames": 3000,
        "padding_side": "right",
        "padding_value": 0.0,
        "processor_class": "WhisperProcessor",
        "return_attention_mask": False,
        "sampling_rate": 16_000,
    }


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
