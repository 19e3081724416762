"""`boli recordings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.api.console import operator_session, parsed_id, print_models, print_table

if TYPE_CHECKING:
    from app.recordings.schemas import RecordingRead

recordings = typer.Typer(help="The recordings of a project on this machine: list, show.", no_args_is_help=True)
_HEADINGS = ("id", "file", "state", "dialect", "speaker", "seconds", "fault")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of a table.")]


@recordings.command("list")
def list_recordings(
    project: Annotated[str, typer.Option(help="Id from `boli projects list`.")],
    state: Annotated[
        str | None, typer.Option(help="received, segmented, drafted, ready, broken or duplicate; none: all.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the recordings of a project, the oldest first."""
    with operator_session("boli recordings") as session:
        from app.api.cursors import MOST_ITEMS
        from app.deps import found
        from app.recordings import service
        from app.recordings.schemas import RecordingsQuery
        from models.project import Project

        owner = found(session, Project, parsed_id(project, what="project"))
        wanted = RecordingsQuery.model_validate({"state": state, "limit": MOST_ITEMS})
        listed: list[RecordingRead] = []
        while True:
            items, cursor = service.list_recordings(session, owner.id, wanted)
            listed += items
            if cursor is None:
                break
            wanted = wanted.model_copy(update={"cursor": cursor})
    if as_json:
        print_models(listed)
    else:
        print_table(_HEADINGS, map(_row, listed))


@recordings.command("show")
def show_recording(
    recording_id: Annotated[str, typer.Argument(metavar="ID", help="Id from `boli recordings list`.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what is known of a recording and how far it has come."""
    with operator_session("boli recordings") as session:
        from app.deps import found
        from app.recordings import queries
        from models.recording import Recording

        recording = found(session, Recording, parsed_id(recording_id, what="recording"))
        shown = queries.detail(session, recording)
    if as_json:
        print_models([shown])
        return
    fields = shown.model_dump(mode="json", exclude={"quality", "counts", "dialect_changes", "speaker"})
    speaker = shown.speaker.pseudonym if shown.speaker else None
    print_table(("field", "value"), [*fields.items(), ("speaker", speaker), *shown.counts.model_dump().items()])


def _row(recording: RecordingRead) -> tuple[object, ...]:
    seconds = None if recording.duration_ms is None else f"{recording.duration_ms / 1000:.1f}"
    speaker = recording.speaker.pseudonym if recording.speaker else None
    return (
        recording.id, recording.file_name, recording.state.value, recording.dialect, speaker, seconds, recording.fault,
    )  # fmt: skip
