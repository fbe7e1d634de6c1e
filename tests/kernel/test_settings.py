"""Settings: what is taken, and the sentence for each thing that is wrong."""

from pathlib import Path

import pytest

from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.settings import load_settings


def test_environment_wins_over_the_named_file_and_that_over_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('port = 9001\nlanguage = "cy"\n')
    monkeypatch.setenv("IMHCF_CONFIG", str(file))
    monkeypatch.setenv("IMHCF_PORT", "9002")
    settings = load_settings()
    assert (settings.port, settings.language, settings.web_threads) == (9002, "cy", 8)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("IMHCF_PORT", "many", "IMHCF_PORT"),
        ("IMHCF_PORT", "70000", "IMHCF_PORT"),
        ("IMHCF_BASE_URL", "http://tool.example.org", "https://"),
        ("IMHCF_BASE_URL", "https://tool.example.org", "IMHCF_SECRET_KEY"),
        ("IMHCF_BASE_URL", "tool.example.org", "IMHCF_BASE_URL"),
        ("IMHCF_BASE_URL", "https://tool.example.org/path", "IMHCF_BASE_URL"),
        ("IMHCF_DATABSE_URL", "x", "IMHCF_DATABSE_URL"),
        ("IMHCF_BROKER_URL", "redis://x", "IMHCF_BROKER_URL"),
        ("IMHCF_CONFIG", "/no/such/file.toml", "/no/such/file.toml"),
    ],
)
def test_a_wrong_setting_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as caught:
        load_settings()
    assert says in caught.value.sentence


@pytest.mark.parametrize("base", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:8"])
def test_plain_http_is_for_loopback(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    monkeypatch.setenv("IMHCF_BASE_URL", base)
    assert load_settings().base_url == base


def test_a_postgresql_address_gets_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMHCF_DATABASE_URL", "postgresql://u:p@h/n")
    assert load_settings().database == "postgresql+psycopg://u:p@h/n"
