"""Where the `dualtalk` script starts: it can be stopped before anything slow is imported."""

import sys


def main() -> int:
    """Run the command line with its own handling of Ctrl-C and SIGTERM."""
    try:
        from .core import stopping

        stopping.install()
        from . import cli
    except KeyboardInterrupt:  # before the handler stood
        sys.stderr.write("dualtalk: Cancelled.\n")
        return 130
    code = cli.main()
    if "bpy" in sys.modules:
        stopping.leave(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
