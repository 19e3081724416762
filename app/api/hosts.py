"""Which `Host` a request may name: a page elsewhere whose name was pointed at this machine must not reach the API.

Source: CWE-350 and "DNS rebinding".
"""

from __future__ import annotations

from app.errors import AppError

LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")


class HostRefused(AppError):
    """An address that the service must not listen on yet."""


def require_local(host: str) -> None:
    """That nobody but this machine can reach the service.

    Raises:
        HostRefused: the address is reachable from other machines.
    """
    if host not in LOCAL_HOSTS:
        raise HostRefused(
            f"the service has no accounts yet, so it listens on this machine alone; {host!r} can be reached from "
            f"others. Expected one of {', '.join(LOCAL_HOSTS)} (option --host or BOLI_HOST)"
        )
