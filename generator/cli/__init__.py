"""The terminal's door: words in, one call of `app`, lines out.

Promises: `--help` and `--version` import click and a table of verbs, nothing more; a `build` that has nothing to do
does not even import click; a reader that closes the pipe early is no error, and a full disk below stdout is told. Exit codes: 0 done, 1 findings or failed
steps, 2 asked wrongly, 3 brief or config broken, 4 budget reached, 5 provider out of reach, 130 interrupted. Will not
do: decide anything, or open a room.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Answer the command line of this process and leave with its exit code."""
    # Nobody else's code sees what is read, and to look for it takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(50_000)  # most values live as long as the command: to look oftener took a twentieth of its time
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    argv = sys.argv[1:]
    try:
        code = _replay(argv)
        if code is None:
            from generator.cli.verbs import run  # click is not needed by a build that has nothing to do

            code = run(argv)
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            _tell_unwritten(error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except KeyboardInterrupt:  # while the verb was still being imported: nothing was begun
        code = 130
    gc.freeze()  # the process ends: to look through all of it once more took a tenth of a second
    sys.exit(code)


def _tell_unwritten(error: OSError) -> None:
    """Say that the answer could not be written, if that is what happened; raise the error again if it is a fault.

    Where an answer does not fit, one more line end does not either.
    """
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError as again:
        why = f"The answer could not be written: {again.strerror or again}."
        sys.stderr.write(f"{why}\n  What was done is done.\nNext: copydesk status\n")
        return
    raise error


def _replay(argv: list[str]) -> int | None:
    """Tell the last summary again if nothing changed since, and return its exit code; None if there is work to do."""
    if argv[:1] not in (["build"], ["publish"]) or argv[1:] not in ([], ["--json"]):
        return None
    from pathlib import Path  # what follows is imported only when it is needed: this is the way of every command

    from generator import app
    from generator.cli.lines import published_lines, say, summary_lines, tell
    from generator.errors import CopydeskError

    try:
        root = app.find_root(Path.cwd())
        summary = app.look(root) if argv[0] == "build" else None
        published = app.look_published(root) if argv[0] == "publish" else None
    except (CopydeskError, OSError, KeyboardInterrupt):
        return None
    if argv[1:] and (summary or published):
        tell(summary or published)
    elif summary:
        say(summary_lines(summary))
    elif published:
        say(published_lines(published))
    else:
        return None
    return summary.exit_code if summary else 0
