"""`/organisations`."""

from __future__ import annotations

from app.api.cursors import Page, PageParameters
from app.api.etags import require_version
from app.api.problems import documented
from app.api.routing import feature_router
from app.deps import IfMatch, OrganisationPath, SessionDep
from app.organisations import service
from app.organisations.schemas import OrganisationCreate, OrganisationEdit, OrganisationRead
from models.organisation import Organisation

router = feature_router(prefix="/organisations", tags=["organisations"])


@router.get("", response_model=Page[OrganisationRead], responses=documented(422), operation_id="list_organisations")
def list_organisations(page: PageParameters, session: SessionDep) -> dict[str, object]:
    """List organisations, the oldest first."""
    items, next_cursor = service.list_organisations(session, page)
    return {"items": items, "next_cursor": next_cursor}


@router.post(
    "", status_code=201, response_model=OrganisationRead, responses=documented(409, 413, 422),
    operation_id="create_organisation",
)  # fmt: skip
def create_organisation(body: OrganisationCreate, session: SessionDep) -> Organisation:
    """Make an organisation."""
    return service.create_organisation(session, body)


@router.get(
    "/{organisation_id}", response_model=OrganisationRead, responses=documented(404, 422),
    operation_id="read_organisation",
)  # fmt: skip
def read_organisation(organisation: OrganisationPath) -> Organisation:
    """Read an organisation."""
    return organisation


@router.patch(
    "/{organisation_id}", response_model=OrganisationRead, responses=documented(404, 409, 412, 413, 422, 428),
    operation_id="edit_organisation",
)  # fmt: skip
def edit_organisation(
    organisation: OrganisationPath, body: OrganisationEdit, session: SessionDep, if_match: IfMatch = None
) -> Organisation:
    """Change an organisation: its name, its limits."""
    require_version(if_match, version=organisation.version, what="the organisation")
    service.edit_organisation(session, organisation, body)
    return organisation
