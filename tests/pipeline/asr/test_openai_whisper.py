"""The reference engine on a random checkpoint, alone and against CTranslate2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.asr.checkpoints import read_checkpoint
from pipeline.asr.conversion import Quantization, convert
from pipeline.asr.loading import Context, LoadOptions, load_recogniser
from pipeline.asr.openai_whisper import OpenAIWhisperOptions, OpenAIWhisperRecogniser
from pipeline.asr.recogniser import Request
from pipeline.asr.tokens import WhisperTokens
from pipeline.errors import ModelUnavailable, RecogniserFailed

pytest.importorskip("whisper", reason="openai-whisper is not installed: see the [train] extra")
pytestmark = [
    pytest.mark.train,
    # openai-whisper leaves its file of token ranks to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]


@pytest.fixture(scope="module")
def recogniser(whisper_folder: Path) -> OpenAIWhisperRecogniser:
    options = OpenAIWhisperOptions(beam_size=2, threads=1)
    return OpenAIWhisperRecogniser.load(whisper_folder, name="random", options=options)


def clip(seed: int, *, language: str = "hi", n_samples: int = 24_000) -> Request:
    samples = np.random.default_rng(seed).normal(0, 0.1, n_samples).astype(np.float32)
    return Request(samples, language, max_tokens=6)


@pytest.mark.parametrize("temperature", [0.0, 0.6])
def test_texts_do_not_depend_on_the_other_clips_of_a_batch_save_by_sampling(
    recogniser: OpenAIWhisperRecogniser, temperature: float
) -> None:
    clips = [clip(1), clip(2, language="ta"), clip(3, language="zh")]
    together = recogniser.recognise(clips, temperature=temperature)
    assert together == recogniser.recognise(clips, temperature=temperature)
    if temperature == 0.0:
        alone = [recogniser.recognise([each])[0] for each in clips]
        assert [each.text for each in together] == [each.text for each in alone]
        for one, other in zip(together, alone, strict=True):
            assert one.average_logprob == pytest.approx(other.average_logprob, abs=1e-3)
            assert one.no_speech_probability == pytest.approx(other.no_speech_probability, abs=1e-5)


def test_beams_of_a_checkpoint_that_may_end_at_once_are_ranked(whisper_folder: Path) -> None:
    checkpoint = read_checkpoint(whisper_folder)
    name = "decoder.token_embedding.weight"
    options = OpenAIWhisperOptions(beam_size=5, threads=1, suppress_blank=False)
    lengths = set()
    for sign in (-20, 20):  # one of the two makes the end of the text the likeliest first token
        rows = np.array(checkpoint.tensors[name], np.float32)
        rows[WhisperTokens.from_json(checkpoint.tokenizer_json).end_of_text] *= sign
        loud = replace(checkpoint, tensors={**checkpoint.tensors, name: rows})
        (recognition,) = OpenAIWhisperRecogniser(loud, name="loud", options=options).recognise([clip(1)])
        lengths.add(recognition.n_tokens)
    assert 0 in lengths


def test_a_row_is_decoded_in_its_own_language(recogniser: OpenAIWhisperRecogniser) -> None:
    hindi, tamil = recogniser.recognise([clip(1, language="hi"), clip(1, language="ta")])
    assert hindi.text == recogniser.recognise([clip(1, language="hi")])[0].text
    assert tamil.text == recogniser.recognise([clip(1, language="ta")])[0].text
    assert hindi.average_logprob != tamil.average_logprob


def test_the_token_limit_and_the_script_hold(recogniser: OpenAIWhisperRecogniser) -> None:
    (recognition,) = recogniser.recognise([replace(clip(4), script="Deva", prompt="zz300 zz301")])
    assert recognition.n_tokens == 6
    assert recognition.is_capped
    assert not set(recognition.text) & set("中あ한жب")


def test_rows_with_other_prompts_limits_or_scripts_do_not_share_a_batch(recogniser: OpenAIWhisperRecogniser) -> None:
    key = recogniser.batch_key(clip(1))
    assert key == recogniser.batch_key(clip(2, language="ta", n_samples=200))
    for other in (replace(clip(1), prompt="a"), replace(clip(1), max_tokens=7), replace(clip(1), script="Deva")):
        assert recogniser.batch_key(other) != key


def test_greedy_text_is_that_of_the_converted_model(whisper_folder: Path, tmp_path: Path) -> None:
    folder = convert(read_checkpoint(whisper_folder), tmp_path / "ct2", quantization=Quantization.FLOAT32)
    reference = OpenAIWhisperRecogniser.load(whisper_folder, name="r", options=OpenAIWhisperOptions(beam_size=1))
    options = LoadOptions(tmp_path, threads=1, beam_size=1, compute_type="float32", device="cpu", context=Context.FULL)
    converted = load_recogniser(str(folder), options=options)
    clips = [clip(seed, language=language) for seed, language in enumerate(("hi", "ta", "zh", "bn"))]
    for each in clips:
        (theirs,), (ours,) = reference.recognise([each]), converted.recognise([each])
        assert ours.text.strip() == theirs.text.strip()
        assert ours.n_tokens == theirs.n_tokens
        assert ours.no_speech_probability == pytest.approx(theirs.no_speech_probability, abs=1e-4)
    assert converted.identity.revision == reference.identity.revision


def test_words_of_a_text_are_timed_within_the_clip_in_order(recogniser: OpenAIWhisperRecogniser) -> None:
    spoken = clip(5, n_samples=32_000)
    (words,) = recogniser.align([spoken], ["एक दो, तीन"])
    assert [word.text for word in words] == ["एक", "दो,", "तीन"]
    edges = [edge for word in words for edge in (word.span.start_ms, word.span.end_ms)]
    assert edges == sorted(edges)
    assert edges[-1] <= 2_000
    assert all(word.confidence is not None and 0 <= word.confidence <= 1 for word in words)


def test_chinese_is_timed_by_character(recogniser: OpenAIWhisperRecogniser) -> None:
    (words,) = recogniser.align([clip(6, language="zh")], ["中文，好"])
    assert [word.text for word in words] == ["中", "文，", "好"]


def test_no_text_and_a_text_beyond_the_decoder_have_no_times(recogniser: OpenAIWhisperRecogniser) -> None:
    assert recogniser.align([clip(7), clip(7)], ["", "क" * 200]) == [(), ()]


def test_a_clip_beyond_30_s_or_in_a_missing_language_is_an_error(recogniser: OpenAIWhisperRecogniser) -> None:
    with pytest.raises(RecogniserFailed, match="a clip of 480001 samples, expected at most 480000"):
        recogniser.recognise([clip(8, n_samples=480_001)])
    with pytest.raises(RecogniserFailed, match="random has no language 'yue'"):
        recogniser.recognise([clip(8, language="yue")])
    assert recogniser.recognise([]) == []


def test_a_torch_file_gives_the_same_model(whisper_folder: Path, tmp_path: Path) -> None:
    import torch

    checkpoint = read_checkpoint(whisper_folder)
    dims = {name: getattr(checkpoint.dims, name) for name in checkpoint.dims.__slots__}
    state = {name: torch.from_numpy(np.array(tensor)) for name, tensor in checkpoint.tensors.items()}
    torch.save({"dims": dims, "model_state_dict": state}, tmp_path / "own.pt")
    (tmp_path / "tokenizer.json").write_text(checkpoint.tokenizer_json)
    again = read_checkpoint(tmp_path / "own.pt")
    assert again.dims == checkpoint.dims
    assert all(np.array_equal(again.tensors[name], tensor) for name, tensor in checkpoint.tensors.items())
    bfloat16 = {name: tensor.bfloat16() for name, tensor in state.items()}
    torch.save({"dims": dims, "model_state_dict": bfloat16}, tmp_path / "own.pt")
    loose = read_checkpoint(tmp_path / "own.pt").tensors["decoder.ln.weight"]
    np.testing.assert_allclose(loose, checkpoint.tensors["decoder.ln.weight"], rtol=1e-2)


def test_a_hugging_face_folder_with_torch_weights_is_read(
    make_whisper: Callable[..., Path], whisper_folder: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file

    folder = make_whisper(tmp_path / "hf")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    expected = read_checkpoint(whisper_folder).tensors
    assert all(np.array_equal(tensor, expected[name]) for name, tensor in read_checkpoint(folder).tensors.items())


class Bomb:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return (Path.touch, (Path("exploded"),))  # type: ignore[return-value]


def test_a_torch_file_that_would_run_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.chdir(tmp_path)
    torch.save({"dims": Bomb(), "model_state_dict": {}}, tmp_path / "bomb.pt")
    with pytest.raises(ModelUnavailable, match=r"bomb\.pt: not readable as a torch checkpoint"):
        read_checkpoint(tmp_path / "bomb.pt")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "not readable"), (b"PK\x03\x04 cut", "not readable"), (b"RIFF1234WAVE", "not readable")],
)
def test_a_damaged_torch_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.pt").write_bytes(content)
    with pytest.raises(ModelUnavailable, match=rf"x\.pt: {message}"):
        read_checkpoint(tmp_path / "x.pt")


def test_a_torch_file_of_something_else_is_named(tmp_path: Path) -> None:
    import torch

    torch.save({"epoch": 3}, tmp_path / "x.pt")
    with pytest.raises(ModelUnavailable, match=r"x\.pt: holds \['epoch'\], expected `dims` and `model_state_dict`"):
        read_checkpoint(tmp_path / "x.pt")
    torch.save([1], tmp_path / "x.pt")
    with pytest.raises(ModelUnavailable, match="holds a list"):
        read_checkpoint(tmp_path / "x.pt")
