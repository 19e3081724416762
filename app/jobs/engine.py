"""The durable engine behind the jobs: DBOS Transact. Nothing else imports it.

Its tables lie in our database (on PostgreSQL in a schema of their own), so that a job is enqueued by the transaction
that makes it necessary. A job is one workflow without steps, and its key is the workflow's id: what is done already is
read from our own tables, and a deploy may change the code of a job while it waits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, PortableWorkflowError, WorkflowSerializationFormat
from dbos._context import get_local_dbos_context
from dbos._schemas.system_database import SystemSchema
from dbos._utils import INTERNAL_QUEUE_NAME
from sqlalchemy import Engine, bindparam, text
from sqlalchemy.orm import Session

from app.db import open_engine
from app.jobs.failures import Failure
from app.jobs.queues import RULES, USUAL_PRIORITY, Queue

SCHEMA = "dbos"
APPLICATION = "boli"
CONTRACT = "1"
"""The version that every worker states, whatever its code: a waiting job is taken up by the next deploy."""
N_LIVES = 3
"""A job that killed this many workers is dead."""
UNKNOWN_WAITS_S = 5.0
"""So long a job of an unknown kind is left alone after a worker gave it back."""
Run = Callable[[str, str, list[str]], None]
"""What runs a job: its key, the token of this claim, its ids."""


class Abandoned(BaseException):
    """Leaves a job as it is in the database. Not an Exception: those the engine records as the job's outcome."""


def prepare(url: str) -> None:
    """Make the engine's tables, or bring them up to date. Safe where two processes do so at once."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
    engine = open_engine(url)  # turns write-ahead logging on, which the engine itself does not
    engine.connect().close()
    engine.dispose()
    DBOS.migrate(url, schema=SCHEMA)


def table_names() -> frozenset[str]:
    """The engine's tables: on SQLite they lie among ours."""
    return frozenset({"dbos_migrations", *(table.name for table in SystemSchema.metadata_obj.tables.values())})


def enqueue(
    session: Session, job: str, ids: list[str], *,
    key: str, queue: Queue, priority: int = USUAL_PRIORITY, delay_s: float = 0.0,
) -> None:  # fmt: skip
    """Enqueue a job when, and only when, the session's transaction commits.

    key: where a job has it already, waiting, running or over, nothing happens. priority: lower is sooner.
    """
    options: EnqueueOptions = {
        "workflow_name": str(job), "queue_name": queue.value, "workflow_id": key, "priority": priority,
        "serialization_type": WorkflowSerializationFormat.PORTABLE, "attributes": {"queue": queue.value},
        "application_name": APPLICATION,
    }  # fmt: skip
    if delay_s > 0:
        options["delay_seconds"] = delay_s
    client_of(session.get_bind().engine).enqueue_in_transaction(session, options, list(ids))


@lru_cache(maxsize=8)
def client_of(engine: Engine) -> DBOSClient:
    """The engine's client on our connections. Lazy: one that asked the database now would wait for our transaction."""
    return DBOSClient(
        system_database_engine=engine, dbos_system_schema=SCHEMA, application_name=APPLICATION, lazy=True,
        retry_connection_errors=False,
    )  # fmt: skip


def is_owned(session: Session, key: str, token: str) -> bool:
    """Whether the job still belongs to the claim with this token; it does then until the transaction ends."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"  # where a transaction holds the only write lock
    table, lock = _table_of_jobs(session), "" if is_sqlite else " FOR SHARE"
    owned = f"SELECT 1 FROM {table} WHERE workflow_uuid = :key AND owner_xid = :token AND status = 'PENDING'{lock}"  # noqa: S608 - constants
    return session.execute(text(owned), {"key": key, "token": token}).first() is not None


def n_by_status(session: Session, statuses: Collection[str], *, at_most: int) -> dict[str, int]:
    """How many jobs have each of these statuses of the engine; counting ends at so many of one."""
    table = _table_of_jobs(session)
    counted = text(f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE status = :status LIMIT :most) AS counted")  # noqa: S608 - constants
    return {
        status: session.execute(counted, {"status": status, "most": at_most}).scalar_one() for status in statuses
    }  # fmt: skip


class JobFailed(PortableWorkflowError):
    """The outcome of a job that failed: a reason, and whether trying again later may help."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason, "JobFailed", None, {"is_retryable": failure.is_retryable})


def launch(database: Engine, executor_id: str, *, queues: Collection[Queue], runs: Mapping[str, Run]) -> None:
    """Begin to take jobs from these queues. What an executor of this id left behind is taken up first."""
    config: DBOSConfig = {
        "name": APPLICATION, "system_database_url": database.url.render_as_string(hide_password=False),
        "dbos_system_schema": SCHEMA, "executor_id": executor_id, "application_version": CONTRACT,
        "use_listen_notify": False, "run_migrations": False, "log_level": "WARNING", "sys_db_pool_size": 10,
    }  # fmt: skip
    for queue in queues:
        rule = RULES[queue]
        client_of(database).register_queue(
            queue.value, worker_concurrency=rule.n_at_once, polling_interval_sec=rule.poll_s
        )
    DBOS(config=config)
    logging.getLogger("dbos").addFilter(_is_news)
    for name, run in runs.items():
        DBOS.workflow(name=name, max_recovery_attempts=N_LIVES - 1)(_workflow(run))
    DBOS.listen_queues([queue.value for queue in queues])
    DBOS.launch()


def take_no_more() -> None:
    """Leave waiting jobs to others; those that run go on."""
    for event in _instance().background_thread_stop_events:
        event.set()


def stop() -> None:
    """Let go of the database and of everything that `launch` set up."""
    DBOS.destroy(destroy_registry=True)


def running_executors() -> dict[str, list[str]]:
    """The executors that jobs are running on, as far as the database knows, with the keys of those jobs."""
    found: dict[str, list[str]] = {}
    for status in DBOS.list_workflows(status="PENDING", load_input=False, load_output=False):
        found.setdefault(status.executor_id or "", []).append(status.workflow_id)
    return found


def recover(executor_id: str) -> None:
    """Put the jobs that an executor was running back into their queues; from now on it can record nothing of them."""
    DBOS._recover_pending_workflows([executor_id])


def recover_job(key: str, executor_id: str) -> None:
    """Put one job that an executor claimed back into its queue."""
    _instance()._sys_db.reenqueue_for_recovery(key, [executor_id], INTERNAL_QUEUE_NAME)


def give_back_unknown(session: Session, executor_id: str) -> list[str]:
    """Put the jobs that an executor claimed without knowing their kind back, for one that knows it; gives their keys.

    They wait a little, or this executor would have them again at once. The claim is not counted: it was no life.
    """
    table = _table_of_jobs(session)
    given_back = text(
        f"UPDATE {table} SET status = 'DELAYED', delay_until_epoch_ms = :until_ms, owner_xid = NULL, "  # noqa: S608 - constants
        "started_at_epoch_ms = NULL, recovery_attempts = recovery_attempts - 1 "
        "WHERE status = 'PENDING' AND executor_id = :executor_id AND queue_name IN :queues AND name NOT IN :known "
        "RETURNING workflow_uuid"
    ).bindparams(bindparam("queues", expanding=True), bindparam("known", expanding=True))
    found = session.execute(given_back, {
        "until_ms": round((time.time() + UNKNOWN_WAITS_S) * 1000), "executor_id": executor_id,
        "queues": [queue.value for queue in Queue], "known": list(_instance()._registry.workflow_info_map),
    })  # fmt: skip
    return sorted(found.scalars())


def active_jobs() -> set[str]:
    """Keys of the jobs that this process is running."""
    return set(_instance()._active_workflows_set.activeList())


def _table_of_jobs(session: Session) -> str:
    return "workflow_status" if session.get_bind().dialect.name == "sqlite" else f"{SCHEMA}.workflow_status"


def _instance() -> Any:
    from dbos._dbos import _get_dbos_instance

    return _get_dbos_instance()


def _workflow(run: Run) -> Callable[[list[str]], None]:
    def workflow(ids: list[str]) -> None:
        context = get_local_dbos_context()
        assert context is not None
        run(context.workflow_id, context.owner_xid or "", ids)

    return workflow


def _is_news(record: logging.LogRecord) -> bool:
    """Failed jobs are told by ourselves, without the texts that an error may quote."""
    return not record.getMessage().startswith("Exception encountered in background workflow")
