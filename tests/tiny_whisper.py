"""Whisper checkpoints with random weights and a vocabulary of the real size and shape, made when a test needs one."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

_LANGUAGE_LIST = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue"
)
LANGUAGES = _LANGUAGE_LIST.split()
"""In the order of Whisper's ids. Source: openai/whisper, tokenizer.py."""

SPOKEN = {
    "क": b"\xe0\xa4\x95",
    " नम": " नम".encode(),
    "த": "த".encode(),
    "中": "中".encode(),
    " 中文": " 中文".encode(),
    "あ": "あ".encode(),
    "ア": "ア".encode(),
    "한": "한".encode(),
    "ж": "ж".encode(),
    " is": b" is",
    "ب": "ب".encode(),
    "।": "।".encode(),
    "、": "、".encode(),
    "Devanagari lead": b"\xe0\xa4",
    "danda lead": b"\xe0\xa5",
    "Tamil lead": b"\xe0\xae",
    "hiragana lead": b"\xe3\x81",
    "Hangul lead": b"\xed\x95",
    "continuation": b"\xa4\x95",
    "continuation, then Han": b"\x95\xe4\xb8\xad",
    "é": "é".encode(),
    "♪": "♪".encode(),
    "9": b" 9",
}
"""Tokens of text beside the single bytes, by what they stand for; ids from 256 on."""


def token_id(name: str) -> int:
    """Id of one of the tokens of `SPOKEN`."""
    return 256 + list(SPOKEN).index(name)


def specials(n_vocab: int) -> list[str]:
    """Control tokens in order of id, without timestamps, for one of Whisper's three vocabulary sizes."""
    languages = LANGUAGES[: 100 if n_vocab == 51866 else 99]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    return [f"<|{name}|>" for name in ("endoftext", "startoftranscript", *languages, *tasks)]


@lru_cache(maxsize=4)
def tokenizer_json(n_vocab: int = 51865) -> str:
    """A byte-level tokenizer.json with Whisper's control tokens at Whisper's ids, timestamps left out."""
    from pipeline.asr.vocabulary import byte_alphabet

    alphabet = byte_alphabet()
    control = specials(n_vocab)
    n_text = n_vocab - 1501 - len(control)
    text = [alphabet[byte] for byte in range(256)]
    text += ["".join(alphabet[byte] for byte in token) for token in SPOKEN.values()]
    text += [f"zz{index}" for index in range(len(text), n_text)]
    added = [
        {"id": n_text + place, "content": token, "special": True}
        | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        for place, token in enumerate(control)
    ]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    model = {"type": "BPE", "vocab": {token: index for index, token in enumerate(text)}, "merges": []}
    content = {"version": "1.0", "added_tokens": added, "pre_tokenizer": byte_level, "decoder": byte_level}
    return json.dumps(content | {"normalizer": None, "post_processor": None, "model": model})


def random_tensors(n_vocab: int, n_mels: int, *, width: int, n_layers: int) -> dict[str, npt.NDArray[np.float32]]:
    """Random weights by Hugging Face name."""
    random = np.random.default_rng(0)
    tensors: dict[str, npt.NDArray[np.float32]] = {}

    def add(name: str, *shape: int) -> None:
        tensors[f"model.{name}"] = random.normal(0, 0.1, shape).astype(np.float32)

    add("encoder.conv1.weight", width, n_mels, 3)
    add("encoder.conv2.weight", width, width, 3)
    add("encoder.embed_positions.weight", 1500, width)
    add("decoder.embed_positions.weight", 448, width)
    add("decoder.embed_tokens.weight", n_vocab, width)
    for name in ("encoder.conv1.bias", "encoder.conv2.bias"):
        add(name, width)
    for side, attentions in (("encoder", ("self_attn",)), ("decoder", ("self_attn", "encoder_attn"))):
        norms = [f"{side}.layer_norm"]
        for layer in range(n_layers):
            prefix = f"{side}.layers.{layer}"
            for attention in attentions:
                for projection in ("q_proj", "k_proj", "v_proj", "out_proj"):
                    add(f"{prefix}.{attention}.{projection}.weight", width, width)
                    if projection != "k_proj":
                        add(f"{prefix}.{attention}.{projection}.bias", width)
                norms.append(f"{prefix}.{attention}_layer_norm")
            add(f"{prefix}.fc1.weight", 4 * width, width)
            add(f"{prefix}.fc1.bias", 4 * width)
            add(f"{prefix}.fc2.weight", width, 4 * width)
            add(f"{prefix}.fc2.bias", width)
            norms.append(f"{prefix}.final_layer_norm")
        for norm in norms:
            add(f"{norm}.weight", width)
            add(f"{norm}.bias", width)
    return tensors


def write_whisper(
    folder: Path, *, n_vocab: int = 51865, n_mels: int = 80, width: int = 64, n_layers: int = 2, n_shards: int = 1
) -> Path:
    """A Hugging Face Whisper folder with random float16 weights."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    wide = random_tensors(n_vocab, n_mels, width=width, n_layers=n_layers)
    tensors = {name: tensor.astype(np.float16) for name, tensor in wide.items()}
    if n_shards == 1:
        save_file(tensors, folder / "model.safetensors")
    else:
        files = {name: f"model-{1 + place % n_shards:05}.safetensors" for place, name in enumerate(tensors)}
        for file in set(files.values()):
            save_file({name: tensors[name] for name in tensors if files[name] == file}, folder / file)
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
    config = {"model_type": "whisper", "num_mel_bins": n_mels, "d_model": width, "vocab_size": n_vocab}
    config |= {"max_source_positions": 1500, "max_target_positions": 448}
    for side in ("encoder", "decoder"):
        config |= {f"{side}_layers": n_layers, f"{side}_attention_heads": 2}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(tokenizer_json(n_vocab), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def make_whisper() -> Callable[..., Path]:
    """Writes a random Hugging Face Whisper folder: `make_whisper(folder, n_vocab=51865, n_mels=80, ...)`."""
    return write_whisper


@pytest.fixture(scope="session")
def whisper_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Hugging Face Whisper folder that tests only read."""
    return write_whisper(tmp_path_factory.mktemp("whisper") / "tiny-random")


@pytest.fixture(scope="session")
def whisper_tokenizer_json() -> Callable[[int], str]:
    """The text of a tokenizer.json for a vocabulary size."""
    return tokenizer_json


@pytest.fixture(scope="session")
def spoken_id() -> Callable[[str], int]:
    """Id of a token of text by what it stands for."""
    return token_id
