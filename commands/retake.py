"""Generate a range of an animated scene anew, of one person or both, and save it elsewhere."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..core.motion_layers import ROWS
from ..core.speakers import SPEAKERS, of_letter
from .common import options as common
from .common.answer import Answer

NAME, HELP = "retake", "generate a range of an animated scene anew"
#: What can be generated anew on its own.
LAYERS = ROWS


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("scene", type=common.path, metavar="SCENE.blend")
    common.add_dialogue(parser, "; without any, those of the scene's sound strips")
    parser.add_argument("--first", type=int, required=True, metavar="FRAME", help="of the range")
    parser.add_argument("--last", type=int, required=True, metavar="FRAME", help="of the range")
    parser.add_argument(
        "--speaker", choices=("a", "b"), help="of one person alone (default: of both)"
    )
    parser.add_argument(
        "--layer",
        dest="layers",
        action="append",
        choices=LAYERS,
        help="of this layer alone; may be given more than once (default: of all)",
    )
    parser.add_argument("--output", type=common.path, required=True, metavar="OUT.blend")
    common.add_network(parser, seed=1)


def run(options: Namespace) -> Answer:
    """Predict with another seed, write the range, save."""
    from ..batch import scenes
    from ..batch.making import analyse, make_folder
    from ..batch.shot import Outputs
    from ..console import complain, step
    from ..core.errors import InputError
    from ..core.files import check_target
    from .animate import require_bpy
    from .common.single_shot import shot_of

    require_bpy()
    if options.output.suffix != ".blend":
        raise InputError(f"{options.output} does not end in .blend: give it that name.")
    make_folder(options.output)
    given = (options.scene, options.sound_a, options.sound_b, options.mixed)
    check_target(options.output, [path for path in given if path is not None])
    if options.sound_a is None and options.mixed is None:
        options.sound_a, options.sound_b = _sounds(options.scene)
    shot = shot_of(options, Outputs(scene=options.output))
    with step("Predicting motion") as report:
        analysed = analyse(shot, report)
    for note in analysed.notes:
        complain(note)
    speakers = SPEAKERS if options.speaker is None else (of_letter(options.speaker.upper()),)
    layers = tuple(layer for layer in LAYERS if layer in (options.layers or LAYERS))
    with step("Writing the range"):
        n_curves = scenes.retake(
            options.scene, options.output, analysed.performance,
            scenes.Range(options.first, options.last, speakers, layers, options.seed),
        )  # fmt: skip
    return Answer(
        {"outputs": [str(options.output)], "curves": n_curves, "notes": list(analysed.notes)},
        [f"Scene: {options.output.resolve()}", f"Curves that changed: {n_curves}"],
    )


def _sounds(scene: Path) -> tuple[Path, Path | None]:
    """Return the sounds of the scene's strips."""
    from ..batch import scenes
    from ..core.errors import InputError

    found = scenes.sounds(scene)
    if not found:
        raise InputError(f"{scene} has no sound strips of DualTalk: name the sounds (A.wav B.wav).")
    return found[0], found[1] if len(found) > 1 else None
