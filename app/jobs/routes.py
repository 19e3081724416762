"""`/jobs`.

What is asked of a job is put as the state that it shall have: asking twice is harmless without any key.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from app.api.problems import documented
from app.api.routing import feature_router
from app.deps import RuntimeDep
from app.jobs.inspection import JobRecord, Jobs
from app.jobs.queues import JobState
from app.jobs.schemas import JobList, JobRead, JobsQuery, JobWish

router = feature_router(prefix="/jobs", tags=["jobs"])
_ON_ITS_WAY = (JobState.WAITING, JobState.DELAYED, JobState.RUNNING)


def _jobs(runtime: RuntimeDep) -> Jobs:
    return Jobs(runtime.engine)


JobsDep = Annotated[Jobs, Depends(_jobs)]


@router.get("", response_model=JobList, responses=documented(422), operation_id="list_jobs")
def list_jobs(wanted: Annotated[JobsQuery, Query()], jobs: JobsDep) -> dict[str, object]:
    """List jobs, the newest first; `?state=dead` shows those that a person has to look at."""
    return {"items": jobs.list(wanted.state, limit=wanted.limit)}


@router.get("/{key:path}", response_model=JobRead, responses=documented(404), operation_id="read_job")
def read_job(key: str, jobs: JobsDep) -> JobRecord:
    """Read a job by its key."""
    return jobs.find(key)


@router.put("/{key:path}", response_model=JobRead, responses=documented(404, 409, 413, 422), operation_id="steer_job")
def steer_job(key: str, wish: JobWish, jobs: JobsDep) -> JobRecord:
    """Have a job that failed or was cancelled tried again, or cancel one."""
    job = jobs.find(key)
    if wish.state == "waiting" and job.state not in _ON_ITS_WAY:
        jobs.retry(key)
    elif wish.state == "cancelled" and job.state is not JobState.CANCELLED:
        jobs.cancel(key)
    return jobs.find(key)
