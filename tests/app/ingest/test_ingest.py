"""A recording taken in: cut once, linked where its sound is there already, marked where it is broken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.ingest.service import DialectChanged, ingest
from app.storage import StoredFileMissing
from models.draft import DraftSource
from models.project import ProjectDialect
from models.recording import Recording, RecordingState
from models.values import DraftFlag
from pipeline.dialects.catalogue import get_dialect
from tests.flow import Flow, phrases


def test_a_recording_is_cut_and_waits_for_its_drafts(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 3))
    flow.run_one()
    recording = flow.recording(recording_id)
    assert (recording.state, recording.fault) == (RecordingState.SEGMENTED, None)
    assert recording.duration_ms == 9_010
    assert (recording.n_channels, recording.container) == (1, "wav")
    assert recording.sound_sha256
    assert recording.quality
    assert recording.quality[0]["duration_ms"] == 9_010
    assert len(flow.segments(recording_id)) == 3
    assert flow.waiting == [("draft", ["fake", "1"])]


def test_taking_in_again_changes_nothing(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 3))
    flow.run_one()
    before, version = flow.segments(recording_id), flow.recording(recording_id).version
    ingest(flow.context, recording_id, enqueue=flow.enqueue)
    assert [each.id for each in flow.segments(recording_id)] == [each.id for each in before]
    assert flow.recording(recording_id).version == version
    assert len(flow.waiting) == 1


def test_two_workers_with_one_recording_cut_it_once(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 4))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ingest(flow.context, recording_id, enqueue=flow.enqueue), range(4)))
    assert len(flow.segments(recording_id)) == 4


def test_two_files_with_one_sound_at_once_leave_one_to_work_on(flow: Flow, tmp_path: Path) -> None:
    project = flow.project()
    sound = phrases(tmp_path, 2)
    ids = [flow.receive(project, sound, file_name=name) for name in ("a.wav", "b.wav", "c.wav")]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda each: ingest(flow.context, each, enqueue=flow.enqueue), ids))
    recordings = [flow.recording(each) for each in ids]
    (first,) = [each for each in recordings if each.state is RecordingState.SEGMENTED]
    others = [each for each in recordings if each is not first]
    assert {(each.state, each.duplicate_of_id) for each in others} == {(RecordingState.DUPLICATE, first.id)}
    assert sum(len(flow.segments(each)) for each in ids) == 2


def test_the_same_sound_in_another_container_is_recognised(flow: Flow, tmp_path: Path) -> None:
    project = flow.project()
    sound = phrases(tmp_path, 2)
    first = flow.receive(project, sound)
    raw = bytearray(sound.read_bytes())
    raw[36:36] = b"LIST" + (4).to_bytes(4, "little") + b"INFO"
    other = tmp_path / "other.wav"
    other.write_bytes(bytes(raw))
    second = flow.receive(project, other)
    flow.run_one()
    flow.run_one()
    recording = flow.recording(second)
    assert (recording.state, recording.duplicate_of_id) == (RecordingState.DUPLICATE, first)
    assert recording.duration_ms == flow.recording(first).duration_ms


def test_the_same_sound_in_another_project_is_nobodys_business(flow: Flow, tmp_path: Path) -> None:
    sound = phrases(tmp_path, 2)
    ids = [flow.receive(flow.project(), sound) for _ in range(2)]
    flow.run_one()
    flow.run_one()
    assert [flow.recording(each).state for each in ids] == [RecordingState.SEGMENTED] * 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty (0 bytes)"),
        (b"Dear all, find attached", "it holds text, not sound"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt \x10", "its header is damaged or cut short"),
        (b"PK\x03\x04" + bytes(400), "it is a ZIP archive"),
    ],
)
def test_a_broken_file_is_marked_with_its_reason_and_the_rest_goes_on(
    flow: Flow, tmp_path: Path, content: bytes, reason: str
) -> None:
    project = flow.project()
    broken = tmp_path / "broken.wav"
    broken.write_bytes(content)
    broken_id, whole_id = flow.receive(project, broken), flow.receive(project, phrases(tmp_path, 2))
    flow.run()
    recording = flow.recording(broken_id)
    assert recording.state is RecordingState.BROKEN
    assert recording.fault
    assert recording.fault.startswith(reason)
    assert str(tmp_path) not in recording.fault
    assert flow.segments(broken_id) == []
    assert flow.recording(whole_id).state is RecordingState.READY


def test_a_file_that_changed_in_the_store_is_not_taken_for_what_was_received(flow: Flow, tmp_path: Path) -> None:
    sound = phrases(tmp_path, 2)
    recording_id = flow.receive(flow.project(), sound, sha256="0" * 64)
    flow.run()
    recording = flow.recording(recording_id)
    assert recording.state is RecordingState.BROKEN
    assert "Send it again" in str(recording.fault)


def test_a_file_that_is_gone_from_the_store_leaves_the_recording_waiting(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 2))
    flow.context.store.delete(flow.recording(recording_id).storage_key)
    with pytest.raises(StoredFileMissing):
        flow.run()
    assert flow.recording(recording_id).state is RecordingState.RECEIVED


def test_a_recording_without_speech_is_ready_without_tasks(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 0))
    flow.run()
    assert flow.recording(recording_id).state is RecordingState.READY
    assert flow.tasks() == []


def test_where_drafting_is_off_segments_go_to_people_blank(flow: Flow, tmp_path: Path) -> None:
    project = flow.project()
    flow.change(lambda session: session.add(ProjectDialect(project_id=project.id, dialect="ta-IN", is_drafted=False)))
    blank = flow.receive(project, phrases(tmp_path, 2, seed=1), dialect="ta-IN")
    drafted = flow.receive(project, phrases(tmp_path, 2, seed=2), dialect="hi-IN")
    unknown = flow.receive(project, phrases(tmp_path, 2, seed=3), dialect=None)
    flow.run()
    assert [len(flow.drafts(each)) for each in (blank, drafted, unknown)] == [0, 2, 0]
    assert {flow.recording(each).state for each in (blank, drafted, unknown)} == {RecordingState.READY}
    assert {task.dialect for task, _ in flow.tasks()} == {"ta-IN", "hi-IN", None}


def test_no_segment_is_longer_than_its_dialect_allows(flow: Flow, tmp_path: Path) -> None:
    sound = phrases(tmp_path, 45, pause_s=0)
    for dialect in ("ta-IN", None):
        recording_id = flow.receive(flow.project(), sound, dialect=dialect)
        flow.run_one(-1)
        longest_ms = get_dialect(dialect).longest_segment_ms if dialect else 30_000
        assert flow.segments(recording_id)
        assert max(each.duration_ms for each in flow.segments(recording_id)) <= longest_ms


def test_a_clients_text_becomes_drafts_beside_the_machines(flow: Flow, tmp_path: Path) -> None:
    sent = {"text": "1\n00:00:00,000 --> 00:00:01,500\nनमस्ते\n\n2\n00:00:06,100 --> 00:00:07,000\nजी\n"}
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 3), client_draft=sent)
    flow.run()
    by_client = [each for each in flow.drafts(recording_id) if each.source is DraftSource.CLIENT]
    first, _, third = flow.segments(recording_id)
    assert [(each.segment_id, each.text) for each in by_client] == [(first.id, "नमस्ते"), (third.id, "जी")]
    assert len(flow.drafts(recording_id)) == 5


def test_a_clients_text_of_the_whole_is_divided_and_flagged(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 2), client_draft={"text": "एक दो तीन चार"})
    flow.run_one()
    drafts = flow.drafts(recording_id)
    assert [each.text for each in drafts] == ["एक दो", "तीन चार"]
    assert {tuple(each.flags) for each in drafts} == {(DraftFlag.SPREAD.value,)}


def test_a_dialect_corrected_meanwhile_has_the_recording_cut_anew(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 2))
    open_local = flow.context.store.open_local

    def corrected(key: str) -> object:
        with flow.sessions.begin() as session:
            session.get_one(Recording, recording_id).dialect = "ta-IN"
        return open_local(key)

    monkeypatch.setattr(flow.context.store, "open_local", corrected)
    with pytest.raises(DialectChanged):
        ingest(flow.context, recording_id, enqueue=flow.enqueue)
    assert flow.segments(recording_id) == []
    ingest(flow.context, recording_id, enqueue=flow.enqueue)
    assert flow.recording(recording_id).state is RecordingState.SEGMENTED
