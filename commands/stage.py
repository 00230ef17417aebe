"""Place the two of an animated scene anew, by a preset or in words, and save it elsewhere."""

from argparse import ArgumentParser, Namespace

from .common import options as common
from .common.answer import Answer

NAME, HELP = "stage", "place the two of an animated scene anew"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("scene", type=common.path, metavar="SCENE.blend")
    parser.add_argument("--output", type=common.path, required=True, metavar="OUT.blend")
    common.add_staging(parser)


def run(options: Namespace) -> Answer:
    """Read the sentence, place both, save."""
    from ..batch import scenes
    from ..batch.making import make_folder
    from ..console import step
    from ..core.directing.description import Direction
    from ..core.errors import InputError
    from ..core.files import check_target
    from .animate import require_bpy

    require_bpy()
    if options.output.suffix != ".blend":
        raise InputError(f"{options.output} does not end in .blend: give it that name.")
    make_folder(options.output)
    check_target(options.output, [options.scene])
    direction: Direction | None = None
    if options.sentence:
        from ..inference.description.interpret import Director

        direction = Director.load().direct(options.sentence)
    with step("Staging"):
        scenes.stage(options.scene, options.output, options.staging, direction)
    understood = {} if direction is None else direction.values
    missed = () if direction is None else direction.not_understood
    return Answer(
        {"outputs": [str(options.output)], "understood": understood, "not_understood": missed},
        [f"Scene: {options.output.resolve()}", *(f"Not understood: {part}" for part in missed)],
    )
