"""Write a Blender scene of both heads talking: a new one, or characters of a scene that exists."""

import importlib.util
from argparse import ArgumentParser, Namespace

from .common import options as common
from .common.answer import Answer

NAME, HELP = "animate", "write a Blender scene of the two talking heads"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    common.add_dialogue(parser)
    common.add_network(parser)
    common.add_staging(parser, default=None)
    parser.add_argument("--output", type=common.path, required=True, metavar="SCENE.blend")
    parser.add_argument(
        "--preview", type=common.path, metavar="OUT.mp4", help="also render a video"
    )
    parser.add_argument("--cuts", action="store_true", help="cut to whoever speaks")
    parser.add_argument(
        "--fps",
        type=common.frame_rate,
        metavar="FPS",
        help="frames per second (default: 25, or as SHOT.blend has it)",
    )
    group = parser.add_argument_group("characters of a scene that exists; it is never written")
    group.add_argument("--scene", type=common.path, metavar="SHOT.blend")
    group.add_argument("--character-a", metavar="NAME", help="the object that is the first speaker")
    group.add_argument("--character-b", metavar="NAME", help="the one that is the second")


def run(options: Namespace) -> Answer:
    """Predict, build the scene, and render it."""
    from ..batch.shot import Outputs
    from ..core.errors import InputError
    from .common.single_shot import facts_of, make_once, shot_of

    require_bpy()
    if (options.character_a is None) != (options.character_b is None):
        raise InputError("Name both characters: --character-a NAME --character-b NAME.")
    names = (options.character_a, options.character_b)
    shot = shot_of(
        options,
        Outputs(scene=options.output, preview=options.preview),
        staging=options.staging,
        sentence=options.sentence,
        scene=options.scene,
        characters=names if names[0] is not None else (),
        cuts=options.cuts,
        fps=options.fps,
    )
    made = make_once(shot)
    kinds = {".blend": "Scene", ".mp4": "Video"}
    return Answer(
        facts_of(made), [f"{kinds[path.suffix]}: {path.resolve()}" for path in made.outputs]
    )


def require_bpy() -> None:
    """Check that Blender's module is there.

    Raises:
        DualTalkError: it is not.
    """
    from ..core.errors import DualTalkError

    if importlib.util.find_spec("bpy") is None:
        raise DualTalkError(
            "Blender's Python module bpy is not installed: run 'pip install dualtalk[blender]' "
            "with Python 3.11, or use the extension inside Blender."
        )
