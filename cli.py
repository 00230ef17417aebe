"""The command line: `dualtalk predict`, `animate`, `info` and the tools around the checkpoints.

Exit codes: 0 success, 1 the work failed, 2 bad input, 130 stopped by the user. An error is one
line on stderr that says what is wrong and what to do.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from . import __version__, commands
from .console import complain
from .core.directing.staging import DEFAULT_PRESET, PRESETS
from .core.errors import DualTalkError

DESCRIPTION = "Turn the sound of a conversation into two talking heads in Blender."


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        complain(f"{message} (see '{self.prog} --help')")
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except DualTalkError as error:
        complain(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        complain("Cancelled.")
        return 130
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; each command's options carry the function that runs it as `run`."""
    parser = _Parser(prog="dualtalk", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"dualtalk {__version__}")
    each = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    _add_predict(each.add_parser("predict", help="write the motion of both heads as .npz files"))
    _add_animate(each.add_parser("animate", help="write a Blender scene of the two talking heads"))
    _add_turns(each.add_parser("turns", help="tell who speaks when in one mixed recording"))
    _add_info(each.add_parser("info", help="show versions, devices and checkpoints"))
    _add_convert(each.add_parser("convert", help="turn the authors' .pth into a checkpoint"))
    _add_evaluate(each.add_parser("evaluate", help="measure a prediction as the paper does"))
    _add_bench(each.add_parser("bench", help="measure speed and memory of the networks here"))
    return parser


def _add_predict(parser: argparse.ArgumentParser) -> None:
    _add_sounds(parser)
    _add_mixed(parser)
    _add_staging(parser)
    _add_network(parser)
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="DIR/NAME",
        help="writes DIR/NAME_speaker1.npz and DIR/NAME_speaker2.npz",
    )
    parser.add_argument(
        "--partner-motion",
        type=Path,
        metavar="B.npz",
        help="motion of the second speaker: only the first is predicted, reacting to it",
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        help="the network's numbers untouched: not smoothed or limited",
    )
    parser.set_defaults(run=commands.predict)


def _add_animate(parser: argparse.ArgumentParser) -> None:
    _add_sounds(parser)
    _add_mixed(parser)
    _add_network(parser)
    parser.add_argument("--output", type=Path, required=True, metavar="SCENE.blend")
    parser.add_argument("--preview", type=Path, metavar="OUT.mp4", help="also render a video")
    _add_staging(parser)
    parser.add_argument("--cuts", action="store_true", help="cut to whoever speaks")
    parser.add_argument("--fps", type=float, default=25.0, help="frames per second (default: 25)")
    parser.set_defaults(run=commands.animate, raw=False)


def _add_info(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=commands.info)


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="DualTalk.pth")
    parser.add_argument("target", type=Path, metavar="OUT.safetensors")
    parser.set_defaults(run=commands.convert)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("predicted", type=Path, metavar="PRED.npz")
    parser.add_argument("truth", type=Path, metavar="TRUTH.npz")
    parser.add_argument("--partner", type=Path, metavar="PARTNER.npz", help="adds P-FD and rPCC")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=commands.evaluate)


def _add_turns(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sound", type=Path, metavar="M.wav", help="one track with both voices")
    parser.add_argument(
        "--voice-a", type=Path, metavar="CLIP.wav", help="some seconds of A's voice alone"
    )
    parser.add_argument("--rttm", type=Path, metavar="OUT.rttm", help="also write NIST's RTTM")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=commands.turns)


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds",
        type=_positive,
        nargs="+",
        default=[4.0, 30.0, 120.0, 600.0],
        help="lengths of dialogue (default: 4 30 120 600)",
    )
    parser.add_argument(
        "--network", choices=("bundled", "full", "both"), default="both", help="default: both"
    )
    parser.add_argument(
        "--baseline-limit",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="longest dialogue for the plain baseline, whose memory grows with the square",
    )
    parser.add_argument(
        "--window",
        type=_positive,
        nargs="+",
        default=[],
        metavar="SECONDS",
        help="also measure float32 in windows of these lengths, beside the default",
    )
    parser.set_defaults(run=commands.bench)


def _add_sounds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sound_a", type=Path, metavar="A.wav", nargs="?", help="the first speaker's track"
    )
    parser.add_argument(
        "sound_b",
        type=Path,
        metavar="B.wav",
        nargs="?",
        help="the second speaker's track; without it A.wav is stereo, one speaker per channel",
    )
    parser.add_argument(
        "--duration", type=_positive, metavar="SECONDS", help="take only the beginning of the sound"
    )


def _add_mixed(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "one recording with both voices, in place of A.wav and B.wav",
        "The network for it runs on the CPU: --device, --precision and --window do not count.",
    )
    group.add_argument("--mixed", type=Path, metavar="M.wav", help="the recording")
    group.add_argument(
        "--turns", type=Path, metavar="T.npz", help="who speaks when, instead of finding it out"
    )
    group.add_argument(
        "--voice-a", type=Path, metavar="A.wav", help="a few seconds of the first speaker alone"
    )
    group.add_argument(
        "--swap-voices", action="store_true", help="the first voice is the second speaker's"
    )


def _add_staging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--staging",
        choices=tuple(PRESETS),
        default=DEFAULT_PRESET,
        help=f"how the two are placed (default: {DEFAULT_PRESET})",
    )


def _add_network(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="weights to use (default: the bundled ones)"
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="default: auto"
    )
    parser.add_argument(
        "--precision",
        choices=("float32", "fast"),
        default="float32",
        help="fast uses bfloat16 or float16 where that is faster (default: float32)",
    )
    parser.add_argument(
        "--window",
        type=float,
        metavar="SECONDS",
        help="length of the pieces that a long sound is cut into; 0 takes it whole",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="another number gives another listener (default: 0)"
    )


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


if __name__ == "__main__":
    sys.exit(main())
