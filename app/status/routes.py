"""`/` and `/docs`: how the service is, and what its API can do."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.deps import RuntimeDep, SessionDep
from app.jobs.inspection import Jobs
from app.jobs.queues import JobState
from app.status import queries
from app.status.pages import facts, page, table
from app.status.queries import MOST_JOBS, MOST_PROJECTS, ProjectLine
from app.status.reference import reference
from models.recording import RecordingState
from models.task import TaskState

router = APIRouter(include_in_schema=False)
_HEADINGS = ("project", "organisation", "minutes", "received", "in work", "ready", "broken", "tasks", "tasks done")
_IN_WORK = (RecordingState.SEGMENTED, RecordingState.DRAFTED)
_GB = 10**9


@router.get("/", response_class=HTMLResponse, operation_id="status_page")
def status_page(request: Request, runtime: RuntimeDep, session: SessionDep) -> HTMLResponse:
    """How the service is."""
    lines = queries.project_lines(session)
    n_workers = queries.n_workers(session)
    jobs = queries.jobs_by_state(session, Jobs(runtime.engine))
    about = facts(
        [
            ("Version", request.app.version),
            ("Free disk space", f"{queries.free_bytes(runtime.settings.data_folder) / _GB:.1f} GB"),
            ("Workers", str(n_workers)),
            ("Open jobs", _counted(jobs)),
        ]
    )
    caption = "Projects" if len(lines) < MOST_PROJECTS else f"The newest {MOST_PROJECTS} projects"
    listed = table(caption, _HEADINGS, [_row(line) for line in lines]) if lines else "<p>There are no projects yet.</p>"
    links = '<p><a href="/docs">What the API can do</a></p>'
    return page("Boli", f"<h1>Boli</h1>{about}{listed}{links}")


@router.get("/docs", response_class=HTMLResponse, operation_id="reference_page")
def reference_page(request: Request) -> HTMLResponse:
    """What the API can do."""
    return page("Boli: the API", reference(request.app.openapi()))


def _counted(jobs: Mapping[JobState, int]) -> str:
    counts = (
        f"{n:,}{' or more' if n >= MOST_JOBS else ''} {state.value}" for state, n in sorted(jobs.items())
    )  # fmt: skip
    return ", ".join(counts) or "none"


def _row(line: ProjectLine) -> tuple[str | int, ...]:
    recordings = line.recordings
    return (
        line.name, line.organisation, round(line.audio_ms / 60_000),
        recordings.get(RecordingState.RECEIVED, 0), sum(recordings.get(state, 0) for state in _IN_WORK),
        recordings.get(RecordingState.READY, 0), recordings.get(RecordingState.BROKEN, 0),
        sum(line.tasks.values()), line.tasks.get(TaskState.DONE, 0),
    )  # fmt: skip
