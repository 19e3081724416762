"""Clips are made before anybody asks, but never in place of those that are in use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clips.ahead import N_RECORDINGS_A_JOB, ask_ahead, make_ahead
from app.clips.making import make_recording_clips
from app.db import reading, transaction
from app.jobs.clips import clips_ahead
from app.jobs.queues import USUAL_PRIORITY, JobName, Queue
from models.base import new_id
from models.cached_file import CachedFile
from tests.app.clips.conftest import Talk, new_talk


def n_files(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CachedFile)) or 0


def test_the_clips_of_recordings_are_made_and_a_recording_that_is_gone_is_passed_over(
    talk: Talk, tmp_path: Path
) -> None:
    later = new_talk(talk.context, tmp_path / "later.wav", seed=1)
    talk.context.store.delete(next(file.key for file in talk.context.store.list(str(talk.project_id))))
    clips_ahead(talk.context, [str(talk.recording_id), str(later.recording_id)])
    with reading(talk.context.sessions) as session:
        assert n_files(session) == 2 * len(later.segments)


def test_clips_that_are_in_use_stay_where_there_is_no_room_for_more(talk: Talk, tmp_path: Path) -> None:
    make_recording_clips(talk.context, talk.recording_id)
    with reading(talk.context.sessions) as session:
        before = set(session.scalars(select(CachedFile.storage_key)))
        used_bytes = session.scalar(select(func.sum(CachedFile.size_bytes))) or 0
    context = replace(
        talk.context, settings=talk.context.settings.model_copy(update={"clip_cache_bytes": used_bytes + 1000})
    )
    later = new_talk(context, tmp_path / "later.wav", seed=1)
    assert make_ahead(context, [later.recording_id]) == 0
    with reading(talk.context.sessions) as session:
        assert set(session.scalars(select(CachedFile.storage_key))) == before


def test_they_wait_behind_what_somebody_asked_for(talk: Talk) -> None:
    asked: list[tuple[int, Queue, int, float]] = []

    def enqueue(
        session: Session, job: str, ids: list[str], *, key: str, queue: Queue, priority: int = 0, delay_s: float = 0
    ) -> None:
        assert (session.is_active, job, ids[0] in key) == (True, JobName.CLIPS_AHEAD, True)
        asked.append((len(ids), queue, priority, delay_s))

    with transaction(talk.context.sessions) as session:
        ask_ahead(session, [new_id() for _ in range(N_RECORDINGS_A_JOB + 1)], enqueue=enqueue)
    assert [each[:2] for each in asked] == [(N_RECORDINGS_A_JOB, Queue.CLIP), (1, Queue.CLIP)]
    assert all(priority > USUAL_PRIORITY and delay_s > 0 for *_, priority, delay_s in asked)
