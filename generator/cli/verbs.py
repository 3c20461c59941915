"""The verbs: a table of what can be typed, loaded verb by verb, and what every verb's end has in common.

Promises: showing help imports click and this table; a verb imports its own module when it runs. A mistyped verb is
answered with the nearest one. An error of copydesk is told as what, where and how to mend it, with the next command and
its own exit code; any other error keeps its traceback. Will not do: know what a verb does.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click

from generator import __version__


class Verb(NamedTuple):
    """A row of the table: the word, its module in `generator.cli`, its group in the help, what it does."""

    name: str
    module: str
    group: str
    short: str


VERBS = (
    Verb("init", "write", "write", "Make a folder a workspace."),
    Verb("new", "write", "write", "Begin a brief from a workflow."),
    Verb("adopt", "write", "write", "Bring home a page, or an edit made in docs/."),
    Verb("workflows", "library", "write", "List the workflows, or draw one step by step."),
    Verb("prompts", "library", "write", "List the prompts, show one, eject one to change it."),
    Verb("check", "write", "write", "Find what is wrong in briefs, prompts, config, drafts."),
    Verb("plan", "build", "build", "Say what a build would make, why, for how much."),
    Verb("build", "build", "build", "Make what is missing or out of date."),
    Verb("show", "build", "build", "Show the exact request of a step, and its reply."),
    Verb("choose", "direct", "direct", "Choose among the options of a step."),
    Verb("retry", "direct", "direct", "Ask for a step again, with a note if you like."),
    Verb("suggestions", "direct", "direct", "List what the AI would write where your text stands."),
    Verb("accept", "direct", "direct", "Take suggestions over, one by one or all of a page."),
    Verb("decline", "direct", "direct", "Say that suggestions are not wanted."),
    Verb("settle", "merging", "direct", "Make one text of two that git could not merge."),
    Verb("status", "decide", "decide", "Say how each page stands and what it needs."),
    Verb("approve", "decide", "decide", "Approve a page, exactly as it reads now."),
    Verb("send-back", "decide", "decide", "Ask for changes to a page, with a note."),
    Verb("withdraw", "decide", "decide", "Take a page off the site."),
    Verb("rename", "decide", "decide", "Rename a brief, a step or a page; its history follows."),
    Verb("publish", "decide", "publish", "Build the site from approved pages, and only those."),
    Verb("history", "inspect", "inspect", "Tell what happened to a brief, a step or a page."),
    Verb("report", "evidence", "inspect", "Say how the work goes, a figure for each skill."),
    Verb("story", "evidence", "inspect", "Write a page that tells how a brief's texts came to be."),
    Verb("costs", "spending", "inspect", "Say what was spent: by day, brief, prompt and model."),
    Verb("models", "spending", "inspect", "List the models, their keys, prices and limits; or try them."),
    Verb("merge", "merging", "inspect", "Merge three files sentence by sentence; also for git."),
    Verb("verify", "inspect", "inspect", "Check every record in memory and history."),
    Verb("demo", "demo", "inspect", "Watch the whole story in a scratch folder."),
)
GROUPS = ("write", "build", "direct", "decide", "publish", "inspect")


class Desk(click.Group):
    """The group of all verbs, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the verbs in the order of the table."""
        return [verb.name for verb in VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Return a verb's command, None if there is no such verb."""
        verb = next((verb for verb in VERBS if verb.name == cmd_name), None)
        if verb is None:
            return None
        command: click.Command = getattr(import_module(f"generator.cli.{verb.module}"), verb.name.replace("-", "_"))
        command.short_help = verb.short
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that `args` begin with; a usage error that names the nearest one if there is none."""
        word = args[0]
        if not word.startswith("-") and word not in self.list_commands(ctx):
            ctx.fail(f"There is no verb {word!r}.{_nearest(word)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the table into the help, group by group."""
        width = max(len(verb.name) for verb in VERBS)
        for group in GROUPS:
            with formatter.section(group.capitalize()):
                rows = [(verb.name.ljust(width), verb.short) for verb in VERBS if verb.group == group]
                formatter.write_dl(rows)


def _nearest(word: str) -> str:
    from difflib import get_close_matches  # only a mistake needs it

    near = get_close_matches(word, [verb.name for verb in VERBS], n=1, cutoff=0.5)
    return f" The nearest is {near[0]!r}." if near else ""


def here() -> Path:
    """Return the current folder; raise a usage error if it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise click.UsageError("The current folder was removed: go to one that is there.") from error


json_option = click.option("--json", "as_json", is_flag=True, help="Answer with one JSON object on stdout.")
by_option = click.option("--by", default="", metavar="NAME", help="Who decides. Default: git's user name.")


@click.group(
    cls=Desk,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="An address is BRIEF, BRIEF/STEP, or a page's path. Begin with: copydesk init, or copydesk demo.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def copydesk() -> None:
    """Build content the way make builds software: briefs in, drafts that people direct and approve, a site out."""


def run(argv: list[str]) -> int:
    """Run the verb that `argv` names and return the exit code. Errors of copydesk and of usage are told, not raised."""
    try:
        code = copydesk.main(args=argv or ["--help"], prog_name="copydesk", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - faults are raised again
        return ended_by(error, argv)
    return code if isinstance(code, int) else 0


def ended_by(error: BaseException, argv: list[str]) -> int:
    """Tell the error that ended the command `argv`, and return its exit code; raise it again if it is a fault."""
    from shlex import join  # these three are not needed where nothing fails

    from generator.cli import lines
    from generator.errors import CopydeskError, UsageError

    command = join(["copydesk", *argv])
    if isinstance(error, CopydeskError):
        code, told = error.exit_code, error
    elif isinstance(error, click.Abort | KeyboardInterrupt):
        lost = "nothing was lost: every reply that arrived is kept, and your edits are as you saved them"
        after = str(error.__cause__ or error)  # what is next, if it is not the same again
        code, told = 130, CopydeskError(f"Stopped; {lost}.", mend=after or command)
    elif isinstance(error, click.ClickException):
        context = error.ctx if isinstance(error, click.UsageError) else None
        path = context.command_path if context else "copydesk"
        code, told = error.exit_code, UsageError(error.format_message(), mend=f"{path} --help")
    else:
        raise error
    if "--json" in argv:
        sys.stdout.write(lines.error_text(told) + "\n")
    lines.say(lines.error_lines(told, command), sys.stderr)
    return code
