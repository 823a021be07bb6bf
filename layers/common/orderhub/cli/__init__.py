"""The `orderhub` command: try out adapters, send samples, and look after a running hub.

Exit codes: 0 done; 1 the answer is no (not authentic, not mapped, something is wrong); 2 the command cannot be carried
out as given (a file, name or option that is not there).
"""

from __future__ import annotations

import sys

import typer

from orderhub import __version__
from orderhub.cli import operations, people, reading, sending
from orderhub.cli.show import fail
from orderhub.errors import HubError, Reject

app = typer.Typer(
    name="orderhub",
    help=(
        "Orders of every platform, in one place.\n\n"
        "map, verify and platforms need nothing but this machine. send talks to a running hub over HTTP. "
        "The others look after a deployed hub: the local engine when `make run` is up, or --stack NAME with the "
        "AWS credentials of your shell."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
reading.add_to(app)
sending.add_to(app)
operations.add_to(app)
people.add_to(app)


@app.command()
def version() -> None:
    """Prints the version."""
    typer.echo(__version__)


def main() -> int:
    """Runs the command line; the exit code."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        return 130
    except typer._click.exceptions.ClickException as wrong:  # noqa: SLF001
        wrong.show()
        return 2
    except Reject as error:
        fail(f"{error.code}: {error}")
        return 2
    except HubError as error:
        fail(f"{type(error).__name__}: {error}")
        return 1
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
