"""Runs the LMS under gunicorn, on this machine only."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from lti_tool.demo.app import create_lms
from lti_tool.demo.guard import is_loopback
from lti_tool.demo.settings import LmsSettings
from lti_tool.kernel.errors import Misconfigured

THREADS = 8


def serve(settings: LmsSettings, host: str, port: int) -> None:
    """Serves the LMS until the process is told to stop; does not return.

    Call it in the main thread of a process: gunicorn takes over its signals. Raises
    `Misconfigured` for a host that is not loopback, since whoever reaches the LMS may act
    as anybody in it.
    """
    if not is_loopback(host):
        raise Misconfigured(
            f"The development LMS serves only its own machine, and “{host}” is open to others.",
            advice="Give it the host 127.0.0.1.",
        )
    _Server(settings, f"[{host}]:{port}" if ":" in host else f"{host}:{port}").run()  # type: ignore[no-untyped-call]


class _Server(BaseApplication):
    """gunicorn without its command line: one process, because switches live in memory."""

    def __init__(self, settings: LmsSettings, bind: str) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {
            "bind": bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "loglevel": "warning",
            "limit_request_line": 8190,  # a tool may put a long state into its request
            "proc_name": "larkfield",
            "graceful_timeout": 2,
            "control_socket_disable": True,
        }
        super().__init__()  # type: ignore[no-untyped-call]

    def load_config(self) -> None:
        config: Any = self.cfg
        for name, value in self._options.items():
            config.set(name, value)

    def load(self) -> Flask:
        return create_lms(self._settings)
