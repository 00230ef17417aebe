"""Write a job for a render farm that makes the shots: Open Job Description, or Flamenco."""

from argparse import ArgumentParser, Namespace

from .common import options as common
from .common.answer import Answer

NAME, HELP = "farm", "write a render farm's job that makes the shots"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("shots", type=common.path, metavar="SHOTS.toml")
    parser.add_argument(
        "--output",
        type=common.path,
        metavar="DIR",
        help="where the bundle goes (default: a folder SHOTS-farm beside SHOTS.toml)",
    )
    parser.add_argument(
        "--executable",
        default="dualtalk",
        metavar="PROGRAM",
        help="how the farm's machines call DualTalk (default: dualtalk)",
    )


def run(options: Namespace) -> Answer:
    """Check the shots, and write the bundle."""
    from ..batch import farm, shot_file

    shots = shot_file.read(options.shots)
    folder = options.output or options.shots.parent / f"{options.shots.stem}-farm"
    written = farm.write(shots, options.shots, folder, options.executable)
    return Answer({"outputs": [str(p) for p in written]}, [str(path) for path in written])
