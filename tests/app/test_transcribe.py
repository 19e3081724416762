"""`boli transcribe` from its command line to its files; what it survives is in test_transcribe_survival."""

from __future__ import annotations

import csv
import json
import os
import sys
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.transcription import commands
from pipeline.audio import ChannelPolicy
from pipeline.exporting import FORMATS
from pipeline.vad import Detector

SHARED = (Path(__file__).parents[2] / ".." / "shared" / "data" / "audio").resolve()
ALL_FORMATS = ",".join(FORMATS)


def speech(n_bursts: int, *, seed: int = 0) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Voiced sound of three seconds, then a pause of two, `n_bursts` times; each burst is a segment of its own."""
    noise = np.random.default_rng(seed)
    time = np.arange(3 * 16_000) / 16_000
    bursts = []
    for pitch_hz in noise.uniform(90, 220, n_bursts):
        voice = sum(np.sin(2 * np.pi * pitch_hz * k * time) / k for k in range(1, 20))
        syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * time)
        bursts.append(np.concatenate([6000 * voice * syllables / 3, np.zeros(2 * 16_000)]))
    sound = np.concatenate(bursts) + noise.normal(0, 3, n_bursts * 5 * 16_000)
    return np.clip(sound, -32_000, 32_000).astype(np.int16)


def write_wav(path: Path, *channels: np.ndarray[Any, np.dtype[np.int16]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())
    return path


def run(*arguments: str | Path, fails: Sequence[int] = (0,), **environment: str) -> Result:
    """Run with the fake engine and expect success, or one of the exit codes in `fails`."""
    command = ["transcribe", "--engine", "fake", "--model", "fake", *map(str, arguments)]
    done = CliRunner().invoke(cli, command, env=environment)
    assert done.exit_code in fails, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def outputs_of(folder: Path) -> dict[str, bytes]:
    """Every output by its name in the folder, without the summary, which tells how long the run took."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and ".boli" not in file.parts and file.name != "summary.json"
    }


def summary_of(folder: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return summary


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    """A folder with two recordings, one of them a call of two people."""
    folder = tmp_path / "audio"
    write_wav(folder / "one.wav", speech(3, seed=1))
    write_wav(folder / "calls" / "two.wav", speech(4, seed=2), np.roll(speech(4, seed=3), 40_000))
    return folder


def test_a_folder_is_transcribed_into_its_mirror_in_every_format(audio: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(audio, "--dialect", "hi-IN", "--format", ALL_FORMATS, "--out", out)
    suffixes = [format_.suffix for format_ in FORMATS.values()]
    assert set(outputs_of(out)) == {f"{stem}{suffix}" for stem in ("one", "calls/two") for suffix in suffixes}
    records = [json.loads(line) for line in (out / "calls" / "two.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {record["recording"] for record in records} == {"calls/two.wav"}
    assert {record["channel"] for record in records} == {0, 1}
    assert [record["start_ms"] for record in records] == sorted(record["start_ms"] for record in records)
    assert all(record["text"] and record["dialect"] == "hi-IN" and record["engine"] == "fake" for record in records)
    assert "2 recordings: 2 done, 0 done before, 0 failed" in done.stdout
    assert "x real time" in done.stdout


def test_the_summary_counts_segments_drafts_seconds_and_failures(audio: Path, tmp_path: Path) -> None:
    (audio / "broken.wav").write_text("not a recording", encoding="utf-8")
    run(audio, "--dialect", "hi-IN", "--out", tmp_path / "out", fails=[1])
    summary = summary_of(tmp_path / "out")
    assert summary["is_complete"] is True
    assert summary["recordings"] == 3
    assert summary["states"] == {"done": 2, "done_before": 0, "failed": 1, "copy": 0}
    assert summary["segments"] == summary["drafts"] >= 11
    assert summary["audio_seconds"] == pytest.approx(35.0, abs=0.1)
    assert summary["speed_x"] > 0
    assert [failure["recording"] for failure in summary["failures"]] == ["broken.wav"]
    assert {detail["recording"]: detail["state"] for detail in summary["details"]} == {
        "broken.wav": "failed",
        "calls/two.wav": "done",
        "one.wav": "done",
    }


def test_drafts_of_the_demo_model_are_flagged_on_the_screen_and_in_the_summary(
    repository: Path, tmp_path: Path
) -> None:
    sample = repository / "demo" / "recordings" / "hi-patna.opus"
    command = ["transcribe", str(sample), "--dialect", "hi-IN", "--model", "demo", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(cli, command, env={"BOLI_CACHE_FOLDER": str(tmp_path / "cache")})
    assert done.exit_code == 0, done.output
    summary = summary_of(tmp_path / "out")
    assert summary["flags"]["demo_model"] == summary["drafts"] > 0
    assert "for demonstration" in summary["notes"][0]
    assert f"note: {summary['notes'][0]}" in done.stdout.splitlines()


def test_one_bad_file_does_not_stop_the_rest_and_is_listed_with_reason_and_remedy(audio: Path, tmp_path: Path) -> None:
    (audio / "empty.mp3").touch()
    done = run(audio, "--dialect", "hi-IN", "--out", tmp_path / "out", fails=[1])
    assert set(outputs_of(tmp_path / "out")) == {"one.jsonl", "calls/two.jsonl"}
    listed = done.stdout.split("failed: ")[1]
    assert listed.startswith("empty.mp3: ")
    assert len(listed.splitlines()) >= 2
    assert listed.splitlines()[1].strip()


def test_a_segment_that_fails_is_marked_and_tried_again_by_the_next_run(audio: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(audio, "--dialect", "hi-IN", "--out", out, fails=[1], BOLI_FAKE_FAIL_EVERY="2")
    records = [json.loads(line) for content in outputs_of(out).values() for line in content.decode().splitlines()]
    failed = [record for record in records if record["no_draft"]]
    assert 0 < len(failed) < len(records)
    assert {record["no_draft"]["reason"] for record in failed} == {"engine_failed"}
    assert "segments have no draft" in done.stdout
    run(audio, "--dialect", "hi-IN", "--out", out)
    undisturbed = tmp_path / "undisturbed"
    run(audio, "--dialect", "hi-IN", "--out", undisturbed)
    assert outputs_of(out) == outputs_of(undisturbed)


def test_a_second_run_drafts_nothing_and_changes_nothing(audio: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(audio, "--dialect", "hi-IN", "--out", out)
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*.jsonl")}
    done = run(audio, "--dialect", "hi-IN", "--out", out, BOLI_FAKE_FAIL_EVERY="1")
    assert "0 done, 2 done before, 0 failed" in done.stdout
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*.jsonl")} == before


def test_another_format_or_a_lost_output_is_written_without_drafting_again(audio: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(audio, "--dialect", "hi-IN", "--out", out)
    (out / "one.jsonl").unlink()
    run(audio, "--dialect", "hi-IN", "--out", out, "--format", "jsonl,srt", BOLI_FAKE_FAIL_EVERY="1")
    assert set(outputs_of(out)) == {"one.jsonl", "calls/two.jsonl", "one.srt", "calls/two.srt"}


@pytest.mark.parametrize("change", [("--dialect", "ta-IN"), ("--beam", "1"), ("--channels", "downmix")])
def test_what_changes_the_result_is_drafted_anew(audio: Path, tmp_path: Path, change: tuple[str, str]) -> None:
    out = tmp_path / "out"
    run(audio, "--dialect", "hi-IN", "--out", out)
    done = run(audio, "--dialect", "hi-IN", *change, "--out", out)
    assert "2 done, 0 done before" in done.stdout
    assert outputs_of(out)


def test_a_changed_recording_under_the_same_name_is_drafted_anew(audio: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(audio, "--dialect", "hi-IN", "--out", out)
    old = outputs_of(out)
    write_wav(audio / "one.wav", speech(2, seed=9))
    done = run(audio, "--dialect", "hi-IN", "--out", out)
    assert "1 done, 1 done before" in done.stdout
    assert outputs_of(out)["one.jsonl"] != old["one.jsonl"]


def test_a_transcript_that_a_person_has_changed_is_never_overwritten(audio: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(audio, "--dialect", "hi-IN", "--format", "srt", "--out", out)
    (out / "one.srt").write_text("corrected by hand\n", encoding="utf-8")
    done = run(audio, "--dialect", "hi-IN", "--format", "srt", "--beam", "1", "--out", out, fails=[1])
    assert (out / "one.srt").read_text(encoding="utf-8") == "corrected by hand\n"
    assert "one.srt is left alone" in done.stdout


def test_recordings_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    files = ("x/audio/a.wav", "y/audio/a.wav", "x/audio/b.wav", "x/audio/b.WAV")
    for seed, name in enumerate(files):
        write_wav(tmp_path / name, speech(1, seed=seed))
    out = tmp_path / "out"
    arguments = (tmp_path / "x" / "audio", tmp_path / "y" / "audio", "--dialect", "hi-IN", "--out", out)
    run(*arguments)
    first = outputs_of(out)
    assert len(first) == len(set(first.values())) == 4
    assert {json.loads(content)["recording"] for content in first.values()} == {
        "a.wav" if name == "a.wav.jsonl" else name.removesuffix(".jsonl") for name in first
    }
    run(*arguments)
    assert outputs_of(out) == first


def test_two_folders_one_after_the_other_into_one_output_folder_keep_both(tmp_path: Path) -> None:
    for seed, name in enumerate(("x/a.wav", "y/a.wav")):
        write_wav(tmp_path / name, speech(1, seed=seed))
    for folder in ("x", "y", "x"):
        run(tmp_path / folder, "--dialect", "hi-IN", "--out", tmp_path / "out")
    assert set(outputs_of(tmp_path / "out")) == {"a.jsonl", "a.wav.jsonl"}


@pytest.mark.parametrize("order", [("audio", "audio/hin"), ("audio/hin", "audio")])
def test_a_name_stays_with_its_recording_when_another_folder_above_it_is_asked_for(
    order: tuple[str, str], tmp_path: Path
) -> None:
    write_wav(tmp_path / "audio" / "hin" / "x.wav", speech(1))
    out = tmp_path / "out"
    run(tmp_path / order[0], "--dialect", "hi-IN", "--format", "srt", "--out", out)
    (written,) = out.rglob("*.srt")
    written.write_text("corrected by hand\n", encoding="utf-8")
    done = run(tmp_path / order[1], "--dialect", "hi-IN", "--format", "srt", "--out", out, fails=[1])
    assert list(out.rglob("*.srt")) == [written]
    assert f"{written.name} is left alone" in done.stdout


def test_copies_of_a_recording_are_counted_apart_and_name_the_first(tmp_path: Path) -> None:
    one = write_wav(tmp_path / "audio" / "1.wav", speech(1)).read_bytes()
    for name in ("2.wav", "3.wav"):
        (tmp_path / "audio" / name).write_bytes(one)
    arguments = (tmp_path / "audio", "--dialect", "hi-IN", "--out", tmp_path / "out")
    assert "3 recordings: 1 done, 0 done before, 0 failed, 2 copies of others" in run(*arguments).stdout
    summary = summary_of(tmp_path / "out")
    assert summary["states"] == {"done": 1, "done_before": 0, "failed": 0, "copy": 2}
    assert [detail["notes"] for detail in summary["details"]] == [
        [],
        ["same content as 1.wav"],
        ["same content as 1.wav"],
    ]
    assert set(outputs_of(tmp_path / "out")) == {"1.jsonl", "2.jsonl", "3.jsonl"}
    assert "0 done, 3 done before, 0 failed\n" in run(*arguments).stdout


def test_a_spreadsheet_given_as_manifest_is_named_as_one(audio: Path, tmp_path: Path) -> None:
    (audio / "m.xlsx").write_bytes(b"PK\x03\x04" + bytes(100))
    done = run(audio, "--manifest", audio / "m.xlsx", "--out", tmp_path / "out", fails=[2])
    assert "it is a spreadsheet; save it as CSV" in done.stderr


def test_a_manifest_gives_dialect_and_metadata_and_what_it_lacks_is_reported(audio: Path, tmp_path: Path) -> None:
    (audio / "m.csv").write_text("path,tag,speaker\none.wav,ta-IN,Asha\n", encoding="utf-8")
    done = run(audio, "--manifest", audio / "m.csv", "--out", tmp_path / "out", fails=[1])
    assert set(outputs_of(tmp_path / "out")) == {"one.jsonl"}
    assert "failed: calls/two.wav: its dialect is not known" in done.stdout
    details = summary_of(tmp_path / "out")["details"]
    assert {detail["recording"]: detail["metadata"] for detail in details}["one.wav"] == {"speaker": "Asha"}
    run(audio, "--manifest", audio / "m.csv", "--dialect", "hi-IN", "--out", tmp_path / "out")
    assert b'"dialect": "hi-IN"' in outputs_of(tmp_path / "out")["calls/two.jsonl"]
    assert b'"dialect": "ta-IN"' in outputs_of(tmp_path / "out")["one.jsonl"]


def test_a_manifest_alone_names_the_recordings(audio: Path, tmp_path: Path) -> None:
    (audio / "m.tsv").write_text("path\ttag\ncalls/two.wav\thi-IN\n", encoding="utf-8")
    run("--manifest", audio / "m.tsv", "--out", tmp_path / "out")
    assert set(outputs_of(tmp_path / "out")) == {"calls/two.jsonl"}


def test_linked_recordings_keep_the_names_of_their_links(audio: Path, tmp_path: Path) -> None:
    (tmp_path / "links" / "deep").mkdir(parents=True)
    (tmp_path / "links" / "deep" / "uno.wav").symlink_to(audio / "one.wav")
    (tmp_path / "links" / "m.csv").write_text("path,tag\ndeep/uno.wav,ta-IN\n", encoding="utf-8")
    run(tmp_path / "links", "--manifest", tmp_path / "links" / "m.csv", "--out", tmp_path / "out")
    assert set(outputs_of(tmp_path / "out")) == {"deep/uno.jsonl"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' file names are always Unicode")
def test_names_that_are_no_unicode_are_made_readable(tmp_path: Path) -> None:
    folder = write_wav(tmp_path / "in" / "plain.wav", speech(1)).parent
    (folder / "plain.wav").rename(Path(os.fsdecode(os.fsencode(folder) + b"/\xc4\xe3.wav")))
    for _ in range(2):
        run(folder, "--dialect", "cmn-Hans-CN", "--format", ALL_FORMATS, "--out", tmp_path / "out")
    assert set(outputs_of(tmp_path / "out")) == {f"%C4%E3{format_.suffix}" for format_ in FORMATS.values()}
    assert summary_of(tmp_path / "out")["details"][0]["recording"] == "%C4%E3.wav"


def test_a_name_too_long_for_the_disk_fails_alone(audio: Path, tmp_path: Path) -> None:
    (audio / "one.wav").rename(audio / ("x" * 250 + ".wav"))
    done = run(audio, "--dialect", "hi-IN", "--format", "jsonl,textgrid", "--out", tmp_path / "out", fails=[1])
    assert "File name too long" in done.stdout
    assert set(outputs_of(tmp_path / "out")) == {"calls/two.jsonl", "calls/two.TextGrid"}


def test_patterns_are_expanded(audio: Path, tmp_path: Path) -> None:
    run(f"{audio}/**/*.wav", "--dialect", "hi-IN", "--out", tmp_path / "out")
    assert set(outputs_of(tmp_path / "out")) == {"one.jsonl", "calls/two.jsonl"}


def test_a_recording_without_speech_gets_empty_outputs(tmp_path: Path) -> None:
    silence = write_wav(tmp_path / "silence.wav", np.zeros(48_000, dtype=np.int16))
    run(silence, "--dialect", "hi-IN", "--format", ALL_FORMATS, "--out", tmp_path / "out")
    assert outputs_of(tmp_path / "out")["silence.jsonl"] == b""
    done = run(silence, "--dialect", "hi-IN", "--format", ALL_FORMATS, "--out", tmp_path / "out")
    assert "0 done, 1 done before" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{audio}"], "which dialect?"),
        ([], "nothing to transcribe"),
        (["{audio}", "--dialect", "hi-IM"], "hi-IN"),
        (["{audio}/none.wav", "--dialect", "hi-IN"], "no such file or folder"),
        (["{audio}/*.ogg", "--dialect", "hi-IN"], "no audio file matches"),
        (["{audio}", "--dialect", "hi-IN", "--format", "docx"], "unknown format 'docx'"),
        (["{audio}", "--manifest", "{audio}/none.csv"], "cannot be read"),
        (["{audio}", "--dialect", "hi-IN", "--vad", "magic"], "--vad"),
        (["{audio}", "--dialect", "hi-IN", "--engine", "abacus"], "abacus"),
        (["{audio}", "--dialect", "hi-IN", "--out", "{audio}/one.wav"], "cannot write to the folder"),
    ],
)
def test_wrong_usage_is_told_before_anything_starts(
    audio: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = run("--out", tmp_path / "out", *(part.format(audio=audio) for part in arguments), fails=[2])
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_manifest_with_faults_stops_the_run_before_it_starts(audio: Path, tmp_path: Path) -> None:
    (audio / "m.csv").write_text("path,tag\none.wav,hi-IN\nnone.wav,hi-IN\n", encoding="utf-8")
    done = run(audio, "--manifest", audio / "m.csv", "--out", tmp_path / "out", fails=[2])
    assert "line 3, column 'path', value 'none.wav'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_choices_on_the_command_line_are_those_of_the_pipeline() -> None:
    hints = get_type_hints(commands.transcribe)
    assert set(get_args(hints["vad"])) == set(Detector)
    assert set(get_args(hints["channels"])) == set(ChannelPolicy)


@pytest.mark.needs_recordings
def test_the_shared_recordings_get_each_a_draft_or_a_reason(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(SHARED, "--manifest", SHARED / "manifest.tsv", "--format", ALL_FORMATS, "--out", out)
    with (SHARED / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        expected = [row["path"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    summary = summary_of(out)
    assert [detail["recording"] for detail in summary["details"]] == sorted(expected, key=Path)
    assert summary["states"] == {"done": 94, "done_before": 0, "copy": 0, "failed": 0}
    assert len(outputs_of(out)) == 94 * len(FORMATS)
