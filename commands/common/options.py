"""Options that several commands share, and the values that they take."""

import argparse
import math
from pathlib import Path

#: Names of `core.directing.staging.PRESETS`, which is numpy's and would slow every start.
PRESET_NAMES = ("table", "bench", "interview", "close", "seated_standing", "apart")
LARGEST_SEED = 2**31 - 1


def add_dialogue(parser: argparse.ArgumentParser, otherwise: str = "") -> None:
    """Add the sounds of a conversation: two tracks, or one recording with both voices.

    `otherwise` ends the help of the first: what is taken when none is given.
    """
    parser.add_argument(
        "sound_a",
        type=path,
        metavar="A.wav",
        nargs="?",
        help=f"the first speaker's track{otherwise}",
    )
    parser.add_argument(
        "sound_b",
        type=path,
        metavar="B.wav",
        nargs="?",
        help="the second speaker's track; without it A.wav is stereo, one speaker per channel",
    )
    for who in "ab":
        parser.add_argument(
            f"--face-{who}",
            type=path,
            metavar="FACE.csv",
            help=f"a recording of {who.upper()}'s face (Live Link Face .csv, or .npz): the other "
            "one reacts to it",
        )
    parser.add_argument(
        "--duration", type=positive, metavar="SECONDS", help="take only the beginning of the sound"
    )
    group = parser.add_argument_group(
        "one recording with both voices, in place of A.wav and B.wav",
        "--window does not count for it.",
    )
    group.add_argument("--mixed", type=path, metavar="M.wav", help="the recording")
    group.add_argument(
        "--turns", type=path, metavar="T.npz", help="who speaks when, instead of finding it out"
    )
    group.add_argument(
        "--voice-a", type=path, metavar="A.wav", help="a few seconds of the first speaker alone"
    )
    group.add_argument(
        "--swap-voices", action="store_true", help="the first voice is the second speaker's"
    )


def add_staging(parser: argparse.ArgumentParser, default: str | None = "interview") -> None:
    """Add how the two are placed; None leaves those of an existing scene where they are."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--staging",
        choices=PRESET_NAMES,
        default=default,
        help="how the two are placed (default: interview)",
    )
    group.add_argument(
        "--sentence",
        metavar="TEXT",
        default="",
        help="how they are placed and behave, in words: 'side by side on a bench, she leans in'",
    )


def add_network(parser: argparse.ArgumentParser, seed: int = 0) -> None:
    """Add which network runs, where, and how; `seed` is the one that is taken otherwise."""
    parser.add_argument(
        "--checkpoint", type=path, metavar="FILE", help="weights to use (default: the bundled ones)"
    )
    add_device(parser)
    parser.add_argument(
        "--precision",
        choices=("float32", "fast"),
        default="float32",
        help="fast uses bfloat16 or float16 where that is faster (default: float32)",
    )
    parser.add_argument(
        "--window",
        type=window,
        metavar="SECONDS",
        help="length of the pieces that a long sound is cut into; 0 takes it whole",
    )
    parser.add_argument(
        "--seed",
        type=seed_number,
        default=seed,
        help=f"another number gives another listener (default: {seed})",
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add what computes."""
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="default: auto"
    )


def path(text: str) -> Path:
    """Return a path; empty ones and those with a zero byte are none."""
    if not text:
        raise argparse.ArgumentTypeError("the name of the file is empty")
    if "\0" in text:
        raise argparse.ArgumentTypeError("a file's name cannot hold a zero byte")
    return Path(text)


def number(text: str) -> float:
    """Return a finite number."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return value


def positive(text: str) -> float:
    """Return a finite number above zero."""
    value = number(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


def window(text: str) -> float:
    """Return the length of a window in seconds: 0, or at least 1."""
    value = number(text)
    if value != 0 and value < 1:
        raise argparse.ArgumentTypeError(f"{text} is neither 0 (the whole) nor at least 1 second")
    return value


def frame_rate(text: str) -> float:
    """Return frames per second that Blender can have."""
    value = number(text)
    if not 1 <= value <= 240:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 240 frames per second")
    return value


def seed_number(text: str) -> int:
    """Return a whole number from 0 on, as large as Blender keeps one."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if not 0 <= value <= LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {LARGEST_SEED}")
    return value


def count(text: str) -> int:
    """Return a whole number from 1 on."""
    value = seed_number(text)
    if value == 0:
        raise argparse.ArgumentTypeError("0 is not above zero")
    return value
