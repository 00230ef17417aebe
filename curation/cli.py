"""`python -m dualtalk.curation VIDEOS --output FOLDER`: videos in, training data out.

Exit codes are those of `dualtalk`: 0 success, also where every clip is refused; 1 the work failed;
2 bad input; 130 stopped.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from ..core.errors import DualTalkError
from .engine import local, ray_data
from .engine.output import CLIPS, Counts
from .options import Options
from .sources import sources_in


def build_parser() -> argparse.ArgumentParser:
    """Return the arguments."""
    parser = argparse.ArgumentParser(prog="python -m dualtalk.curation", description=__doc__)
    parser.add_argument("videos", type=Path, help="a video, or a folder with videos")
    parser.add_argument("--output", type=Path, required=True, help="the folder to write to")
    parser.add_argument(
        "--engine", choices=("local", "ray"), default="local",
        help="this process alone, or Ray Data on this machine or a cluster",
    )  # fmt: skip
    parser.add_argument("--workers", type=int, default=2, help="actors of Ray")
    parser.add_argument("--gpus", type=float, default=0.0, help="share of a GPU of each actor")
    parser.add_argument("--address", help="of a running Ray cluster")
    parser.add_argument(
        "--layout", choices=("clips", "dualtalk_dataset"), default="clips",
        help="a folder per clip, or the files of the DualTalk data set",
    )  # fmt: skip
    parser.add_argument(
        "--face-model", type=Path, help="a face landmarker's .task file of your own"
    )
    parser.add_argument(
        "--silent", action="store_true", help="take clips without sound too: nobody speaks in them"
    )
    parser.add_argument("--no-preview", action="store_true", help="write no preview videos")
    parser.add_argument(
        "--super-resolution",
        type=Path,
        metavar="FILE",
        help="ONNX file of a super-resolution network of your own, for faces below 64 px",
    )
    parser.add_argument("--verbose", action="store_true")
    return parser


def _run(given: argparse.Namespace, options: Options) -> Counts:
    sources, is_dataset = sources_in(given.videos), given.layout == "dualtalk_dataset"
    if given.engine == "local":
        return local.run(sources, given.output, options, is_dataset)
    return ray_data.run(
        sources, given.output, options, is_dataset, given.workers, given.gpus, given.address
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the pipeline and return the exit code."""
    given = build_parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if given.verbose else logging.WARNING, stream=sys.stderr,
        format="%(name)s: %(message)s",
    )  # fmt: skip
    enlarger: Path | None = given.super_resolution
    previews = None if given.no_preview else given.output.resolve() / CLIPS
    options = Options(
        needs_sound=not given.silent, task_file=given.face_model,
        super_resolution=enlarger and enlarger.resolve(), previews=previews,
    )  # fmt: skip
    try:
        counts = _run(given, options)
    except DualTalkError as error:
        sys.stderr.write(f"dualtalk.curation: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("dualtalk.curation: Cancelled: run it again to go on.\n")
        return 130
    sys.stdout.write(f"{counts.accepted} clips taken, {counts.refused} refused: {given.output}\n")
    return 0
