"""Lets the command run as `python -m lti_tool.cli`, as its own child processes do."""

from lti_tool.cli.main import main

main()
