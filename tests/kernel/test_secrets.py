"""Secrets at rest."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.secrets import SecretBox, secret_box
from lti_tool.kernel.settings import Settings


def test_what_is_sealed_opens_under_the_same_secret_alone() -> None:
    sealed = SecretBox("one").encrypt(b"key")
    assert b"key" not in sealed.encode()
    assert SecretBox("one").decrypt(sealed) == b"key"
    with pytest.raises(Misconfigured, match="IMHCF_SECRET_KEY"):
        SecretBox("two").decrypt(sealed)


def test_on_loopback_a_missing_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        macs = set(pool.map(lambda _: secret_box(settings).mac("x", "y"), range(8)))
    assert len(macs) == 1
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
