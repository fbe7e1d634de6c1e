"""The long-running commands: the tool, its worker, and the development LMS beside it."""

import os
import signal
import socket
import subprocess  # nosec B404
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from lti_tool.app import create_app
from lti_tool.cli.openings import open_runtime
from lti_tool.competencies.wordings.keeping import record_shipped
from lti_tool.demo.registration import platform_facts
from lti_tool.demo.serve import serve
from lti_tool.demo.settings import LmsSettings
from lti_tool.gateway.keys import ensure_key
from lti_tool.gateway.registrations import NewRegistration, add_registration
from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.log import configure_logging
from lti_tool.kernel.runtime import make_runtime
from lti_tool.kernel.settings import Settings, load_settings
from lti_tool.outbox.worker import Worker
from lti_tool.wiring.messages import make_worker

DEMO_ORGANISATION = "Willow Training"
START_SECONDS = 30.0


class ToolServer(BaseApplication):
    """Gunicorn with our options; the application is made in each worker process, after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._worker: Worker | None = None
        super().__init__()  # type: ignore[no-untyped-call]

    def load_config(self) -> None:
        settings = self._settings
        options: dict[str, Any] = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.web_processes,
            "worker_class": "gthread",
            "threads": settings.web_threads,
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 5,
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_exit": self._stop_worker,
        }
        config: Any = self.cfg
        for name, value in options.items():
            config.set(name, value)

    def load(self) -> Flask:
        runtime = make_runtime(self._settings)
        app = create_app(runtime)
        if self._settings.embedded_worker:
            self._worker = make_worker(runtime)
            threading.Thread(target=self._worker.run, name="outbox", daemon=True).start()
        return app

    def _stop_worker(self, _server: object, _web_worker: object) -> None:
        if self._worker:
            self._worker.stop()


@click.command()
def run() -> None:
    """Migrate (an embedded database), then serve with an embedded worker."""
    configure_logging()
    runtime = open_runtime()
    with runtime.database.transaction() as session:
        ensure_key(session, runtime.secrets)
        record_shipped(session)
    runtime.database.dispose()
    _need_free_port(runtime.settings.host, runtime.settings.port, "IMHCF_PORT")
    ToolServer(runtime.settings).run()  # type: ignore[no-untyped-call]


@click.command()
def worker() -> None:
    """Deliver what waits in the outbox, until stopped. Any number may run."""
    configure_logging()
    working = make_worker(open_runtime())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: working.stop())
    working.run()


@click.command(hidden=True)
def lms() -> None:
    """Serve the development LMS alone."""
    settings = load_settings()
    serve(_lms_settings(settings), settings.host, settings.demo_port)


@click.command()
def demo() -> None:
    """Serve the tool with a development LMS beside it, and a course to try."""
    settings = _demo_settings()
    for port, name in ((settings.port, "IMHCF_PORT"), (settings.demo_port, "IMHCF_DEMO_PORT")):
        _need_free_port(settings.host, port, name)
    _register_lms(settings)
    environment = os.environ | {
        "IMHCF_BASE_URL": settings.base_url,
        "IMHCF_HOST": settings.host,
        "IMHCF_ALLOW_PRIVATE_NETWORK": "true",
    }
    # Each in a session of its own: Ctrl-C reaches this process alone, which then stops both.
    children = [_start(name, environment) for name in ("run", "lms")]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        _wait_until_up(children, settings)
        click.echo(
            "\n  The tool and a development LMS are running. Open\n\n"
            f"      {_lms_settings(settings).base_url}/\n\n"
            f"  Data is kept in {settings.data_dir.resolve()}. Ctrl-C stops both.\n"
        )
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
    except KeyboardInterrupt:
        click.echo("Stopping …")
    finally:
        _stop(children)


def _start(command: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "lti_tool.cli", command]
    # The words are our own.
    return subprocess.Popen(  # noqa: S603 - see above  # nosec B603
        words, env=environment, start_new_session=True
    )


def _demo_settings() -> Settings:
    port = os.environ.get("IMHCF_PORT", "8000")
    base_url = os.environ.get("IMHCF_BASE_URL", f"http://127.0.0.1:{port}")
    return load_settings(base_url=base_url, host="127.0.0.1", allow_private_network=True)


def _lms_settings(settings: Settings) -> LmsSettings:
    return LmsSettings(
        base_url=f"http://127.0.0.1:{settings.demo_port}",
        tool_url=settings.base_url,
        database=Path(settings.data_dir) / "lms.db",
    )


def _register_lms(settings: Settings) -> None:
    facts = platform_facts(_lms_settings(settings))
    runtime = open_runtime(
        base_url=settings.base_url, host=settings.host, allow_private_network=True
    )
    with runtime.database.transaction() as session:
        add_registration(
            session,
            NewRegistration(
                organisation=DEMO_ORGANISATION,
                issuer=facts.issuer,
                client_id=facts.client_id,
                auth_login_url=facts.auth_login_url,
                token_url=facts.token_url,
                jwks_url=facts.jwks_url,
                product=facts.product,
            ),
        )
    runtime.database.dispose()


def _need_free_port(host: str, port: int, setting: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Misconfigured(
                f"Port {port} on {host} cannot be used: {error.strerror}.",
                code="port-taken",
                advice=f"Stop what uses it, or set {setting} to another number.",
            ) from None


def _wait_until_up(children: list[subprocess.Popen[bytes]], settings: Settings) -> None:
    addresses = [f"{settings.base_url}/readyz", f"{_lms_settings(settings).base_url}/"]
    ends_at = time.monotonic() + START_SECONDS
    while addresses and time.monotonic() < ends_at:
        if any(child.poll() is not None for child in children):
            raise Misconfigured("One of the two programs did not start; it says why above.")
        if _answers(addresses[0]):
            addresses.pop(0)
        else:
            time.sleep(0.1)
    if addresses:
        raise Misconfigured(f"{addresses[0]} does not answer.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own  # nosec B310
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Asks each to end, then ends whatever is left of it: no server outlives the demo."""
    for child in children:
        child.terminate()
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
