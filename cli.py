"""The command line: `dualtalk predict`, `animate` and all others of `commands.common.table`.

Exit codes: 0 success; 1 the work failed (a full disk, no such device, some shots of a batch);
2 bad input; 130 stopped by Ctrl-C, 143 by SIGTERM. An error is one line on standard error that
says what is wrong and what to do; with `--json` it is a JSON document on standard output too.
"""

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from .commands.common.table import COMMANDS
from .console import complain, libraries_on_errors, log_to_errors, say, say_json
from .core.errors import DualTalkError
from .core.version import VERSION

DESCRIPTION = "Turn the sound of a conversation into two talking heads in Blender."
_CODES = (
    "Exit codes: 0 success, 1 the work failed, 2 bad input, 130 stopped by Ctrl-C, 143 by SIGTERM."
)
#: What the system says of names that no file can have here, or that it does not let us use.
_NAMES_NOTHING = {
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENOENT),
    *(errno.EACCES, errno.EPERM, errno.EILSEQ),
}


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        complain(f"{message} (see '{self.prog} --help')")
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None, prog: str = "dualtalk") -> int:
    """Run one command and return its exit code."""
    options = build_parser(prog).parse_args(arguments)
    log_to_errors(options.verbose)
    try:
        with libraries_on_errors():
            answer = options.run(options)
        if options.json:
            say_json(answer.facts)
        else:
            for line in answer.lines:
                say(line)
    except BrokenPipeError:  # whoever read the result has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except DualTalkError as error:
        return _failed(str(error), error.exit_code, options.json)
    except KeyboardInterrupt:
        return _failed("Cancelled.", 130, options.json)
    except MemoryError:
        return _failed("Memory ran out: close other programs, or take less sound.", 1, options.json)
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        code = 2 if error.errno in _NAMES_NOTHING else 1
        return _failed(f"{what}{error.strerror or error}.", code, options.json)
    return int(answer.exit_code)


def build_parser(prog: str = "dualtalk") -> argparse.ArgumentParser:
    """Return the parser; each command's options carry the function that runs it as `run`."""
    parser = _Parser(prog=prog, description=DESCRIPTION, epilog=_CODES)
    parser.add_argument("--version", action="version", version=f"dualtalk {VERSION}")
    each = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    for command in COMMANDS:
        one = each.add_parser(command.NAME, help=command.HELP, description=command.__doc__)
        command.add_arguments(one)
        one.add_argument("--json", action="store_true", help="print the result as JSON")
        one.add_argument("--verbose", action="store_true", help="log what is done to stderr")
        one.set_defaults(run=command.run)
    return parser


def _failed(message: str, code: int, as_json: bool) -> int:
    complain(message if code == 130 else f"error: {message}")
    if as_json:
        say_json({"error": message, "exit_code": code})
    return code


if __name__ == "__main__":
    sys.exit(main())
