"""Settings of the scene that a performance needs, and that the user may have set: range, sound,
camera. What the user set is kept, at most widened, and that is said.
"""

import bpy

from .. import property_names, timing

#: What Blender's new file has.
_UNSET_RANGE = (1, 250)
#: No scene begins before.
_FIRST = 0
_SAME_RATE = 1e-4


def set_range(scene: bpy.types.Scene, first: int, last: int) -> str:
    """Let the scene last as long as the performance; a range of the user's is only widened.

    Returns:
        What to tell the user, or nothing.
    """
    if first < _FIRST:
        rest = set_range(scene, _FIRST, max(last, _FIRST))
        return (
            f"{min(last + 1, _FIRST) - first} frames lie before frame 0, where Blender's range "
            f"begins: they are neither rendered nor exported. Start at 0 or later. {rest}".strip()
        )
    before = (scene.frame_start, scene.frame_end)
    is_users = before not in (_UNSET_RANGE, tuple(scene.get(property_names.RANGE, ())))
    if is_users:
        wanted = (min(before[0], first), max(before[1], last))
    else:
        wanted = (first, last)
        scene[property_names.RANGE] = wanted
    _put_range(scene, wanted)
    if not is_users or before == (first, last):
        return ""
    if wanted == before:
        return f"The performance is in frames {first} to {last}; the scene's range stays as it was."
    return f"The scene's range was widened to {wanted[0]} to {wanted[1]}."


def note_rate(scene: bpy.types.Scene) -> None:
    """Note at which frame rate a performance was written."""
    scene[property_names.RATE] = timing.scene_fps(scene)


def rate_problem(scene: bpy.types.Scene) -> str:
    """Return that the scene's rate is another since the performance was written, or nothing."""
    written, now = scene.get(property_names.RATE), timing.scene_fps(scene)
    if written is None or abs(written - now) < _SAME_RATE:
        return ""
    return (
        f"The performance was written for {written:.5g} frames per second, the scene now has "
        f"{now:.5g}: sound, lips and gaze fall apart. Generate retimes all of them."
    )


def play_in_step(scene: bpy.types.Scene) -> None:
    """Let playback keep up with the sound, once: else lips lag behind where drawing is slow."""
    if scene.sync_mode == "NONE" and property_names.SYNC not in scene:
        scene.sync_mode = "AUDIO_SYNC"
    scene[property_names.SYNC] = True


def show_through(scene: bpy.types.Scene, camera: bpy.types.Object) -> str:
    """Look through a camera of the staging, unless the user chose another one.

    Returns:
        What to tell the user, or nothing.
    """
    if has_own_camera(scene):
        return f"The scene's camera is still {scene.camera.name}; {camera.name} shows both."
    scene.camera = camera
    return ""


def has_own_camera(scene: bpy.types.Scene) -> bool:
    """Tell whether the user chose the camera: it is neither ours nor that of a new file."""
    camera = scene.camera
    if camera is None or property_names.SHOT in camera:
        return False
    is_of_new_file = camera.name == "Camera" and camera.animation_data is None
    return not (is_of_new_file and camera.parent is None and not camera.constraints)


def _put_range(scene: bpy.types.Scene, wanted: tuple[int, int]) -> None:
    scene.frame_end = max(wanted[1], scene.frame_end)  # each pushes the other where they cross
    scene.frame_start = wanted[0]
    scene.frame_end = wanted[1]
