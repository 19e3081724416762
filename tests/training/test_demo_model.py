"""The demo model's speech, windows and training, at a size of seconds."""

import csv
import json
import os
import random
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the [train] extra")
pytest.importorskip("whisper", reason="needs the [train] extra")
pytest.importorskip("torchaudio", reason="needs the [train] extra")

import numpy as np  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from scripts.demo_model import samples, speech, tokens  # noqa: E402
from scripts.demo_model.batches import BatchMaker, log_mel  # noqa: E402
from scripts.demo_model.export import export, full_weights, hugging_face_name, load_network, n_nonzero  # noqa: E402
from scripts.demo_model.network import DemoNetwork, Shape, load_grown  # noqa: E402
from scripts.demo_model.noise import NoiseBank  # noqa: E402
from scripts.demo_model.pool import Pool, speak_pool, speak_varied_pool  # noqa: E402
from scripts.demo_model.training import quick, train  # noqa: E402
from scripts.demo_model.vocabulary import LANGUAGES, Language  # noqa: E402
from scripts.demo_model.voices import DrawnVoices, drawn_voice  # noqa: E402
from scripts.demo_model.windows import MARGIN_S, WindowMaker  # noqa: E402

pytestmark = [
    pytest.mark.train,
    # openai-whisper leaves its token file to the garbage collector
    pytest.mark.filterwarnings(r"ignore:.*multilingual\.tiktoken:pytest.PytestUnraisableExceptionWarning"),
]
DEMO = Path(__file__).parents[2] / "demo"


@pytest.fixture(scope="session")
def pool() -> Pool:
    try:
        return speak_pool(60, variants=speech.TRAIN_VARIANTS, seed="tests")
    except speech.SpeechUnavailableError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def windows(pool: Pool) -> WindowMaker:
    return WindowMaker(pool, NoiseBank(pool, 1))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.tag)
def test_every_language_has_thirty_distinct_words_in_nfc(language: Language) -> None:
    assert len({word.text for word in language.words}) == len(language.words) >= 30
    assert len({word.spoken for word in language.words}) == len(language.words)
    assert all(unicodedata.is_normalized("NFC", word.text) for word in language.words)


def test_no_voice_of_the_heldout_set_is_heard_in_training() -> None:
    groups = [set(speech.TRAIN_VARIANTS), set(speech.DEV_VARIANTS), set(speech.HELDOUT_VARIANTS)]
    assert sum(map(len, groups)) == len(set.union(*groups))
    with (DEMO / "heldout" / "manifest.tsv").open(encoding="utf-8") as file:
        heard = {row["voice"] for row in csv.DictReader(file, delimiter="\t")}
    assert heard <= set(speech.HELDOUT_VARIANTS)
    assert {voice for plan in samples.PLANS for voice in plan.voices} <= set(speech.HELDOUT_VARIANTS)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.tag)
def test_tokens_of_a_sentence_cover_its_words_in_order(language: Language) -> None:
    words = language.sentence(random.Random(1), 8)
    ids, spelt = tokens.spell(language, words)
    assert tokens.whisper_tokenizer().decode(ids) == tokens.text_of(language, words)
    assert spelt == sorted(spelt)
    assert {index for first, last in spelt for index in range(first, last + 1)} == set(range(8))
    assert (tokens.compact_vocabulary().columns(ids) < len(tokens.compact_vocabulary().tokens)).all()


def test_the_time_of_every_word_is_known(pool: Pool) -> None:
    for utterance in (item for group in pool.by_language for item in group):
        assert len(utterance.spans) == len(utterance.words)
        edges = [utterance.spans[0][0], *(end for _, end in utterance.spans)]
        assert edges == sorted(edges)
        assert edges[0] == 0
        assert abs(edges[-1] - utterance.duration_ms) <= 2


@pytest.mark.parametrize("seconds", [5.0, 8.0, 30.0])
def test_utterances_of_a_window_follow_each_other_inside_it(windows: WindowMaker, seconds: float) -> None:
    for seed in range(40):
        window = windows.window(random.Random(seed), seconds)
        assert window.wave.shape == (round(seconds * 16_000),)
        assert window.clip_s <= seconds
        edges = [edge for item in window.placed for edge in (item.start_s, item.end_s)]
        assert edges == sorted(edges)
        assert not edges or (edges[0] <= 1 and edges[-1] <= window.clip_s)
        assert not window.wave[round(window.clip_s * 16_000) :].any()
        if window.clip_s < seconds < 20:
            assert window.clip_s <= seconds - MARGIN_S


def test_a_target_spells_its_window_with_and_without_timestamps(windows: WindowMaker) -> None:
    tokenizer = tokens.whisper_tokenizer()
    for seed in range(60):
        window = windows.window(random.Random(seed), 8.0)
        target = windows.target(random.Random(seed), window)
        owed = [token for token in target.owed if token >= 0]
        says = "".join(tokens.text_of(item.utterance.language, item.utterance.words) for item in window.placed)
        assert tokenizer.decode([token for token in owed if token < tokenizer.eot]) == says
        assert owed[-1] == tokenizer.eot
        first = tokens.language_id(window.language) if window.placed else tokenizer.no_speech
        assert owed[0] == first
        assert tokenizer.no_timestamps not in owed


def test_features_are_those_of_whisper(windows: WindowMaker) -> None:
    from whisper.audio import log_mel_spectrogram

    waves = torch.from_numpy(np.stack([windows.window(random.Random(seed), 5.0).wave for seed in range(3)]))
    for row, wave in zip(log_mel(waves), waves, strict=True):
        torch.testing.assert_close(row, log_mel_spectrogram(wave))


def test_the_compact_network_answers_as_the_exported_whisper() -> None:
    from whisper.model import Whisper

    vocabulary = tokens.compact_vocabulary()
    network = DemoNetwork(vocabulary, Shape(), n_frame_classes=3).eval()
    whisper = Whisper(Shape().dimensions()).eval()
    whisper.load_state_dict(full_weights(network), strict=False)
    mel = torch.randn(1, 80, 3000)
    read = [vocabulary.tokens[column] for column in (5, 100, 1700)]
    with torch.no_grad():
        audio = network.encode(mel)
        torch.testing.assert_close(audio, whisper.encoder(mel), rtol=0, atol=1e-4)
        states = network.decode(torch.tensor([vocabulary.columns(read).tolist()]), audio)[0]
        compact = network.logits(states).log_softmax(-1)
        full = whisper.decoder(torch.tensor([read]), audio).log_softmax(-1)
    torch.testing.assert_close(compact[..., :-1], full[..., list(vocabulary.tokens)], rtol=0, atol=1e-3)
    unused = full.exp().sum(-1) - full[..., list(vocabulary.tokens)].exp().sum(-1)
    torch.testing.assert_close(compact[..., -1].exp(), unused, rtol=0, atol=1e-3)


@pytest.mark.usefixtures("pool")
def test_a_quick_run_learns_exports_and_loads_again(tmp_path: Path) -> None:
    from whisper.model import Whisper

    from pipeline.asr.hugging_face import read_folder

    run = quick(tmp_path / "work")
    train(run)
    log = [json.loads(line) for line in (run.work / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    losses = [line["tokens"] for line in log if "tokens" in line]
    assert losses[-1] < losses[0]

    network = load_network(run.best)
    export(network, tmp_path / "model")
    weights = load_file(tmp_path / "model" / "model.safetensors")
    rows = weights["model.decoder.embed_tokens.weight"]
    is_unused = torch.ones(len(rows), dtype=torch.bool)
    is_unused[list(network.vocabulary.tokens)] = False
    assert not rows[is_unused].any()

    whisper = Whisper(run.shape.dimensions())
    loaded = {name: weights[hugging_face_name(name)].float() for name in full_weights(network)}
    assert set(whisper.state_dict()) <= set(loaded)
    whisper.load_state_dict(loaded, strict=False)
    checkpoint = read_folder(tmp_path / "model")
    assert checkpoint.dims.n_vocab == tokens.N_VOCABULARY
    assert checkpoint.passport.short_context_verified


@pytest.mark.usefixtures("pool")
def test_a_run_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    from dataclasses import replace

    run = replace(quick(tmp_path), n_steps=3)
    train(run)
    train(replace(run, n_steps=5, resume=True))
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["step"] for line in log if "frames" in line] == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("pool")
def test_a_run_begins_from_the_weights_of_another_without_its_first_part(tmp_path: Path) -> None:
    from dataclasses import replace

    train(quick(tmp_path / "first"))
    run = replace(quick(tmp_path / "second"), n_steps=2, start=tmp_path / "first" / "best.pt")
    train(run)
    log = [json.loads(line) for line in (run.work / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "tokens" in log[0], "the decoder learns from the first step on"


def test_a_network_that_grew_a_layer_says_what_it_said_before() -> None:
    vocabulary = tokens.compact_vocabulary()
    small, large = (
        DemoNetwork(vocabulary, Shape(n_state=32, n_heads=2, n_encoder_layers=n, n_decoder_layers=1), n_frame_classes=3)
        for n in (1, 2)
    )
    load_grown(large, small.state_dict())
    mel = torch.randn(1, 80, 200)
    assert torch.allclose(small.encode(mel), large.encode(mel), atol=1e-5)
    with pytest.raises(ValueError, match="another shape"):
        load_grown(small, large.state_dict())


@pytest.mark.usefixtures("pool")
def test_every_other_utterance_of_a_varied_pool_has_a_voice_drawn_for_it() -> None:
    utterances = [u for group in speak_varied_pool(20, variants=["m1"], seed="5").by_language for u in group]
    assert Counter(u.delivery.variant for u in utterances) == {"m1": 10, DrawnVoices.NAME: 10}
    assert all(np.abs(u.samples).max() > 1000 for u in utterances)


def test_drawn_voices_differ() -> None:
    rng = random.Random(2)
    assert len({drawn_voice(rng) for _ in range(50)}) == 50


def test_a_bengali_text_does_not_begin_with_a_lone_space() -> None:
    for language in LANGUAGES:
        for word in language.words:
            assert tokens.spell(language, [word])[0][0] != tokens.SPACE


def test_the_same_seed_draws_the_same_batch(pool: Pool, windows: WindowMaker) -> None:
    maker = BatchMaker(windows, tokens.compact_vocabulary())
    first, second = (maker.batch(random.Random(3), 2, 5.0) for _ in range(2))
    assert torch.equal(first.columns, second.columns)
    assert torch.equal(first.words, second.words)


def test_the_full_shape_has_at_most_2_1_million_nonzero_parameters() -> None:
    network = DemoNetwork(tokens.compact_vocabulary(), Shape(), n_frame_classes=3)
    assert n_nonzero(full_weights(network)) <= 2_100_000
