"""The second and third step of a shot: a Blender scene, its exports, and a video of it.

A given .blend is opened and never written: what comes out is saved elsewhere, and its links to
libraries are kept.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.directing.description import Direction, Scene
from ..core.directing.staging import PRESETS
from ..core.errors import DualTalkError, InputError, RigError
from ..core.files import for_blender, why_not_written
from ..core.motion_layers import Row
from ..core.names import Basis
from ..core.performance import Performance, Settings
from ..core.progress import Report, part_of, silent
from ..core.speakers import Speaker
from ..core.stopping import clear_on_stop, delete_folder_of
from .analysis import Analysis
from .shot import Shot

if TYPE_CHECKING:
    import bpy

_DEFAULT_FPS = 25.0
_EXPORTS = {"usd": "USD", "alembic": "ALEMBIC", "fbx": "FBX", "gltf": "GLTF"}


def animate(
    shot: Shot, analysed: Analysis, target: Path, report: Report = silent
) -> dict[str, Path]:
    """Make the shot's scene, save it to `target`, and export it; return the exports by kind.

    Raises:
        InputError: the given .blend cannot be opened, or lacks the characters.
        RigError: the motion does not fit the characters, or Blender cannot write.
    """
    import bpy

    clear_on_stop(lambda: delete_folder_of(bpy))
    scene = _opened(shot)
    report(0.1, "finding the characters")
    _set_frame_rate(scene, shot)
    for speaker, name in enumerate(shot.characters, start=1):
        _take_character(scene, name, speaker)
    settings = _settings(shot, analysed)
    _write(scene, analysed.performance, settings, part_of(report, 0.1, 0.8))
    if shot.scene is not None and (shot.staging or shot.sentence):
        _stage(scene, settings)
    if analysed.direction is not None:
        _feel(scene, Direction.from_json(analysed.direction))
    if shot.outputs.preview is not None and scene.camera is None:
        _add_camera(scene)
    report(0.8, "saving the scene")
    save(target)
    return _export(scene, shot)


def stage(source: Path, target: Path, staging: str | None, direction: Direction | None) -> None:
    """Place the characters of a .blend anew and save it elsewhere; the source is not written."""
    import bpy

    from ..rig.staging import directing

    clear_on_stop(lambda: delete_folder_of(bpy))
    scene = open_blend(source)
    wanted = Scene(staging=PRESETS[staging or "interview"].staging)
    if direction is not None:
        wanted = direction.apply(Scene())
    directing.direct(scene, wanted)
    if direction is not None:
        _feel(scene, direction)
    save(target)


def _feel(scene: "bpy.types.Scene", direction: Direction) -> None:
    """Let the characters feel what a sentence says."""
    from ..rig.acting import gains, said
    from ..rig.characters import heads

    if said.write(scene, direction.feelings):
        for character in heads.pair(scene):
            gains.write(character, gains.PLAIN)


@dataclass(frozen=True)
class Range:
    """What of a performance is generated anew."""

    first: int  #: scene frame
    last: int
    speakers: tuple[Speaker, ...]
    layers: tuple[Row, ...]
    seed: int = 1  #: that looks are planned with


def retake(source: Path, target: Path, performance: Performance, wanted: Range) -> int:
    """Write a range of another performance of the same sound into a .blend, and save it elsewhere.

    Returns how many curves changed; the source is not written.

    Raises:
        RigError: the performance in the file is not of this sound, rate and version.
    """
    import bpy

    from ..rig.performance.editing import retaking, rows

    clear_on_stop(lambda: delete_folder_of(bpy))
    scene = open_blend(source)
    chosen = rows.Wanted(wanted.first, wanted.last, wanted.speakers, wanted.layers)
    settings = Settings(seed=wanted.seed)
    n_curves = retaking.write(scene, _fitted(scene, performance), chosen, settings)
    save(target)
    return n_curves


def sounds(source: Path) -> list[Path]:
    """Return the files of a .blend's own sound strips, A's first."""
    import bpy

    from ..rig.performance import sound_strips

    clear_on_stop(lambda: delete_folder_of(bpy))
    strips = sound_strips.strips(open_blend(source))
    ordered = sorted(strips, key=lambda strip: str(strip.name))
    return [
        Path(bpy.path.abspath(strip.sound.filepath, library=strip.sound.library))
        for strip in ordered
        if strip.sound is not None
    ]


def preview(blend: Path, target: Path, report: Report = silent, n_blenders: int = 1) -> None:
    """Render a saved scene as a video, by as many Blenders at once.

    Raises:
        RigError: this machine cannot render, or Blender wrote no video.
    """
    import bpy

    from ..rig.output import side_by_side

    clear_on_stop(lambda: delete_folder_of(bpy))
    side_by_side.render(open_blend(blend), blend, target, report, n_blenders=n_blenders)


def export(source: Path, kind: str, target: Path) -> Path:
    """Write both characters of a .blend for another program."""
    import bpy

    from ..rig.output import export as rig_export

    clear_on_stop(lambda: delete_folder_of(bpy))
    return rig_export.write(open_blend(source), target, _EXPORTS[kind])


def open_blend(path: Path) -> "bpy.types.Scene":
    """Open a .blend without running its scripts, and return its active scene.

    Raises:
        InputError: it is missing, or Blender cannot read it.
    """
    import bpy

    if not path.is_file():
        raise InputError(f"{path} does not exist: give a .blend file.")
    try:
        bpy.ops.wm.open_mainfile(
            filepath=for_blender(path.resolve()), load_ui=False, use_scripts=False
        )
    except RuntimeError as error:
        raise InputError(f"Blender cannot open {path}: {error}") from error
    scene: bpy.types.Scene = bpy.context.scene  # type: ignore[assignment] # a file has one
    return scene


def save(path: Path) -> None:
    """Save the open scene whole or not at all, links to libraries included.

    Raises:
        DualTalkError: Blender could not write it.
    """
    from ..rig.performance import scene_writer

    try:
        scene_writer.save_blend(path)
    except (RuntimeError, FileNotFoundError) as error:
        raise DualTalkError(
            f"Blender could not write {path}: {why_not_written(path, error)}."
        ) from error


def _opened(shot: Shot) -> "bpy.types.Scene":
    import bpy

    if shot.scene is not None:
        return open_blend(shot.scene)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.data.scenes[0]


def _settings(shot: Shot, analysed: Analysis) -> Settings:
    wanted = Scene(staging=PRESETS[shot.staging or "interview"].staging)
    if analysed.direction is not None:
        wanted = Direction.from_json(analysed.direction).apply(wanted)
    return Settings(
        staging=wanted.staging,
        habits=wanted.gaze,
        heads=wanted.heads,
        seed=shot.seed,
        cuts_to_speaker=shot.cuts,
        with_voice_lights=shot.outputs.preview is not None,
    )


def _set_frame_rate(scene: "bpy.types.Scene", shot: Shot) -> None:
    """Set the rate asked for; Blender has a whole rate and a divisor: 29.97 is 30 / 1.001."""
    if shot.fps is None and shot.scene is not None:
        return
    fps = shot.fps or _DEFAULT_FPS
    whole = max(1, int(-(-fps // 1))) if abs(fps - round(fps)) > 1e-6 else round(fps)
    scene.render.fps, scene.render.fps_base = whole, whole / fps


def _take_character(scene: "bpy.types.Scene", name: str, speaker: int) -> None:
    """Make an object of the scene, or what it belongs to, a speaker."""
    from ..rig import property_names
    from ..rig.characters import heads
    from ..rig.characters.own import binding

    obj = scene.objects.get(name)
    if obj is None:
        candidates = [o for o in scene.objects if o.type in ("MESH", "ARMATURE", "EMPTY")]
        near = ", ".join(sorted(o.name for o in candidates)[:8])
        raise InputError(f"The scene has no object {name!r:.80}; it has {near or 'none'}.")
    for each in (obj, obj.parent):
        if each is not None and each.get(property_names.SPEAKER) == speaker:
            return  # it is already
    objects = _editable(scene, obj)
    binding.bind(scene, speaker, objects, heads.collection(scene))


def _editable(scene: "bpy.types.Scene", obj: "bpy.types.Object") -> list["bpy.types.Object"]:
    """Return the character's objects; what is linked gets a library override in this file."""
    import bpy

    layer = bpy.context.view_layer
    instanced = obj.instance_collection if obj.instance_type == "COLLECTION" else None
    objects: list[bpy.types.Object] = []
    if instanced is not None and instanced.library is not None:
        whole: Any = instanced.override_hierarchy_create(scene, layer, reference=obj)  # type: ignore[arg-type]
        objects = list(whole.all_objects) if whole is not None else []
    elif obj.library is not None:
        own: Any = obj.override_hierarchy_create(scene, layer)  # type: ignore[arg-type]
        objects = [own, *_below(own)] if own is not None else []
    else:
        return [obj, *_below(obj)]
    if not objects:
        raise RigError(
            f"{obj.name} is linked and cannot be overridden: make a library override of the "
            "character in the scene (Object > Library Override > Make)."
        )
    return objects


def _below(obj: "bpy.types.Object") -> list["bpy.types.Object"]:
    return [child for child in obj.children_recursive if child.type in ("MESH", "ARMATURE")]


def _write(
    scene: "bpy.types.Scene", performance: Performance, settings: Settings, report: Report
) -> None:
    """Write the performance, brought to what each character takes."""
    from ..rig.performance import scene_writer

    scene_writer.write_performance(scene, _fitted(scene, performance), settings, report)


def _fitted(scene: "bpy.types.Scene", performance: Performance) -> Performance:
    """Return the performance as each character takes it."""
    from ..inference.postprocess.retarget import retargeted
    from ..rig.characters import heads

    motions = []
    for speaker, motion in enumerate(performance.motions, start=1):
        character = heads.find(scene, speaker)
        bases: tuple[Basis, ...] = ("arkit",) if character is None else character.bases
        fits = motion.basis in bases
        motions.append(motion if fits else retargeted(motion, bases[0]))
    return replace(performance, motions=(motions[0], motions[1]))


def _stage(scene: "bpy.types.Scene", settings: Settings) -> None:
    from ..rig.staging import directing

    wanted = Scene(settings.staging, settings.heads, settings.habits)
    directing.direct(scene, wanted, settings.seed)


def _add_camera(scene: "bpy.types.Scene") -> None:
    """Add a camera that sees both, where the scene has none."""
    import bpy
    from mathutils import Vector

    from ..rig.staging import directing, placing

    places = placing.current_placements(directing.armatures_of(scene))
    a, b = (np.asarray(place.eyes_m, float) for place in places)
    front = places[0].facing + places[1].facing
    side = np.cross(b - a, (0.0, 0.0, 1.0))
    if np.linalg.norm(side) < 1e-3 or side @ front < 0:  # one above the other, or behind them
        side = -side if np.linalg.norm(side) >= 1e-3 else front
    side /= max(float(np.linalg.norm(side)), 1e-6)
    at = (a + b) / 2 + side * (1.2 * float(np.linalg.norm(b - a)) + 0.8)
    camera = bpy.data.objects.new("DualTalk camera", bpy.data.cameras.new("DualTalk camera"))
    camera.location = at.tolist()
    camera.rotation_euler = Vector((-side).tolist()).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(camera)
    scene.camera = camera


def _export(scene: "bpy.types.Scene", shot: Shot) -> dict[str, Path]:
    from ..rig.output import export as rig_export

    written = {}
    for kind, path in shot.outputs.given().items():
        if kind in _EXPORTS:
            written[kind] = rig_export.write(scene, path, _EXPORTS[kind])
    return written
