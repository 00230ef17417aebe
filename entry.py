"""Where the `dualtalk` script starts: it can be stopped before anything slow is imported."""

import sys


def main() -> int:
    """Run the command line with its own handling of Ctrl-C and SIGTERM."""
    try:
        from .core import stopping

        stopping.install()
        _open_standard_streams()
        from . import cli
    except KeyboardInterrupt:  # before the handler stood
        sys.stderr.write("dualtalk: Cancelled.\n")
        return 130
    code = cli.main()
    stopping.leave_for_good(code)
    return code


def _open_standard_streams() -> None:
    """Put nothing where a standard stream is closed: a file of ours would take its number.

    What a library prints would then be written into that file.
    """
    import os

    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number


if __name__ == "__main__":
    sys.exit(main())
