"""Measure speed and memory of the networks on this machine."""

from argparse import ArgumentParser, Namespace

from .common import options as common
from .common.answer import Answer

NAME, HELP = "bench", "measure speed and memory of the networks here"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--seconds",
        type=common.positive,
        nargs="+",
        default=[4.0, 30.0, 120.0, 600.0],
        help="lengths of dialogue (default: 4 30 120 600)",
    )
    parser.add_argument(
        "--network",
        choices=("bundled", "full", "both", "tiny"),
        default="both",
        help="default: both; tiny is the full one in small, for tests",
    )
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda", "mps", "cpu-autocast"),
        default="auto",
        help="cpu-autocast checks a GPU's number types on a CPU (default: auto)",
    )
    parser.add_argument(
        "--baseline-limit",
        type=common.number,
        default=120.0,
        metavar="SECONDS",
        help="longest dialogue for the plain baseline, whose memory grows with the square",
    )
    parser.add_argument(
        "--window",
        type=common.positive,
        nargs="+",
        default=[],
        metavar="SECONDS",
        help="also measure float32 in windows of these lengths, beside the default",
    )


def run(options: Namespace) -> Answer:
    """Measure each case in a process of its own; a row is shown as soon as it is there."""
    from ..console import complain
    from ..evaluation.bench import run as measure

    networks = ("bundled", "full") if options.network == "both" else (options.network,)
    lines = []
    given = (networks, options.seconds, options.baseline_limit, options.window, options.device)
    for line in measure(*given):
        complain(line)
        lines.append(line)
    return Answer({"lines": lines}, lines)
