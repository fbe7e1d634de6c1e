"""How much memory an upload needs: run in a process of its own, with the size in MB.

`python -m tests.storage.memory 500` prints the bytes that the process grew by, at most, while a
video of that size came in parts, was finished, and was read again.
"""

import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from lti_tool.kernel.settings import Settings
from lti_tool.storage.uploads.rules import Limits
from tests.storage import media
from tests.storage.uploading import begin, blobs_of, finish, send
from tests.tool import make_tool

PART = 8_000_000


class Peak:
    """The most memory that this process had since it was asked first."""

    def __init__(self) -> None:
        self._page = os.sysconf("SC_PAGE_SIZE")
        self.first = self.most = self._now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._over.set()
        self._thread.join()
        return self.most - self.first

    def _now(self) -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * self._page

    def _watch(self) -> None:
        while not self._over.wait(0.005):
            self.most = max(self.most, self._now())


def measure(megabytes: int, folder: Path) -> dict[str, float]:
    settings = Settings(data_dir=folder, secret_key="a secret of thirty-two characters or more")
    tool = make_tool(settings)
    with suppress(ImportError):
        from lti_tool.schema import migrate

        migrate.upgrade(tool.database)
    amina = tool.sign_in("amina")
    start, end = media.mp4_around(megabytes * 1_000_000)
    size = megabytes * 1_000_000
    limits = Limits(2 * size, 4 * size, 8 * size)
    blobs_of(tool)
    peak = Peak()
    began, used = time.perf_counter(), time.process_time()
    upload = begin(tool, amina, "long.mp4", size, limits)
    for at in range(0, size, PART):
        part = bytearray(min(PART, size - at))
        media.lay(part, at, start, 0)
        media.lay(part, at, end, size - len(end))
        upload = send(tool, amina, upload, bytes(part), at)
        del part
    received, received_used = time.perf_counter(), time.process_time()
    file = finish(tool, amina, upload)
    finished, finished_used = time.perf_counter(), time.process_time()
    for _step in blobs_of(tool).stream(file.organisation_id, file.digest, 0, file.size):
        pass
    return {
        "grown_bytes": peak.stop(),
        "size": file.size,
        "receive_seconds": received - began,
        "receive_cpu": received_used - used,
        "finish_seconds": finished - received,
        "finish_cpu": finished_used - received_used,
    }


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        print(json.dumps(measure(int(sys.argv[1]), Path(folder))))
