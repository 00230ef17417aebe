"""The two characters for other programs, through Blender's own exporters."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy

from ...core.errors import RigError
from ...core.files import atomic
from ...core.speakers import Pair
from ..characters import heads
from ..characters.character import Character
from . import baking


@dataclass(frozen=True)
class Exporter:
    """A format that the characters are handed on in."""

    label: str  #: on screen
    description: str
    suffix: str
    #: Writes what is selected in a scene to a file; raises RuntimeError where Blender fails.
    write: Callable[[bpy.types.Scene, str], object]
    library: str = ""  #: of `bpy.app.build_options` that Blender must be built with
    operator: str = ""  #: of an add-on that must be on, as `bpy.types` calls it


def missing(form: str) -> str:
    """Return why this Blender cannot write a format, or nothing."""
    exporter = EXPORTERS[form]
    if exporter.library and not getattr(bpy.app.build_options, exporter.library):
        return f"This Blender was built without {exporter.label}: choose another format."
    if exporter.operator and not hasattr(bpy.types, exporter.operator):
        return f"The {exporter.label} exporter is switched off: enable it in Preferences > Add-ons."
    return ""


def write(scene: bpy.types.Scene, path: Path, form: str, bakes: bool = True) -> Path:
    """Write both characters with their animation, whole or not at all; return the file.

    Args:
        scene: the context's.
        path: the file; its suffix becomes the format's, or exporters would add it themselves.
        form: which of `EXPORTERS`.
        bakes: turn gaze into plain keys for the export; else programs without Blender's
            constraints see eyes straight ahead. USD and Alembic evaluate constraints anyway.

    Raises:
        RigError: there are no characters, or this Blender lacks the exporter or fails in it.
        InputError: the folder cannot be written to.
    """
    why = missing(form)
    if why:
        raise RigError(why)
    path = _with_suffix(path, form)
    characters = heads.pair(scene)
    armatures = (characters[0].armature, characters[1].armature)
    to_bake = tuple(a for a in armatures if bakes and not baking.is_baked(a))
    frame = scene.frame_current
    with atomic(path) as temporary, _selected(_objects(characters)):
        baking.bake(to_bake, scene.frame_start, scene.frame_end)
        try:
            EXPORTERS[form].write(scene, str(temporary))
        except RuntimeError as error:
            raise RigError(f"Blender could not write {path.name}: {error}") from error
        finally:
            baking.unbake(to_bake)
            scene.frame_set(frame)
        if not temporary.stat().st_size:
            raise RigError(f"Blender wrote nothing to {path}: is the disk full?")
    return path


def suffixes() -> set[str]:
    """Return the suffixes of all formats."""
    return {exporter.suffix for exporter in EXPORTERS.values()}


def _with_suffix(path: Path, form: str) -> Path:
    suffix = EXPORTERS[form].suffix
    if path.suffix.lower() in suffixes():
        return path.with_suffix(suffix)
    return path.with_name(path.name + suffix)


def _objects(characters: Pair[Character]) -> list[bpy.types.Object]:
    return [obj for character in characters for obj in character.objects]


@contextmanager
def _selected(objects: list[bpy.types.Object]) -> Iterator[None]:
    """Select these and no others, and what was selected afterwards."""
    layer = bpy.context.view_layer
    before, active = [obj for obj in layer.objects if obj.select_get()], layer.objects.active
    for obj in before:
        obj.select_set(False)
    hidden = [obj for obj in objects if obj.hide_get()]
    for obj in objects:
        obj.hide_set(False)
        obj.select_set(True)
    layer.objects.active = objects[0]
    try:
        yield
    finally:
        for obj in objects:
            obj.select_set(False)
        for obj in hidden:
            obj.hide_set(True)
        for obj in before:
            obj.select_set(True)
        layer.objects.active = active


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
        filepath=path, use_selection=True, add_leaf_bones=False, bake_anim=True,
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
        "Alembic", "Every frame's vertices (.abc)", ".abc", _alembic, library="alembic"
    ),
    "FBX": Exporter(
        "FBX",
        "Bones and shape keys for game engines and Maya (.fbx)",
        ".fbx",
        _fbx,
        operator="EXPORT_SCENE_OT_fbx",
    ),
    "GLTF": Exporter(
        "glTF",
        "Bones and shape keys for the web and engines (.glb)",
        ".glb",
        _gltf,
        operator="EXPORT_SCENE_OT_gltf",
    ),
}
