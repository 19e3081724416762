"""A project's drafts as JSON Lines, in as much memory as a page of them takes.

Each page is a transaction of its own: a slow reader holds nothing open in the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Row, select, tuple_
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading
from app.drafts.queries import drafts_of, own_fields
from app.drafts.schemas import ExportLine
from app.segments.queries import is_current
from models.recording import Recording
from models.segment import Segment
from models.speaker import Speaker

RECORDINGS_AT_ONCE = 100
SEGMENTS_AT_ONCE = 300
_FACTS = (
    "project_id", "file_name", "client_reference", "sha256", "country", "state_or_province", "district", "device",
    "environment",
)  # fmt: skip

_Known = Row[Recording, str]


def export_lines(maker: sessionmaker[Session], project_id: UUID) -> Iterator[str]:
    """One line of JSON for each segment that stands, by recording in the order of arrival, channel and start."""
    last: Recording | None = None
    while recordings := _recordings(maker, project_id, behind=last):
        yield from _lines(maker, recordings)
        last = recordings[-1][0]


def _recordings(maker: sessionmaker[Session], project_id: UUID, *, behind: Recording | None) -> Sequence[_Known]:
    """Recordings with the pseudonyms of their speakers, None where nobody knows who speaks."""
    query = (
        select(Recording, Speaker.pseudonym)
        .outerjoin(Speaker, Speaker.id == Recording.speaker_id)
        .where(Recording.project_id == project_id)
        .order_by(Recording.created_at, Recording.id)
        .limit(RECORDINGS_AT_ONCE)
    )
    if behind is not None:
        query = query.where(tuple_(Recording.created_at, Recording.id) > tuple_(behind.created_at, behind.id))
    with reading(maker) as session:
        return session.execute(query).all()


def _lines(maker: sessionmaker[Session], recordings: Sequence[_Known]) -> Iterator[str]:
    known = {recording.id: (recording, speaker) for recording, speaker in recordings}
    order = tuple_(Recording.created_at, Segment.recording_id, Segment.channel, Segment.start_ms, Segment.id)
    query = (
        select(Segment)
        .join(Recording, Recording.id == Segment.recording_id)
        .where(Segment.recording_id.in_(known), is_current())
        .order_by(*order.clauses)
        .limit(SEGMENTS_AT_ONCE)
    )
    place = None
    while True:
        with reading(maker) as session:
            segments = session.scalars(query if place is None else query.where(order > place)).all()
            drafts = drafts_of(session, [segment.id for segment in segments])
        for segment in segments:
            recording, speaker = known[segment.recording_id]
            facts = {name: getattr(recording, name) for name in _FACTS}
            line = ExportLine(
                **own_fields(segment), **facts, recording_dialect=recording.dialect, speaker=speaker,
                drafts=drafts.get(segment.id, []),
            )  # fmt: skip
            yield line.model_dump_json() + "\n"
        if len(segments) < SEGMENTS_AT_ONCE:
            return
        final = segments[-1]
        arrived = known[final.recording_id][0].created_at
        place = tuple_(arrived, final.recording_id, final.channel, final.start_ms, final.id)
