"""Clips are made from what is stored, kept within the budget, and made again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, update

from app.clips import queries
from app.clips.eviction import evict
from app.clips.files import ClipKey, ClipKind, clip_key_of
from app.clips.making import N_AHEAD, make_recording_clips
from app.db import reading, transaction
from app.storage import StoredFileMissing
from models.base import now
from models.cached_file import CachedFile
from models.segment import Segment
from models.values import Span
from pipeline.audio import read_samples
from pipeline.clip_span import clip_span
from tests.app.clips.conftest import DURATION_MS, Talk, new_talk
from tests.factories import add_replacement, add_segment
from tests.pipeline.test_clips import decoded, lag_ms


def rows(talk: Talk) -> dict[str, int]:
    with reading(talk.context.sessions) as session:
        return {row.storage_key: row.size_bytes for row in session.scalars(select(CachedFile))}


def files(talk: Talk) -> dict[str, int]:
    return {file.key: file.size_bytes for file in talk.context.store.list(f"{talk.project_id}/clips")}


def made_of(talk: Talk) -> set[int]:
    """Places of the segments that have a clip, as the stored files say."""
    ids = {key.segment_id for key in map(clip_key_of, files(talk)) if key is not None}
    return {place for place, segment in enumerate(talk.segments) if segment.id in ids}


def test_every_segment_gets_sound_and_peaks_that_the_database_knows(talk: Talk) -> None:
    assert make_recording_clips(talk.context, talk.recording_id) == len(talk.segments)
    assert rows(talk) == files(talk)
    assert len(rows(talk)) == 2 * len(talk.segments)
    whole = read_samples(talk.source)[0]
    for segment in (talk.segments[0], talk.segments[7], talk.segments[-1]):
        span = clip_span(Span(segment.start_ms, segment.end_ms), duration_ms=DURATION_MS)
        key = str(ClipKey(talk.project_id, segment.id, ClipKind.OPUS))
        heard = decoded(talk.context.store.read_range(key, 0, 1 << 20))
        assert len(heard) == span.duration_ms * 48
        assert abs(lag_ms(heard, whole[span.start_ms * 16 : span.end_ms * 16])) < 1


def test_what_is_there_is_not_made_again(talk: Talk) -> None:
    make_recording_clips(talk.context, talk.recording_id)
    before = {file.key: file.modified_at for file in talk.context.store.list()}
    assert make_recording_clips(talk.context, talk.recording_id) == 0
    assert {file.key: file.modified_at for file in talk.context.store.list()} == before


def test_the_segments_that_were_asked_for_and_the_next_ones_are_made(talk: Talk) -> None:
    assert make_recording_clips(talk.context, talk.recording_id, [talk.segments[1].id]) == 1 + N_AHEAD
    assert made_of(talk) == set(range(1, 2 + N_AHEAD))


def test_segments_that_others_replaced_get_none(talk: Talk) -> None:
    with transaction(talk.context.sessions) as session:
        halves = [add_segment(session, talk.recording_id, start_ms=s, end_ms=s + 500) for s in (0, 500)]
        session.flush()
        for half in halves:
            add_replacement(session, half.id, talk.segments[0].id)
    assert make_recording_clips(talk.context, talk.recording_id) == len(talk.segments) + 1
    assert 0 not in made_of(talk)


def test_a_recording_that_is_gone_is_told_and_an_unknown_one_is_nothing_to_do(talk: Talk) -> None:
    talk.context.store.delete(next(file.key for file in talk.context.store.list()))
    with pytest.raises(StoredFileMissing):
        make_recording_clips(talk.context, talk.recording_id)
    assert make_recording_clips(talk.context, talk.project_id) == 0


def test_the_files_unused_for_the_longest_time_go_first(talk: Talk, tmp_path: Path) -> None:
    make_recording_clips(talk.context, talk.recording_id)
    with transaction(talk.context.sessions) as session:
        for age, segment in enumerate(reversed(talk.segments)):
            stamp = now() - timedelta(minutes=age)
            session.execute(update(CachedFile).where(CachedFile.segment_id == segment.id).values(used_at=stamp))
    total = sum(rows(talk).values())
    assert evict(talk.context.sessions, talk.context.store, budget_bytes=total) == 0
    budget = total // 2
    assert evict(talk.context.sessions, talk.context.store, budget_bytes=budget) > 0
    assert rows(talk) == files(talk)
    assert budget * 0.8 < sum(rows(talk).values()) <= budget
    kept = made_of(talk)
    assert kept == set(range(min(kept), len(talk.segments)))


def test_a_new_recording_pushes_out_the_clips_of_an_old_one(talk: Talk, tmp_path: Path) -> None:
    make_recording_clips(talk.context, talk.recording_id)
    total = sum(rows(talk).values())
    context = replace(talk.context, settings=talk.context.settings.model_copy(update={"clip_cache_bytes": total}))
    later = new_talk(context, tmp_path / "later.wav", seed=1)
    make_recording_clips(context, later.recording_id)
    assert sum(rows(later).values()) <= total
    assert len(made_of(later)) > len(later.segments) * 0.8
    assert len(made_of(talk)) < len(talk.segments) * 0.2
    assert set(rows(later)) == {*files(talk), *files(later)}


def test_a_file_that_was_used_meanwhile_stays(talk: Talk) -> None:
    make_recording_clips(talk.context, talk.recording_id)
    with reading(talk.context.sessions) as session:
        seen = queries.longest_unused(session, 4)
    with transaction(talk.context.sessions) as session:
        queries.touch(session, [seen[0].storage_key])
    with transaction(talk.context.sessions) as session:
        dropped = queries.forget_unused(session, seen)
    assert set(dropped) == {file.storage_key for file in seen[1:]}


def test_a_job_that_is_told_to_stop_keeps_what_it_has_made(talk: Talk) -> None:
    stopping = Event()
    stopping.set()
    context = replace(talk.context, stopping=stopping)
    assert make_recording_clips(context, talk.recording_id) == 1
    assert rows(talk) == files(talk)
    assert make_recording_clips(talk.context, talk.recording_id) == len(talk.segments) - 1


def test_more_clips_than_the_budget_holds_are_not_made(talk: Talk) -> None:
    context = replace(talk.context, settings=talk.context.settings.model_copy(update={"clip_cache_bytes": 40_000}))
    assert 0 < make_recording_clips(context, talk.recording_id) < len(talk.segments)
    with reading(context.sessions) as session:
        assert queries.cached_bytes(session) <= 40_000


def test_a_channel_that_the_sound_lacks_is_named(talk: Talk) -> None:
    with transaction(talk.context.sessions) as session:
        other: Segment = add_segment(session, talk.recording_id, start_ms=20_000, end_ms=21_000, channel=1)
    with pytest.raises(ValueError, match="segment of channel 1"):
        make_recording_clips(talk.context, talk.recording_id, [other.id])
