"""Reading checkpoints and converting them; what damaged ones are told."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.asr.checkpoints import Checkpoint, expected_shapes, read_checkpoint
from pipeline.asr.conversion import Quantization, convert, is_ctranslate2_folder
from pipeline.asr.fingerprint import sha256_of
from pipeline.asr.hugging_face import read_safetensors
from pipeline.asr.passport import Passport, read_passport, write_passport
from pipeline.errors import ModelUnavailable

MakeWhisper = Callable[..., Path]
FIRST_WORDS_OF_NOISE = 12


def greedy_ids(folder: Path, *, n_mels: int = 80, language: str | None = "hi") -> list[list[int]]:
    """What a converted model decodes of fixed features, each of two windows."""
    import ctranslate2

    from pipeline.asr.tokens import WhisperTokens

    tokens = WhisperTokens.from_file(folder / "tokenizer.json")
    model = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="float32", intra_threads=1)
    features = np.random.default_rng(1).normal(0, 1, (2, n_mels, 1000)).astype(np.float32)
    start = list(tokens.start_sequence(language or "en"))
    results = model.generate(
        ctranslate2.StorageView.from_array(features), [start, start], beam_size=1, max_length=2 * FIRST_WORDS_OF_NOISE
    )
    return [result.sequences_ids[0] for result in results]


def edited(folder: Path, file: str, **values: Any) -> None:
    path = folder / file
    content = json.loads(path.read_text()) | values
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))


def test_a_hugging_face_folder_is_read_with_openai_names_and_shapes(whisper_folder: Path) -> None:
    checkpoint = read_checkpoint(whisper_folder)
    assert {name: tensor.shape for name, tensor in checkpoint.tensors.items()} == expected_shapes(checkpoint.dims)
    assert checkpoint.dims.n_audio_state == 64
    assert checkpoint.sha256 == sha256_of(whisper_folder / "model.safetensors")
    stored = read_safetensors(whisper_folder / "model.safetensors")
    key = stored["model.decoder.layers.1.encoder_attn.k_proj.weight"]
    np.testing.assert_array_equal(checkpoint.tensors["decoder.blocks.1.cross_attn.key.weight"], key)


def test_a_folder_in_shards_is_the_same_model(make_whisper: MakeWhisper, whisper_folder: Path, tmp_path: Path) -> None:
    whole = read_checkpoint(whisper_folder)
    sharded = read_checkpoint(make_whisper(tmp_path / "sharded", n_shards=3))
    assert all(np.array_equal(sharded.tensors[name], tensor) for name, tensor in whole.tensors.items())
    assert sharded.sha256 != whole.sha256


def test_bfloat16_is_read_without_torch(tmp_path: Path) -> None:
    values = np.array([[1.0, -2.5], [0.0, 3.140625]], dtype=np.float32)
    raw = (values.view(np.uint32) >> 16).astype("<u2").tobytes()
    header = json.dumps({"a": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, len(raw)]}}).encode()
    file = tmp_path / "bf16.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header + raw)
    np.testing.assert_array_equal(read_safetensors(file)["a"], values)


def test_a_tensor_of_whole_numbers_is_no_weight(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"a": np.zeros(2, dtype=np.int64)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelUnavailable, match="tensor a has type I64, expected one of F64, F32, F16, BF16"):
        read_safetensors(tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    ("n_vocab", "n_mels", "n_languages"), [(51865, 80, 99), (51866, 80, 100), (51866, 128, 100), (51864, 80, 99)]
)
def test_each_vocabulary_size_converts_and_decodes(
    make_whisper: MakeWhisper, tmp_path: Path, n_vocab: int, n_mels: int, n_languages: int
) -> None:
    source = make_whisper(tmp_path / "hf", n_vocab=n_vocab, n_mels=n_mels)
    folder = convert(read_checkpoint(source), tmp_path / "ct2", quantization=Quantization.FLOAT32)
    config = json.loads((folder / "config.json").read_text())
    vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
    n_control = n_languages + 8
    first_timestamp = n_vocab - 1501
    assert len(vocabulary) == n_vocab
    assert vocabulary[first_timestamp - n_control] == "<|endoftext|>"
    assert (vocabulary[first_timestamp], vocabulary[-1]) == ("<|0.00|>", "<|30.00|>")
    assert [vocabulary[index] for index in config["lang_ids"]][:2] == ["<|en|>", "<|zh|>"]
    assert len(config["lang_ids"]) == n_languages
    assert config["alignment_heads"] == [[1, 0], [1, 1]]
    assert json.loads((folder / "preprocessor_config.json").read_text())["feature_size"] == n_mels
    ids = greedy_ids(folder, n_mels=n_mels)
    assert all(len(row) > 0 for row in ids)


def test_quantized_models_are_smaller_and_float16_decodes_as_float32(whisper_folder: Path, tmp_path: Path) -> None:
    checkpoint = read_checkpoint(whisper_folder)
    folders = {kind: convert(checkpoint, tmp_path / kind.value, quantization=kind) for kind in Quantization}
    sizes = {kind: (folder / "model.bin").stat().st_size for kind, folder in folders.items()}
    assert sizes[Quantization.INT8] < 0.6 * sizes[Quantization.FLOAT16] < 0.36 * sizes[Quantization.FLOAT32]
    assert greedy_ids(folders[Quantization.FLOAT16]) == greedy_ids(folders[Quantization.FLOAT32])


def test_what_the_checkpoint_says_of_itself_goes_with_it(make_whisper: MakeWhisper, tmp_path: Path) -> None:
    source = make_whisper(tmp_path / "hf")
    said = Passport(name="mine", licence="Apache-2.0", short_context_verified=True, short_context_margin_ms=1280)
    write_passport(said, source)
    (source / "generation_config.json").write_text(
        json.dumps({"suppress_tokens": [1, 2], "begin_suppress_tokens": [220], "alignment_heads": [[0, 1]]})
    )
    folder = convert(read_checkpoint(source), tmp_path / "ct2", quantization=Quantization.INT8)
    config = json.loads((folder / "config.json").read_text())
    assert (config["suppress_ids"], config["suppress_ids_begin"]) == ([1, 2], [220])
    assert config["alignment_heads"] == [[0, 1]]
    passport = read_passport(folder)
    assert (passport.name, passport.licence, passport.short_context_margin_ms) == ("mine", "Apache-2.0", 1280)
    assert passport.short_context_verified
    assert passport.quantization == "int8"
    assert passport.source_sha256 == sha256_of(source / "model.safetensors")
    assert passport.weights_sha256 == sha256_of(folder / "model.bin")


def test_two_at_once_leave_one_complete_model_and_nothing_else(whisper_folder: Path, tmp_path: Path) -> None:
    checkpoint = read_checkpoint(whisper_folder)
    problems: list[Exception] = []

    def work() -> None:
        try:
            convert(checkpoint, tmp_path / "ct2", quantization=Quantization.INT8)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert [path.name for path in tmp_path.iterdir()] == ["ct2"]
    assert len(greedy_ids(tmp_path / "ct2")) == 2


def test_something_else_at_the_destination_is_left_alone(whisper_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "ct2").mkdir()
    (tmp_path / "ct2" / "thesis.txt").write_text("mine")
    with pytest.raises(ModelUnavailable, match=r"ct2: already there and no converted model"):
        convert(read_checkpoint(whisper_folder), tmp_path / "ct2", quantization=Quantization.INT8)
    assert [path.name for path in tmp_path.rglob("*")] == ["ct2", "thesis.txt"]


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def cut_short(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:100_000])


def write(name: str, text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_text(text)

    return damage


def edit(name: str, **values: Any) -> Callable[[Path], None]:
    return lambda folder: edited(folder, name, **values)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (remove("config.json"), r"config\.json: missing"),
        (remove("model.safetensors"), r"no model\.safetensors, model\.safetensors\.index\.json or pytorch_model\.bin"),
        (remove("tokenizer.json"), r"no tokenizer\.json \(nor vocab\.json with merges\.txt\)"),
        (cut_short, r"model\.safetensors: damaged or cut short, expected a safetensors file"),
        (write("model.safetensors", "<html>not found</html>"), r"model\.safetensors: damaged or cut short"),
        (write("config.json", "{"), r"config\.json: not readable as JSON"),
        (write("config.json", "[]"), r"config\.json: holds a list, expected a JSON object"),
        (write("tokenizer.json", "{}"), r"tokenizer\.json: no tokenizer that the tokenizers library reads"),
        (edit("config.json", model_type="wav2vec2"), r"model_type is 'wav2vec2', expected 'whisper'"),
        (edit("config.json", d_model=128), r"has shape \(64, 80, 3\), expected \(128, 80, 3\)"),
        (edit("config.json", d_model=None), r"config\.json: n_audio_state is None, expected a positive whole number"),
        (edit("config.json", encoder_layers=3), r"no parameter encoder\.blocks\.2\.attn\.query\.weight"),
        (edit("config.json", vocab_size=50000), r"expected a model of 50000"),
        (write("boli.json", '{"short_context_verified": "yes"}'), r"short_context_verified is 'yes', expected bool"),
    ],
)
def test_a_damaged_folder_is_told_which_file_and_what_was_expected(
    make_whisper: MakeWhisper, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    folder = make_whisper(tmp_path / "hf")
    damage(folder)
    with pytest.raises(ModelUnavailable, match=message) as caught:
        read_checkpoint(folder)
    assert str(folder) in str(caught.value)


def test_a_tokenizer_of_another_model_is_refused(
    make_whisper: MakeWhisper, whisper_tokenizer_json: Callable[[int], str], tmp_path: Path
) -> None:
    folder = make_whisper(tmp_path / "hf", n_vocab=51865)
    other = json.loads(whisper_tokenizer_json(51865))
    other["added_tokens"] = other["added_tokens"][:5]
    (folder / "tokenizer.json").write_text(json.dumps(other))
    with pytest.raises(ModelUnavailable, match=r"no Whisper tokenizer, it lacks <\|startofprev\|>"):
        read_checkpoint(folder)


def test_shards_outside_the_folder_are_not_read(make_whisper: MakeWhisper, tmp_path: Path) -> None:
    folder = make_whisper(tmp_path / "hf", n_shards=2)
    (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../../etc/passwd"}}')
    with pytest.raises(ModelUnavailable, match=r"passwd: missing, but named by"):
        read_checkpoint(folder)


def test_the_older_vocabulary_files_do_as_well_as_tokenizer_json(
    make_whisper: MakeWhisper, whisper_folder: Path, tmp_path: Path
) -> None:
    folder = make_whisper(tmp_path / "hf")
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    (folder / "vocab.json").write_text(json.dumps(content["model"]["vocab"]))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "added_tokens.json").write_text(
        json.dumps({token["content"]: token["id"] for token in content["added_tokens"]})
    )
    (folder / "tokenizer.json").unlink()
    rebuilt = convert(read_checkpoint(folder), tmp_path / "ct2", quantization=Quantization.INT8)
    usual = convert(read_checkpoint(whisper_folder), tmp_path / "usual", quantization=Quantization.INT8)
    assert (rebuilt / "vocabulary.json").read_bytes() == (usual / "vocabulary.json").read_bytes()


def test_nothing_is_left_where_a_conversion_fails(whisper_folder: Path, tmp_path: Path) -> None:
    checkpoint = read_checkpoint(whisper_folder)
    broken = {**checkpoint.tensors, "encoder.conv1.weight": None}
    with pytest.raises(ValueError, match="conv1"):
        convert(
            Checkpoint(
                source=checkpoint.source,
                dims=checkpoint.dims,
                tensors=broken,  # type: ignore[arg-type]
                tokenizer_json=checkpoint.tokenizer_json,
                sha256=checkpoint.sha256,
                passport=checkpoint.passport,
            ),
            tmp_path / "ct2",
            quantization=Quantization.INT8,
        )
    assert list(tmp_path.iterdir()) == []
    assert not is_ctranslate2_folder(tmp_path / "ct2")


def test_a_folder_that_is_converted_already_is_no_checkpoint(whisper_folder: Path, tmp_path: Path) -> None:
    folder = convert(read_checkpoint(whisper_folder), tmp_path / "ct2", quantization=Quantization.INT8)
    with pytest.raises(ModelUnavailable, match="ct2: a CTranslate2 folder, which is used as it is"):
        read_checkpoint(folder)


def test_no_such_source_is_an_error() -> None:
    with pytest.raises(ModelUnavailable, match="nowhere: no such file or folder"):
        read_checkpoint(Path("nowhere"))
