"""`boli projects`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.api.console import operator_session, parsed_id, print_models, print_table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.projects.schemas import ProjectRead
    from models.organisation import Organisation

projects = typer.Typer(
    help="The projects of the service on this machine: create, list, show, draft-with.", no_args_is_help=True
)
_HEADINGS = ("id", "name", "dialects", "model", "drafted", "due")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of a table.")]


@projects.command("create")
def create_project(
    name: Annotated[str, typer.Argument(help="What the project is called.")],
    organisation: Annotated[str, typer.Option(help="Name of the organisation that owns it; made where there is none.")],
    dialect: Annotated[list[str] | None, typer.Option(help="Tag from `boli dialects`; give it again for more.")] = None,
    model: Annotated[str, typer.Option(help="Model that drafts, as `boli transcribe --model` takes it.")] = "demo",
    *,
    as_json: AsJson = False,
) -> None:
    """Make a project; prints its id, which uploads and the API take."""
    with operator_session("boli projects") as session:
        from app.projects import service
        from app.projects.schemas import ProjectCreate, ProjectDialectBody

        dialects = [ProjectDialectBody(dialect=tag) for tag in dialect or []]
        owner = _organisation(session, organisation)
        body = ProjectCreate(organisation_id=owner.id, name=name, model=model, dialects=dialects)
        project = service.create_project(session, body)
    if as_json:
        print_models([project])
    else:
        typer.echo(str(project.id))


@projects.command("list")
def list_projects(*, as_json: AsJson = False) -> None:
    """List every project, the oldest first."""
    with operator_session("boli projects") as session:
        from app.projects.queries import every_project

        found = every_project(session)
    if as_json:
        print_models(found)
    else:
        print_table(_HEADINGS, map(_row, found))


@projects.command("show")
def show_project(
    project_id: Annotated[str, typer.Argument(metavar="ID", help="Id from `boli projects list`.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show a project and how far it has come."""
    with operator_session("boli projects") as session:
        from app.deps import found
        from app.progress.queries import progress
        from app.projects import service
        from models.project import Project

        project = found(session, Project, parsed_id(project_id, what="project"))
        shown = service.read_project(session, project)
        told = progress(session, project.id)
    if as_json:
        print_models([shown, told])
        return
    print_table(_HEADINGS, [_row(shown)])
    rows: list[tuple[Any, ...]] = [("recordings", state.value, n) for state, n in told.recordings.by_state.items()]
    rows += [("segments", "all", told.segments.n), ("segments", "with a draft", told.segments.n_drafted)]
    rows += [("tasks", state.value, n) for state, n in told.tasks.by_state.items()]
    print_table(("what", "state", "number"), rows)


@projects.command("draft-with")
def draft_with(
    project_id: Annotated[str, typer.Argument(metavar="ID", help="Id from `boli projects list`.")],
    model: Annotated[str, typer.Argument(help="Model, as `boli transcribe --model` takes it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Have another model draft a project's recordings too, beside the drafts that are there."""
    with operator_session("boli projects") as session:
        from app.deps import found
        from app.projects import service
        from app.projects.schemas import ProjectModelCreate
        from app.settings import load_settings
        from models.project import Project

        project = found(session, Project, parsed_id(project_id, what="project"))
        asked = service.draft_with(session, project, ProjectModelCreate(model=model), settings=load_settings())
    if as_json:
        print_models([asked])
    else:
        typer.echo(f"{asked.model} drafts {project.name} too")


def _organisation(session: Session, name: str) -> Organisation:
    from sqlalchemy import select

    from app.organisations import service
    from app.organisations.schemas import OrganisationCreate
    from models.organisation import Organisation

    body = OrganisationCreate(name=name)
    there = session.scalar(select(Organisation).where(Organisation.name == body.name))
    return there or service.create_organisation(session, body)


def _row(project: ProjectRead) -> tuple[object, ...]:
    tags = " ".join(each.dialect for each in project.dialects)
    return (project.id, project.name, tags, project.model, "yes" if project.is_drafted else "no", project.due_at)
