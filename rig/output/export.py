"""The two characters for other programs, through Blender's own exporters."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

import bpy

from ...core.errors import RigError
from ...core.files import atomic
from ...core.speakers import Pair
from ..characters import heads
from ..characters.character import Character
from . import baking

Format = Literal["USD", "ALEMBIC", "FBX", "GLTF"]
FORMATS: tuple[Format, ...] = get_args(Format)
SUFFIXES: dict[Format, str] = {"USD": ".usdc", "ALEMBIC": ".abc", "FBX": ".fbx", "GLTF": ".glb"}
_LIBRARIES: dict[Format, str] = {"USD": "usd", "ALEMBIC": "alembic"}
_OPERATORS: dict[Format, str] = {
    "FBX": "EXPORT_SCENE_OT_fbx",
    "GLTF": "EXPORT_SCENE_OT_gltf",
}


def missing(form: Format) -> str:
    """Return why this Blender cannot write a format, or nothing."""
    if form in _LIBRARIES and not getattr(bpy.app.build_options, _LIBRARIES[form]):
        return f"This Blender was built without {form}: choose another format."
    if form in _OPERATORS and not hasattr(bpy.types, _OPERATORS[form]):
        return f"The {form} exporter is switched off: enable it in Preferences > Add-ons."
    return ""


def write(scene: bpy.types.Scene, path: Path, form: Format, bakes: bool = True) -> Path:
    """Write both characters with their animation, whole or not at all; return the file.

    Args:
        scene: the context's.
        path: the file; its suffix becomes the format's, or exporters would add it themselves.
        form: which exporter.
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
            _WRITERS[form](scene, str(temporary))
        except RuntimeError as error:
            raise RigError(f"Blender could not write {path.name}: {error}") from error
        finally:
            baking.unbake(to_bake)
            scene.frame_set(frame)
        if not temporary.stat().st_size:
            raise RigError(f"Blender wrote nothing to {path}: is the disk full?")
    return path


def _with_suffix(path: Path, form: Format) -> Path:
    if path.suffix.lower() in SUFFIXES.values():
        return path.with_suffix(SUFFIXES[form])
    return path.with_name(path.name + SUFFIXES[form])


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


def _usd(_scene: bpy.types.Scene, path: str) -> Any:
    return bpy.ops.wm.usd_export(
        filepath=path, selected_objects_only=True, export_animation=True, export_materials=True
    )


def _alembic(scene: bpy.types.Scene, path: str) -> Any:
    # as_background_job is for the interface; the file must be there on return.
    return bpy.ops.wm.alembic_export(
        filepath=path, selected=True, start=scene.frame_start, end=scene.frame_end,
        as_background_job=False,
    )  # fmt: skip


def _fbx(_scene: bpy.types.Scene, path: str) -> Any:
    return bpy.ops.export_scene.fbx(
        filepath=path, use_selection=True, add_leaf_bones=False, bake_anim=True,
        bake_anim_use_all_actions=False, bake_anim_use_nla_strips=False, mesh_smooth_type="FACE",
    )  # fmt: skip


def _gltf(_scene: bpy.types.Scene, path: str) -> Any:
    return bpy.ops.export_scene.gltf(
        filepath=path, use_selection=True, export_format="GLB", export_animations=True,
        export_animation_mode="SCENE", export_frame_range=True, export_morph_animation=True,
        export_anim_scene_split_object=False,
    )  # fmt: skip


_WRITERS: dict[Format, Callable[[bpy.types.Scene, str], Any]] = {
    "USD": _usd,
    "ALEMBIC": _alembic,
    "FBX": _fbx,
    "GLTF": _gltf,
}
