"""The web application: what is mounted where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from app.api import problems
from app.api.hosts import LOCAL_HOSTS
from app.api.plain_answers import PlainAnswers
from app.api.requests import RequestLog
from app.api.rooms import open_rooms
from app.api.routing import PREFIX
from app.clips.routes import router as clips
from app.deps import open_runtime
from app.drafts.routes import router as drafts
from app.jobs.routes import router as jobs
from app.organisations.routes import router as organisations
from app.progress.feed import ProgressFeed
from app.progress.routes import router as progress
from app.projects.routes import router as projects
from app.recordings.routes import router as recordings
from app.settings import Settings
from app.status.routes import router as status
from app.storage import open_store
from app.tasks.routes import router as tasks
from app.uploads.routes import form_router as forms
from app.uploads.routes import router as uploads
from app.uploads.tus import router as tus

MOST_JSON_BYTES = 1_000_000
"""Longest body of a request; routers that take files set a limit of their own."""
ROUTERS = (
    organisations,
    projects,
    recordings,
    drafts,
    tasks,
    clips,
    progress,
    jobs,
    uploads,
    forms,
    tus,
)


class Service(FastAPI):
    """The application, with what must surround even the framework's own refusals."""

    def build_middleware_stack(self) -> ASGIApp:
        """Every answer is numbered, logged and protected, and every refusal is a problem."""
        return RequestLog(PlainAnswers(super().build_middleware_stack()))


def create_app(settings: Settings) -> FastAPI:
    """The service on a database that is migrated already."""
    runtime = open_runtime(settings, open_store(settings))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        runtime.engine.dispose()

    app = Service(
        title="Boli", version=version("boli"), lifespan=lifespan, docs_url=None, redoc_url=None,
        max_body_size=MOST_JSON_BYTES, telemetry={"tracing": False, "metrics": False, "logs": False},
        description="Recordings in Indian and Chinese languages and dialects into transcripts that people can trust.",
    )  # fmt: skip
    app.state.boli = runtime
    app.state.progress = ProgressFeed(runtime.sessions)
    open_rooms(app, runtime.engine.dialect.name)
    problems.add_handlers(app)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(LOCAL_HOSTS), www_redirect=False)
    app.include_router(status)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    return app
