"""The settings of an installation: environment `IMHCF_…` over a file over `config/default.toml`."""

import ipaddress
import os
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.resources import resource_folder

PREFIX = "IMHCF_"
_REDIS_SCHEMES = frozenset({"redis", "rediss", "unix"})


def is_loopback(host: str) -> bool:
    """Says whether a host name or address can only mean this very machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Settings(BaseModel):
    """Every setting, checked. `config/default.toml` says what each is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    data_dir: Path = Path("var")
    database_url: str = ""
    secret_key: str = ""
    storage_url: str = ""
    frameworks_dir: str = ""
    broker_url: str = ""
    redis_url: str = ""
    allow_private_network: bool = False
    embedded_worker: bool = True
    web_threads: int = Field(8, ge=1, le=64)
    web_processes: int = Field(1, ge=1, le=32)
    session_idle_minutes: int = Field(120, ge=1)
    session_absolute_hours: int = Field(12, ge=1)
    grade_delay_seconds: float = Field(2.0, ge=0, le=60)
    outbox_lease_seconds: int = Field(60, ge=5)
    outbox_poll_seconds: float = Field(1.0, gt=0, le=60)
    outgoing_timeout_seconds: float = Field(10.0, gt=0, le=60)
    trusted_proxies: int = Field(0, ge=0, le=10)
    logins_per_minute: int = Field(1200, ge=0)
    refusals_per_minute: int = Field(300, ge=0)
    registrations_per_minute: int = Field(30, ge=0)
    upload_megabytes: int = Field(10, ge=1, le=100)
    evidence_megabytes: int = Field(500, ge=1, le=5_000)
    person_quota_megabytes: int = Field(2_000, ge=1)
    organisation_quota_megabytes: int = Field(100_000, ge=1)
    clamav: str = ""
    pdf_renderer: Literal["xhtml2pdf", "weasyprint"] = "xhtml2pdf"
    language: str = "en"
    timezone: str = "Europe/London"
    demo_port: int = Field(8100, ge=1, le=65535)

    @field_validator("base_url")
    @classmethod
    def _plain_base_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is not a web address such as https://imhcf.example.org")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            raise ValueError("must be scheme, host and port alone, without a path")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("must begin with https:// unless it is this machine (loopback)")
        return value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in _REDIS_SCHEMES or not (parts.netloc or parts.path)):
            raise ValueError("is not an address such as redis://127.0.0.1:6379/0")
        return value

    @field_validator("broker_url")
    @classmethod
    def _not_used_yet(cls, value: str) -> str:
        if value:
            raise ValueError("is not used by this version, which needs no broker: leave it empty")
        return value

    @field_validator("clamav")
    @classmethod
    def _scanner_address(cls, value: str) -> str:
        parts = urlsplit(value)
        is_socket = parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc
        try:
            is_host = parts.scheme == "tcp" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_host = False
        if value and not is_socket and not is_host:
            raise ValueError("is no address such as tcp://127.0.0.1:3310 or unix:///run/clamd.ctl")
        return value

    @field_validator("pdf_renderer")
    @classmethod
    def _installed(cls, value: str) -> str:
        if find_spec(value) is None:
            raise ValueError(f'{value} is not installed; run: pip install "imhcf-tool[tagged]"')
        return value

    @model_validator(mode="after")
    def _secret_where_public(self) -> Self:
        if self.is_https and len(self.secret_key) < 32:
            raise ValueError("secret_key: is needed, 32 characters or more, on an https base URL")
        return self

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def database(self) -> str:
        """The SQLAlchemy URL: as set, with the driver named, or the embedded SQLite file."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'imhcf.db'}"
        scheme, _, rest = self.database_url.partition("://")
        if scheme in {"postgres", "postgresql"}:
            return f"postgresql+psycopg://{rest}"
        return self.database_url

    @property
    def is_embedded(self) -> bool:
        return self.database.startswith("sqlite:")

    @property
    def storage(self) -> Path:
        """The folder for files. Only `file://` addresses are understood by this version."""
        if not self.storage_url:
            return self.data_dir / "files"
        return Path(self.storage_url.removeprefix("file://"))

    @property
    def added_frameworks(self) -> Path | None:
        """The folder of frameworks beside the shipped ones, if there is one."""
        return Path(self.frameworks_dir) if self.frameworks_dir else None


def load_settings(**overrides: Any) -> Settings:
    """Returns the settings: `overrides` over environment over `IMHCF_CONFIG` over defaults.

    Raises `Misconfigured` with a sentence that names the setting and what is wrong with it.
    """
    values: dict[str, Any] = _from_file(resource_folder("config") / "default.toml")
    if named := os.environ.get(PREFIX + "CONFIG"):
        values |= _from_file(Path(named))
    values |= {
        name.removeprefix(PREFIX).lower(): value
        for name, value in os.environ.items()
        if name.startswith(PREFIX) and name != PREFIX + "CONFIG"
    }
    values |= overrides
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise Misconfigured(_sentence(error)) from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"The settings file {path} is not valid TOML: {error}.") from None


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        name, _, message = message.partition(": ")
    else:
        name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        message = "is not a setting of this program; look for a slip in its name"
    return f"The setting {PREFIX}{name.upper()} is wrong: {message}."
