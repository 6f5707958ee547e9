"""The command line: one module a command, imported when it is called."""

from __future__ import annotations

import _thread
import atexit
import os
import pkgutil
import signal
import sys
import threading
import traceback
from importlib import import_module
from typing import NoReturn

import click

from dsprep import __version__
from dsprep.cli import _output
from dsprep.errors import DsprepError, did_you_mean

# Time to clean up in; who still works then has not heard of the interrupt.
_GRACE_S = 0.8


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


class _Interrupt:
    """Turns a signal into KeyboardInterrupt, twice if need be: libraries swallow some."""

    seen = False

    def __call__(self, signum: int, frame: object) -> None:
        if not self.seen:
            self.seen = True
            again = threading.Timer(_GRACE_S, _thread.interrupt_main)
            again.daemon = True
            again.start()
        raise KeyboardInterrupt


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 findings, 2 could not, 130 interrupted."""
    interrupt = _Interrupt()
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)  # clean up as for Ctrl-C
    try:
        code = root.main(standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        _stop()
    except BrokenPipeError:  # the reader of our output has seen enough
        code = 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = 2
    except (click.ClickException, DsprepError, OSError) as error:
        _fail(_told(error), 2)
    except Exception:  # a fault of ours must not exit with 1, which means findings
        if interrupt.seen:  # a library may make an error of its own of it
            _stop()
        traceback.print_exc()
        _fail("this is a fault in dsprep, not in your data.", 2)
    _output.let_go()
    sys.exit(code if isinstance(code, int) else 0)


def _stop() -> NoReturn:
    """Exit with 130. Python's own way out kills itself by the signal if it saw it first."""
    _output.let_go()
    click.echo("dsprep: interrupted: nothing was written.", err=True)
    atexit._run_exitfuncs()  # folders for files on the way
    os._exit(130)


def _told(error: click.ClickException | DsprepError | OSError) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError):  # a full disk, a folder in the way
        name = error.filename2 or error.filename
        place = "" if name is None else f"{os.fsdecode(name)}: "
        return f"{place}{error.strerror or error}."
    return str(error)


def _fail(message: str, code: int) -> None:
    """Exit with one line. It may name files of others, so it is made safe to print."""
    from dsprep.report._clean import one_line  # noqa: PLC0415 - keeps Arrow out of start-up

    _output.let_go()
    click.echo(f"dsprep: {one_line(message)}", err=True)
    sys.exit(code)
