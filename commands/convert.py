"""Turn a published checkpoint (.pth) into safetensors; nothing in it is executed."""

from argparse import ArgumentParser, Namespace

from .common import options as common
from .common.answer import Answer

NAME, HELP = "convert", "turn the authors' .pth into a checkpoint"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("source", type=common.path, metavar="DualTalk.pth")
    parser.add_argument("target", type=common.path, metavar="OUT.safetensors")


def run(options: Namespace) -> Answer:
    """Convert it."""
    from ..batch.making import make_folder
    from ..console import step
    from ..core.files import check_target
    from ..inference.convert import convert

    make_folder(options.target)
    check_target(options.target, [options.source])
    with step("Converting"):
        done = convert(options.source, options.target)
    return Answer(
        {"outputs": [str(done.path)], "parameters": done.n_parameters, "basis": "flame"},
        [f"{done.path}: {done.n_parameters / 1e6:.0f} M parameters, basis flame"],
    )
