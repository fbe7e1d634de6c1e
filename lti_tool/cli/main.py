"""The commands and their groups; a refusal is one sentence on standard error, and status 1."""

import sys

import click

from lti_tool.cli.bench_data import bench_data
from lti_tool.cli.connections import platform_test
from lti_tool.cli.doctor import doctor
from lti_tool.cli.framework import framework
from lti_tool.cli.framework_import import (
    framework_import,
    framework_revert,
    framework_versions,
)
from lti_tool.cli.invitations import COMMANDS as INVITATION_COMMANDS
from lti_tool.cli.keys import keys
from lti_tool.cli.operator import db, grades
from lti_tool.cli.people import legacy_key, people
from lti_tool.cli.platforms import platform
from lti_tool.cli.processes import demo, lms, run, worker
from lti_tool.cli.reconciling import grades_reconcile
from lti_tool.cli.register import register
from lti_tool.cli.training import training
from lti_tool.kernel.errors import ImhcfError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def imhcf() -> None:
    """The IMHCF learning tool: self-assessment inside a learning platform, by LTI 1.3."""


for command in (run, demo, worker, lms, db, platform, keys, framework, training, grades, doctor):
    imhcf.add_command(command)
imhcf.add_command(register)
for command in (framework_import, framework_versions, framework_revert):
    framework.add_command(command)
for command in (platform_test, legacy_key, *INVITATION_COMMANDS):
    platform.add_command(command)
grades.add_command(grades_reconcile)
imhcf.add_command(people)
imhcf.add_command(bench_data)


def main() -> None:
    """Runs the command line; turns a refusal into a sentence."""
    try:
        imhcf.main(prog_name="imhcf", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ImhcfError as error:
        click.echo(error.sentence % error.params if error.params else error.sentence, err=True)
        if error.advice:
            click.echo(error.advice, err=True)
        sys.exit(1)
