"""The recordings and the held-out set that come with the repository."""

import csv
import json
import unicodedata
from collections import Counter
from pathlib import Path

import av

DEMO = Path(__file__).parents[2] / "demo"


def _rows(folder: str) -> list[dict[str, str]]:
    with (DEMO / folder / "manifest.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _duration_s(path: Path) -> float:
    with av.open(str(path)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


def test_every_listed_file_is_there_and_no_other() -> None:
    for folder in ("recordings", "heldout"):
        assert {row["path"] for row in _rows(folder)} == {path.name for path in (DEMO / folder).glob("*.opus")}


def test_the_heldout_set_has_forty_utterances_a_language() -> None:
    assert set(Counter(row["dialect"] for row in _rows("heldout")).values()) == {40}
    assert len({row["dialect"] for row in _rows("heldout")}) == 5


def test_recordings_last_as_long_as_the_manifest_says() -> None:
    for row in _rows("recordings"):
        assert abs(_duration_s(DEMO / "recordings" / row["path"]) - float(row["duration_s"])) < 0.05
        assert 20 <= float(row["duration_s"]) <= 95


def test_transcripts_agree_with_the_manifest_and_are_nfc() -> None:
    lines = (DEMO / "recordings" / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()
    transcripts = {line["path"]: line for line in map(json.loads, lines)}
    for row in _rows("recordings"):
        utterances = transcripts[row["path"]]["utterances"]
        assert " ".join(utterance["text"] for utterance in utterances) == row["transcript"]
        assert unicodedata.is_normalized("NFC", row["transcript"])
        for utterance in utterances:
            separator = " " if " " in utterance["text"] else ""
            assert separator.join(word["text"] for word in utterance["words"]) == utterance["text"]
            times = [ms for word in utterance["words"] for ms in (word["start_ms"], word["end_ms"])]
            assert times == sorted(times)


def test_the_demo_besides_its_model_stays_small() -> None:
    sizes = [path.stat().st_size for folder in ("recordings", "heldout") for path in (DEMO / folder).iterdir()]
    assert sum(sizes) < 6_000_000
