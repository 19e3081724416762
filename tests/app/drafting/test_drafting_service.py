"""Segments drafted in batches: each once by each model, whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.drafting import claims
from app.drafting.requests import follow_choices, request_drafts
from app.drafting.service import draft
from app.jobs.draft import draft_batch
from models.asr_model import AsrModel
from models.draft import Draft, DraftClaim
from models.project import Project, ProjectDialect
from models.recording import RecordingState
from models.values import ModelIdentity, NoDraftReason
from pipeline.asr.fake import FakeRecogniser
from pipeline.asr.recogniser import Recognition, Request
from pipeline.errors import ModelUnavailable, RecogniserUnreachable
from tests.flow import Flow, phrases


class Other(FakeRecogniser):
    """A second model."""

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity("fake", "other", "1")


class Limited(FakeRecogniser):
    """Fails, in one way or another, from its nth clip on."""

    def __init__(self, n_good: int, error: Exception) -> None:
        super().__init__()
        self.n_left = n_good
        self.error = error

    @property
    def batch_size(self) -> int:
        return 1

    @property
    def n_parallel(self) -> int:
        return 1

    def recognise(self, requests: Sequence[Request], *, temperature: float = 0.0) -> list[Recognition]:
        self.n_left -= len(requests)
        if self.n_left < 0:
            raise self.error
        return super().recognise(requests, temperature=temperature)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of three segments."""
    monkeypatch.setattr(claims, "BATCH_SEGMENTS", 3)


def n_drafts(flow: Flow) -> Counter[int]:
    """How many (segment, model) have how many drafts."""
    with flow.sessions() as session:
        per_segment = select(func.count()).select_from(Draft).group_by(Draft.segment_id, Draft.asr_model_id)
        return Counter(session.scalars(per_segment))


def n_claims(flow: Flow) -> int:
    with flow.sessions() as session:
        return session.scalar(select(func.count()).select_from(DraftClaim)) or 0


def test_batches_reach_across_recordings_and_projects(flow: Flow, tmp_path: Path) -> None:
    ids = [flow.receive(flow.project(), phrases(tmp_path, 2, seed=seed)) for seed in range(4)]
    flow.run()
    assert {flow.recording(each).state for each in ids} == {RecordingState.READY}
    assert n_drafts(flow) == {1: 8}
    assert n_claims(flow) == 0
    assert all(each.text and each.words for recording in ids for each in flow.drafts(recording))
    with flow.sessions() as session:
        assert [(each.engine, each.name) for each in session.scalars(select(AsrModel))] == [("fake", "fake")]


def test_the_most_urgent_recording_is_drafted_first(flow: Flow, tmp_path: Path) -> None:
    project = flow.project()
    late = flow.receive(project, phrases(tmp_path, 3, seed=1))
    due = flow.receive(project, phrases(tmp_path, 3, seed=2), due_at=datetime(2026, 12, 1, tzinfo=UTC))
    urgent = flow.receive(project, phrases(tmp_path, 3, seed=3), priority=5)
    for _ in range(3):
        flow.run_one()
    assert [job for job, _ in flow.waiting] == ["draft"]
    for expected in (urgent, due, late):
        flow.run_one(next(place for place, (job, _) in enumerate(flow.waiting) if job == "draft"))
        assert flow.drafts(expected)
    assert not [job for job, _ in flow.waiting if job == "draft"]


def test_another_model_drafts_beside_the_first(flow: Flow, tmp_path: Path) -> None:
    project = flow.project()
    flow.recognisers["other"] = Other()
    before = flow.receive(project, phrases(tmp_path, 2, seed=1))
    flow.run()
    texts = [each.text for each in flow.drafts(before)]
    for _ in range(2):
        flow.change(lambda session: request_drafts(session, project, "other", enqueue=flow.enqueue))
    flow.run()
    later = flow.receive(project, phrases(tmp_path, 2, seed=2))
    flow.run()
    assert [each.text for each in flow.drafts(before)][::2] == texts
    assert n_drafts(flow) == {1: 8}
    assert {flow.recording(each).state for each in (before, later)} == {RecordingState.READY}


def test_a_segment_that_fails_hard_goes_to_people_with_the_reason(flow: Flow, tmp_path: Path) -> None:
    flow.recognisers["fake"] = FakeRecogniser(fail_every=2)
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 9))
    flow.run()
    assert flow.recording(recording_id).state is RecordingState.READY
    failed = [each for each in flow.drafts(recording_id) if each.text is None]
    assert 0 < len(failed) < 9
    assert {each.no_draft_reason for each in failed} == {NoDraftReason.ENGINE_FAILED}
    assert all("told to fail" in str(each.no_draft_detail) for each in failed)


@pytest.mark.parametrize("error", [RecogniserUnreachable("no answer"), RuntimeError("a fault of ours")])
def test_what_was_drafted_before_a_fault_is_kept_and_the_rest_waits(
    flow: Flow, tmp_path: Path, error: Exception
) -> None:
    flow.recognisers["fake"] = Limited(2, error)
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 7))
    flow.run_one()
    (_, ids), *_ = flow.waiting
    with pytest.raises(type(error)):
        flow.run_one()
    assert flow.recording(recording_id).state is RecordingState.SEGMENTED
    kept = {each.id for each in flow.drafts(recording_id)}
    assert len(kept) <= 2
    flow.recognisers["fake"] = FakeRecogniser()
    flow.run()
    assert flow.recording(recording_id).state is RecordingState.SEGMENTED, "its first batch is still somebody's"
    draft(flow.context, *ids, recogniser=FakeRecogniser(), enqueue=flow.enqueue)
    flow.run()
    assert flow.recording(recording_id).state is RecordingState.READY
    assert n_drafts(flow) == {1: 7}
    assert kept <= {each.id for each in flow.drafts(recording_id)}


def test_a_batch_whose_worker_died_is_taken_by_another_when_its_claims_run_out(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow.recognisers["fake"] = Limited(0, RuntimeError("dead"))
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 2))
    flow.run_one()
    monkeypatch.setattr(claims, "CLAIM_LASTS", -claims.CLAIM_LASTS)
    with pytest.raises(RuntimeError):
        flow.run_one()
    draft(flow.context, "fake", "another", recogniser=FakeRecogniser(), enqueue=flow.enqueue)
    assert flow.recording(recording_id).state is RecordingState.DRAFTED


def test_workers_side_by_side_draft_each_segment_once(flow: Flow, tmp_path: Path) -> None:
    ids = [flow.receive(flow.project(), phrases(tmp_path, 5, seed=seed)) for seed in range(3)]
    for _ in ids:
        flow.run_one()
    with ThreadPoolExecutor(4) as pool:
        work = [
            pool.submit(draft, flow.context, "fake", f"b{number}", recogniser=FakeRecogniser(), enqueue=flow.enqueue)
            for number in range(8)
        ]
        for each in work:
            each.result()
    assert n_drafts(flow) == {1: 15}
    assert {flow.recording(each).state for each in ids} == {RecordingState.DRAFTED}


def test_a_cancelled_batch_stops_and_gives_its_segments_back(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 3))
    flow.run_one()
    flow.context.stopping.set()
    flow.run_one()
    flow.context.stopping.clear()
    assert len(flow.drafts(recording_id)) < 3
    assert n_claims(flow) == 0
    draft(flow.context, "fake", "again", recogniser=FakeRecogniser(), enqueue=flow.enqueue)
    assert n_drafts(flow) == {1: 3}


def test_a_model_that_cannot_load_leaves_recordings_waiting(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(model=str(tmp_path / "no-model")), phrases(tmp_path, 2))
    flow.run_one()
    context = flow.context.__class__(
        flow.context.settings.model_copy(update={"engine": None}), flow.sessions, flow.context.store
    )
    ((_, ids),) = flow.waiting
    with pytest.raises(ModelUnavailable):
        draft_batch(context, ids)
    assert flow.recording(recording_id).state is RecordingState.SEGMENTED
    assert n_claims(flow) == 0


def test_drafting_switched_off_meanwhile_sends_what_waits_to_people_blank(flow: Flow, tmp_path: Path) -> None:
    project = flow.project()
    recording_id = flow.receive(project, phrases(tmp_path, 2))
    flow.run_one()
    flow.change(lambda session: session.add(ProjectDialect(project_id=project.id, dialect="hi-IN", is_drafted=False)))
    flow.run()
    assert flow.recording(recording_id).state is RecordingState.SEGMENTED
    flow.change(lambda session: follow_choices(session, project, enqueue=flow.enqueue))
    flow.run()
    assert flow.recording(recording_id).state is RecordingState.READY
    assert flow.drafts(recording_id) == []


def test_recordings_that_wait_go_to_a_projects_new_model(flow: Flow, tmp_path: Path) -> None:
    flow.recognisers["other"] = Other()
    project = flow.project(model="no such model")
    recording_id = flow.receive(project, phrases(tmp_path, 2))
    flow.run_one()
    flow.waiting.clear()
    with flow.sessions.begin() as session:
        changed = session.get_one(Project, project.id)
        changed.model = "other"
        follow_choices(session, changed, enqueue=flow.enqueue)
    flow.run()
    assert flow.recording(recording_id).state is RecordingState.READY
    assert n_drafts(flow) == {1: 2}
