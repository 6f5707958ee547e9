"""The command line: one module a command, imported when it is called."""

from __future__ import annotations

import pkgutil
import signal
import sys
from importlib import import_module

import click

from dsprep import __version__
from dsprep.errors import DsprepError, did_you_mean


class Commands(click.Group):
    """Finds commands by the names of the modules here, so that none costs start-up."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        del ctx
        return sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command by name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that arguments name; say what was meant where there is none."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            hint = did_you_mean(args[0], known) or f" Known are {', '.join(known)}."
            raise click.UsageError(f"unknown command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dsprep", message="%(prog)s %(version)s")
def root() -> None:
    """Prepare data for fine-tuning: ingest, lint, split, report.

    \b
    dsprep prepare data/ --out out/       everything in one go
    dsprep lint train.jsonl               only what is wrong
    dsprep rule DUP101                    why, and what to do
    """


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 findings, 2 could not, 130 interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up as for Ctrl-C
    try:
        code = root.main(standalone_mode=False)
    except click.exceptions.Abort:
        _fail("interrupted: nothing was written.", 130)
    except KeyboardInterrupt:
        _fail("interrupted: nothing was written.", 130)
    except click.ClickException as error:
        _fail(_one_line(error.format_message()), 2)
    except DsprepError as error:
        _fail(_one_line(str(error)), 2)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _one_line(message: str) -> str:
    return " ".join(message.split())


def _fail(message: str, code: int) -> None:
    click.echo(f"dsprep: {message}", err=True)
    sys.exit(code)
