"""Making and editing organisations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.cursors import PageQuery, behind, split
from app.api.edits import apply, flush_unique
from app.organisations.schemas import OrganisationCreate, OrganisationEdit
from models.organisation import Organisation


def list_organisations(session: Session, page: PageQuery) -> tuple[Sequence[Organisation], str | None]:
    """A page of organisations, in the order of making."""
    return split(session.scalars(behind(select(Organisation), Organisation, page)).all(), page)


def create_organisation(session: Session, body: OrganisationCreate) -> Organisation:
    """A new organisation.

    Raises:
        Conflict: another one has the name.
    """
    organisation = Organisation(**body.model_dump())
    session.add(organisation)
    flush_unique(session, f"there is an organisation {body.name!r} already")
    return organisation


def edit_organisation(session: Session, organisation: Organisation, body: OrganisationEdit) -> None:
    """Change an organisation.

    Raises:
        Conflict: another one has the name.
    """
    apply(organisation, body)
    flush_unique(session, f"there is an organisation {body.name!r} already")
