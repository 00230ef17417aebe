"""Write the characters or a video of an animated scene for other programs."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..core.files import check_target, clear_unfinished
from ..core.progress import Report
from .common import options as common
from .common.answer import Answer

NAME, HELP = "export", "write an animated scene as USD, Alembic, FBX, glTF or video"
_KINDS = {".usdc": "usd", ".abc": "alembic", ".fbx": "fbx", ".glb": "gltf", ".mp4": "preview"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("scene", type=common.path, metavar="SCENE.blend")
    parser.add_argument(
        "outputs",
        type=common.path,
        nargs="+",
        metavar="OUT",
        help=f"files to write, by their ending: {', '.join(_KINDS)}",
    )


def run(options: Namespace) -> Answer:
    """Write each file, whole or not at all."""
    from ..batch import scenes
    from ..batch.making import make_folder
    from ..batch.pool import blender_count
    from ..console import step
    from ..core.errors import InputError
    from .animate import require_bpy

    require_bpy()
    for path in options.outputs:
        if path.suffix.lower() not in _KINDS:
            raise InputError(f"{path} ends in none of {', '.join(_KINDS)}: give it such a name.")
        make_folder(path)
        check_target(path, [options.scene])
    for path in options.outputs:
        kind = _KINDS[path.suffix.lower()]
        with step(f"Writing {path.name:.16}") as report:
            if kind == "preview":
                scenes.preview(options.scene, path, report, blender_count())
            elif kind == "alembic":
                _beside(options.scene, path, report)
            else:
                scenes.export(options.scene, kind, path)
    written = [str(path) for path in options.outputs]
    return Answer({"outputs": written}, written)


def _beside(scene: Path, path: Path, report: Report) -> None:
    """Write Alembic in a process of its own, which Blender's writer ends where a disk fills up."""
    import sys

    import bpy

    from ..core.jobs.requests import ExportRequest
    from ..core.jobs.worker_process import WorkerProcess
    from ..core.stopping import cleared_on_stop

    program = Path(bpy.app.binary_path or sys.executable)
    request = ExportRequest(str(scene.resolve()), "", str(path.resolve()), "ALEMBIC")
    worker = WorkerProcess(program, request)

    def clear() -> None:
        worker.close()
        clear_unfinished(path)

    with cleared_on_stop(clear):
        worker.wait(report)
