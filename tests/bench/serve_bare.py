"""Serves the bare application with the very server and options that the tool has."""

import sys
from pathlib import Path

from flask import Flask

from lti_tool.cli.processes import ToolServer
from lti_tool.kernel.settings import Settings
from tests.bench.bare import make_bare


class BareServer(ToolServer):
    """The tool's server with another application in it."""

    def load(self) -> Flask:
        return make_bare()


if __name__ == "__main__":
    BareServer(Settings(port=int(sys.argv[1]), data_dir=Path(sys.argv[2]))).run()
