"""The command `imhcf`."""

from lti_tool.cli.main import main

__all__ = ["main"]
