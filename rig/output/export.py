"""The two characters for other programs, through Blender's own exporters."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy

from ...core.errors import RigError
from ...core.files import atomic, for_blender, require_space, why_not_written
from ...core.formats import whole
from ...core.speakers import Pair
from ...core.stopping import cleared_on_stop
from .. import timing
from ..acting import folding
from ..characters import heads
from ..characters.character import Character
from ..performance import readiness
from ..performance.editing import layers
from . import baking, chosen, glb_times, moved_in_time, own_rigs

#: Three numbers of 4 bytes.
_VERTEX_BYTES = 12


@dataclass(frozen=True)
class Exporter:
    """A format that the characters are handed on in."""

    label: str  #: on screen
    description: str
    suffix: str
    #: Writes what is selected in a scene to a file; raises RuntimeError where Blender fails.
    write: Callable[[bpy.types.Scene, str], object]
    library: str = ""  #: of `bpy.app.build_options` that Blender must be built with
    in_seconds: bool = False  #: its keys are in seconds from 0, not in frames
    has_vertices: bool = False  #: it holds every frame's vertices instead of shape keys
    operator: str = ""  #: of an add-on that must be on, as `bpy.types` calls it


def missing(form: str) -> str:
    """Return why this Blender cannot write a format, or nothing."""
    exporter = EXPORTERS[form]
    if exporter.library and not getattr(bpy.app.build_options, exporter.library):
        return f"This Blender was built without {exporter.label}: choose another format."
    if exporter.operator and not hasattr(bpy.types, exporter.operator):
        return f"The {exporter.label} exporter is switched off: enable it in Preferences > Add-ons."
    return ""


def write(
    scene: bpy.types.Scene,
    path: Path,
    form: str,
    bakes: bool = True,
    starts_at_zero: bool = True,
    notes: list[str] | None = None,
) -> Path:
    """Write both characters with their animation, whole or not at all; return the file.

    Args:
        scene: the context's.
        path: the file; its suffix becomes the format's, or exporters would add it themselves.
        form: which of `EXPORTERS`.
        bakes: turn gaze, and what an own rig does, into plain keys for the export; else programs
            without Blender's constraints see eyes straight ahead.
        starts_at_zero: let FBX and glTF, which know seconds, begin with the scene's first frame at
            0, as the sound does. USD and Alembic keep the numbers of frames.
        notes: what the user should know is added here.

    Raises:
        RigError: there are no characters, or this Blender lacks the exporter or fails in it.
        InputError: the folder cannot be written to.
    """
    why = missing(form)
    if why:
        raise RigError(why)
    path, exporter = _with_suffix(path, form), EXPORTERS[form]
    characters = heads.pair(scene)
    for character in characters:
        readiness.check_character(character)
    said: list[str] = []
    with ExitStack() as stack:
        if exporter.has_vertices:  # on a full disk Blender would end
            require_space(path, _vertex_bytes(scene, characters))
        temporary = stack.enter_context(atomic(path))
        stack.enter_context(_no_textures_left(path.parent / "textures"))
        stack.enter_context(chosen.alone(_objects(characters)))
        for character in characters:
            stack.enter_context(layers.flat(character))
            if not exporter.has_vertices:
                stack.enter_context(folding.folded(scene, character))
        if bakes:
            stack.enter_context(_baked(scene, characters))
        if not exporter.has_vertices:
            said += stack.enter_context(_keys_before_modifiers(characters))
        if starts_at_zero and exporter.in_seconds:
            said.append(f"Frame {scene.frame_start} is at 0 s.")
            stack.enter_context(moved_in_time.to_zero(scene, _owners(characters)))
        try:
            exporter.write(scene, for_blender(temporary))
        except RuntimeError as error:
            why = why_not_written(path, error)
            raise RigError(f"Blender could not write {path.name}: {why}") from error
        whole.require(temporary, path)
        if form == "GLTF" and scene.render.fps_base != 1.0:
            glb_times.correct(temporary, scene.frame_end / timing.scene_fps(scene))
            whole.require(temporary, path)
    if notes is not None:
        notes.extend(said)
    return path


@contextmanager
def _no_textures_left(folder: Path) -> Iterator[None]:
    """Take away the folder of pictures that USD has beside it, if the export makes it and fails."""
    if folder.exists():
        yield
        return
    try:
        with cleared_on_stop(lambda: shutil.rmtree(folder, ignore_errors=True)):
            yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def suffixes() -> set[str]:
    """Return the suffixes of all formats."""
    return {exporter.suffix for exporter in EXPORTERS.values()}


def _vertex_bytes(scene: bpy.types.Scene, characters: Pair[Character]) -> int:
    """Return how large a file of every frame's vertices is, at least."""
    meshes = [obj.data for obj in _objects(characters) if obj.type == "MESH"]
    n_frames = scene.frame_end - scene.frame_start + 1
    n_vertices: list[int] = [len(mesh.vertices) for mesh in meshes]
    return _VERTEX_BYTES * n_frames * sum(n_vertices)


@contextmanager
def _baked(scene: bpy.types.Scene, characters: Pair[Character]) -> Iterator[None]:
    """Have plain keys in place of constraints, and the scene as it was afterwards."""
    frame = scene.frame_current
    armatures = tuple(c.armature for c in characters if not baking.is_baked(c.armature))
    own = [obj for character in characters for obj in character.carried_objects]
    with own_rigs.baked(own, scene):
        baking.bake(armatures, scene.frame_start, scene.frame_end)
        try:
            yield
        finally:
            baking.unbake(armatures)
            scene.frame_set(frame)


@contextmanager
def _keys_before_modifiers(characters: Pair[Character]) -> Iterator[list[str]]:
    """Leave out modifiers that would cost the shape keys; yield what to tell the user."""
    left_out = [
        (mesh, modifier, modifier.show_viewport, modifier.show_render)
        for character in characters
        for mesh in character.meshes
        for modifier in mesh.modifiers
        if modifier.type != "ARMATURE" and (modifier.show_viewport or modifier.show_render)
    ]
    for _, modifier, _, _ in left_out:
        modifier.show_viewport = modifier.show_render = False
    try:
        names = ", ".join(f"{modifier.name} of {mesh.name}" for mesh, modifier, _, _ in left_out)
        said = f"Without the modifiers {names}: with them the shape keys would be lost."
        yield [said] if left_out else []
    finally:
        for _, modifier, in_viewport, in_render in left_out:
            modifier.show_viewport, modifier.show_render = in_viewport, in_render


def _owners(characters: Pair[Character]) -> list[bpy.types.ID]:
    """Return whatever may move the characters by keys."""
    objects = list(_objects(characters))
    for character in characters:
        objects += character.armature.children_recursive
        objects += [above for obj in character.objects for above in _above(obj)]
    keys = [mesh.data.shape_keys for character in characters for mesh in character.meshes]
    return list(dict.fromkeys([*objects, *keys]))


def _above(obj: bpy.types.Object) -> Iterator[bpy.types.Object]:
    while obj.parent is not None:
        obj = obj.parent
        yield obj


def _with_suffix(path: Path, form: str) -> Path:
    suffix = EXPORTERS[form].suffix
    if path.suffix.lower() in suffixes():
        return path.with_suffix(suffix)
    return path.with_name(path.name + suffix)


def _objects(characters: Pair[Character]) -> list[bpy.types.Object]:
    return [obj for character in characters for obj in character.objects]


def _usd(_scene: bpy.types.Scene, path: str) -> object:
    return bpy.ops.wm.usd_export(
        filepath=path, selected_objects_only=True, export_animation=True, export_materials=True
    )


def _alembic(scene: bpy.types.Scene, path: str) -> object:
    # as_background_job is for the interface; the file must be there on return.
    return bpy.ops.wm.alembic_export(
        filepath=path, selected=True, start=scene.frame_start, end=scene.frame_end,
        as_background_job=False,
    )  # fmt: skip


def _fbx(_scene: bpy.types.Scene, path: str) -> object:
    return bpy.ops.export_scene.fbx(
        filepath=path, use_selection=True, use_mesh_modifiers=False, add_leaf_bones=False,
        bake_anim=True,
        bake_anim_use_all_actions=False, bake_anim_use_nla_strips=False, mesh_smooth_type="FACE",
    )  # fmt: skip


def _gltf(_scene: bpy.types.Scene, path: str) -> object:
    return bpy.ops.export_scene.gltf(
        filepath=path, use_selection=True, export_format="GLB", export_animations=True,
        export_animation_mode="SCENE", export_frame_range=True, export_morph_animation=True,
        export_anim_scene_split_object=False,
    )  # fmt: skip


#: Every format by the name that scripts give it: a new one is a function and a row.
EXPORTERS: dict[str, Exporter] = {
    "USD": Exporter("USD", "Universal Scene Description (.usdc)", ".usdc", _usd, library="usd"),
    "ALEMBIC": Exporter(
        "Alembic",
        "Every frame's vertices (.abc)",
        ".abc",
        _alembic,
        has_vertices=True,
        library="alembic",
    ),
    "FBX": Exporter(
        "FBX",
        "Bones and shape keys for game engines and Maya (.fbx)",
        ".fbx",
        _fbx,
        in_seconds=True,
        operator="EXPORT_SCENE_OT_fbx",
    ),
    "GLTF": Exporter(
        "glTF",
        "Bones and shape keys for the web and engines (.glb)",
        ".glb",
        _gltf,
        in_seconds=True,
        operator="EXPORT_SCENE_OT_gltf",
    ),
}
