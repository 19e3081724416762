"""Whether what is said of a file fits the project that it is sent to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import FieldFault, Invalid
from app.manifests.columns import facts_of
from app.manifests.facts import SPEAKER_COLUMNS, Facts
from app.manifests.faults import Fault, shown
from models.project import Project, ProjectDialect
from models.speaker import Speaker


def checked_facts(session: Session, project: Project, cells: dict[str, str]) -> Facts:
    """The facts of one file.

    Raises:
        Invalid: names each cell that holds what it must not.
    """
    facts, faults = facts_of(cells)
    faults += misfits(session, project, facts)
    if faults:
        raise invalid(faults)
    return facts


def invalid(faults: list[Fault]) -> Invalid:
    """Faults of one file as an error."""
    fields = [FieldFault(fault.column, shown(fault.value), fault.expected) for fault in faults]
    return Invalid("; ".join(f"{each.field} is {each.value}: {each.expected}" for each in fields), *fields)


def misfits(session: Session, project: Project, facts: Facts, line: int = 0) -> Iterator[Fault]:
    """What of a row does not fit the project: its dialect, or its speaker, of whom something else was said before."""
    dialects = session.scalars(select(ProjectDialect.dialect).where(ProjectDialect.project_id == project.id)).all()
    if facts.dialect and dialects and facts.dialect not in dialects:
        expected = f"expected a dialect of the project: {', '.join(sorted(dialects))}"
        yield Fault(line, "dialect", facts.dialect, expected)
    if facts.speaker is None:
        return
    speaker = session.scalars(
        select(Speaker).where(Speaker.project_id == project.id, Speaker.pseudonym == facts.speaker)
    ).one_or_none()
    for column in SPEAKER_COLUMNS if speaker else ():
        before, said = getattr(speaker, column), getattr(facts, column)
        if before is not None and said is not None and said != before:
            yield Fault(line, column, said, f"expected {shown(before)}, as known of speaker {shown(facts.speaker)}")
