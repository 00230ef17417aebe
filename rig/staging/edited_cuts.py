"""An editor's cut as markers that show the cameras of its shots."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import bpy

from ...core.directing.shots import SHOT_LABELS
from ...core.errors import RigError
from ...core.formats.editorial import Clip
from .. import property_names, timing
from . import cameras as rig_cameras


@dataclass(frozen=True)
class Written:
    """What became of a cut."""

    n_shots: int
    unknown: tuple[str, ...]  #: clips that name no camera; they show the widest one


def write(scene: bpy.types.Scene, clips: Sequence[Clip], first_frame: int) -> Written:
    """Bind cameras to markers where shots begin; cuts of an earlier run are replaced.

    A clip shows the camera whose name is in its own, or that of the staging by its kind of shot
    (`over_a`, `Close-up of B`). Where shots lie above each other the upper track counts.

    Args:
        scene: with cameras.
        clips: of which those of pictures count.
        first_frame: scene frame of the timeline's beginning.

    Raises:
        RigError: there are no pictures in the cut, or no cameras in the scene.
    """
    shown = [clip for clip in clips if not clip.is_sound]
    cameras = [obj for obj in scene.objects if obj.type == "CAMERA"]
    if not shown:
        raise RigError("The cut has no pictures: export the video track of the edit.")
    if not cameras:
        raise RigError("The scene has no cameras: generate first, or add some.")
    wide = next((c for c in cameras if c.get(property_names.SHOT) == "two_shot"), cameras[0])
    fps = timing.scene_fps(scene)
    rows: dict[int, tuple[bpy.types.Object, str]] = {}
    unknown: list[str] = []
    for clip in shown:
        camera = _camera_of(clip.name, cameras)
        if camera is None:
            unknown.append(clip.name)
            camera = wide
        shot = camera.get(property_names.SHOT)
        name = SHOT_LABELS[shot] if shot in SHOT_LABELS else clip.name
        rows[first_frame + round(clip.start_s * fps)] = (camera, name)
    rig_cameras.remove_cuts(scene)
    for marker in list(scene.timeline_markers):  # of an earlier run
        if rows.get(marker.frame) == (marker.camera, marker.name):
            scene.timeline_markers.remove(marker)
    for frame, (camera, name) in sorted(rows.items()):
        scene.timeline_markers.new(name, frame=frame).camera = camera
    scene.camera = rows[min(rows)][0]
    return Written(len(rows), tuple(dict.fromkeys(unknown)))


def _camera_of(name: str, cameras: Sequence[bpy.types.Object]) -> bpy.types.Object | None:
    """Return the camera that a clip names, the one with the longest name that fits."""
    said = _plain(name)
    best, longest = None, 0
    for camera in cameras:
        shot = str(camera.get(property_names.SHOT, ""))
        for known in (camera.name, shot, SHOT_LABELS.get(shot, "")):  # type: ignore[call-overload]
            word = _plain(known)
            if word and word in said and len(word) > longest:
                best, longest = camera, len(word)
    return best


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
