"""The cameras of a staging and the markers that cut between them."""

from collections.abc import Sequence

import bpy
from mathutils import Vector

from ...core.directing.shots import SENSOR_MM, SHOT_LABELS, Camera, Cut
from .. import property_names, timing

#: How large a camera is drawn in the viewport, metres.
_DISPLAY_M = 0.12


def build(
    scene: bpy.types.Scene, cameras: Sequence[Camera], collection: bpy.types.Collection
) -> dict[str, bpy.types.Object]:
    """Make the cameras or move those that the scene has; return them by name of the shot."""
    existing = {
        obj[property_names.SHOT]: obj for obj in scene.objects if property_names.SHOT in obj
    }
    made: dict[str, bpy.types.Object] = {}
    for camera in cameras:
        obj = existing.get(camera.name)
        if obj is None:
            label = SHOT_LABELS[camera.name]
            obj = bpy.data.objects.new(label, bpy.data.cameras.new(label))
            obj[property_names.SHOT] = camera.name
            collection.objects.link(obj)
        _place(obj, camera)
        made[camera.name] = obj
    if scene.camera is None:
        scene.camera = made.get("two_shot")
    return made


def write_cuts(
    scene: bpy.types.Scene,
    shots: dict[str, bpy.types.Object],
    cuts: Sequence[Cut],
    cuts_fps: float,
    first_frame: int = 1,
) -> None:
    """Bind the cameras to markers at the cuts; markers of an earlier run are replaced."""
    remove_cuts(scene)
    fps = timing.scene_fps(scene)
    for cut in cuts:
        frame = first_frame + round(cut.frame / cuts_fps * fps)
        marker = scene.timeline_markers.new(SHOT_LABELS[cut.shot], frame=frame)
        marker.camera = shots[cut.shot]
    if cuts:
        scene.camera = shots[cuts[0].shot]


def remove_cuts(scene: bpy.types.Scene) -> None:
    """Remove the markers of our cuts; others stay, also those that show cameras of ours."""
    for marker in cuts_of(scene):
        scene.timeline_markers.remove(marker)


def cuts_of(scene: bpy.types.Scene) -> list[bpy.types.TimelineMarker]:
    """Return the markers of our cuts: named as the shot whose camera of ours they show."""
    return [marker for marker in scene.timeline_markers if _is_cut(marker)]


def _is_cut(marker: bpy.types.TimelineMarker) -> bool:
    shot = marker.camera.get(property_names.SHOT) if marker.camera is not None else None
    return shot is not None and marker.name == SHOT_LABELS[shot]


def remove(scene: bpy.types.Scene) -> None:
    """Remove our cuts and cameras; those that are animated, or carry something, stay."""
    remove_cuts(scene)
    for obj in [obj for obj in scene.objects if property_names.SHOT in obj]:
        if obj.animation_data is None and not obj.children and not obj.constraints:
            lens = obj.data
            bpy.data.objects.remove(obj)
            if lens is not None and lens.users == 0:
                bpy.data.cameras.remove(lens)
    if scene.camera is None:  # the user's again, if there is one
        scene.camera = next((obj for obj in scene.objects if obj.type == "CAMERA"), None)


def _place(obj: bpy.types.Object, camera: Camera) -> None:
    lens = obj.data
    lens.sensor_fit, lens.sensor_width = "HORIZONTAL", SENSOR_MM
    lens.lens = camera.focal_mm
    lens.dof.use_dof = True
    lens.dof.focus_distance, lens.dof.aperture_fstop = camera.focus_m, camera.f_stop
    lens.display_size = _DISPLAY_M  # its frame must not cross the view of the two
    obj.location = camera.position_m
    sight = Vector(camera.target_m) - Vector(camera.position_m)
    obj.rotation_mode = "QUATERNION"
    obj.rotation_quaternion = sight.to_track_quat("-Z", "Y")
