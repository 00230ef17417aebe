"""Directing a scene that has its two characters: where they are, where they look, who is seen."""

from dataclasses import replace
from typing import Literal

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.directing.description import Scene
from ...core.directing.gaze_habits import with_habits
from ...core.directing.gaze_plan import Extra, GazeHabit, GazePlan, plan_gaze
from ...core.directing.gaze_text import WrittenGaze
from ...core.directing.shots import cuts
from ...core.directing.staging import HeadHabit, Staging
from ...core.errors import RigError
from ...core.performance import Performance, Settings
from ...core.speakers import Pair
from .. import property_names
from ..characters import heads
from ..gaze import gaze_keys, gaze_rig
from ..gaze.gaze_keys import PLAIN
from ..output import baking
from . import cameras as rig_cameras
from . import framing, placing


def armatures_of(scene: bpy.types.Scene) -> Pair[bpy.types.Object]:
    """Return the armatures of both speakers.

    Raises:
        RigError: the scene lacks one.
    """
    first, second = heads.pair(scene)
    return first.armature, second.armature


def is_baked(scene: bpy.types.Scene) -> bool:
    """Tell whether the scene's gaze is plain keys now."""
    found = heads.find_pair(scene)
    return any(character and baking.is_baked(character.armature) for character in found)


def written_of(scene: bpy.types.Scene) -> WrittenGaze:
    """Return what the scene's gaze was made from.

    Raises:
        RigError: the scene has none, or it is baked.
    """
    armatures = armatures_of(scene)
    if is_baked(scene):
        raise RigError("The gaze is baked to plain keys; unbake it before you direct it.")
    known = gaze_keys.written(armatures[0])
    if known is None or gaze_rig.find_parts(armatures[0]) is None:
        raise RigError("The scene has no gaze yet; generate the performance first.")
    return known


def look_targets(scene: bpy.types.Scene) -> list[Extra]:
    """Return the objects that the scene has marked as things to look at, by name."""
    marked = sorted(
        (obj for obj in scene.objects if property_names.LOOK_SHARE in obj), key=lambda obj: obj.name
    )
    return [Extra(obj.name, float(obj[property_names.LOOK_SHARE])) for obj in marked]


def direct(scene: bpy.types.Scene, wanted: Scene, seed: int = 0) -> GazePlan:
    """Put all sliders into effect: staging, cameras, lean, head habits and a new plan of gaze.

    Keys of the network's motion are not touched, but for the blinks that go with the gaze. A plan
    that the network gave is kept as far as the sliders leave it.
    Objects with the property `property_names.LOOK_SHARE` are looked at too.

    Raises:
        RigError: the scene has no characters or no gaze, or it is baked.
    """
    known = written_of(scene)
    armatures = armatures_of(scene)
    stage(scene, wanted.staging, wanted.heads)
    plan = _plan(scene, known.network, known.speaking, wanted.gaze, seed)
    curves = gaze_keys.write_plan(
        armatures, plan, wanted.heads, known.speaking, known.first_frame, seed,
        network=known.network,
    )  # fmt: skip
    gaze_keys.move_blinks(armatures, curves, plan.fps)
    return plan


def planned(scene: bpy.types.Scene, performance: Performance, settings: Settings) -> GazePlan:
    """Return where both would look in another performance of the scene's dialogue."""
    return _plan(scene, performance.gaze, performance.speaking, settings.habits, settings.seed)


def _plan(
    scene: bpy.types.Scene,
    network: GazePlan | None,
    speaking: NDArray[np.bool_],
    habits: Pair[GazeHabit],
    seed: int,
) -> GazePlan:
    """Return the network's plan as far as habits leave it, or one made from who speaks."""
    extras = look_targets(scene)
    if network is not None:
        return with_habits(network, habits, seed, extras)
    return plan_gaze(speaking, habits, seed, extras)


def act(scene: bpy.types.Scene, wanted: Scene, seed: int = 0) -> GazePlan:
    """Put all sliders into effect as `direct` does, but keep looks that were moved or retaken.

    Where some were, habits of looking plan no others.

    Raises:
        RigError: the scene has no characters or no gaze, or it is baked.
    """
    known, armatures = written_of(scene), armatures_of(scene)
    is_edited = gaze_keys.has_edited_looks(armatures)
    if not is_edited and not known.is_retaken:
        return direct(scene, wanted, seed)
    plan = gaze_keys.read_plan(armatures, known.plan, known.first_frame)
    stage(scene, wanted.staging, wanted.heads)
    curves = gaze_keys.write_plan(
        armatures, plan, wanted.heads, known.speaking, known.first_frame, known.seed,
        keeps_edges=True, network=known.network, is_edited=is_edited,
        is_retaken=known.is_retaken,
    )  # fmt: skip
    gaze_keys.move_blinks(armatures, curves, plan.fps)
    return plan


def stage(
    scene: bpy.types.Scene,
    staging: Staging,
    habits: Pair[HeadHabit] = PLAIN,
) -> None:
    """Move both characters and the cameras, and key a lean that changes over the scene."""
    armatures = armatures_of(scene)
    placing.place(armatures, staging)
    placing.write_lean(
        armatures, staging, at_end(staging, habits), scene.frame_start, scene.frame_end
    )
    shots = framing.build(scene, staging, _collection_of(armatures[0], scene))
    scene.camera = scene.camera or shots["two_shot"]


def on_the_left(scene: bpy.types.Scene) -> Literal["a", "b"]:
    """Return who is on the left of the picture, as the scene's camera sees both; A without one."""
    found = heads.find_pair(scene)
    if scene.camera is None or found[0] is None or found[1] is None:
        return "a"
    into = scene.camera.matrix_world.inverted_safe()
    places = [into @ character.armature.matrix_world.translation for character in found]
    return "a" if places[0].x <= places[1].x else "b"


def at_end(staging: Staging, habits: Pair[HeadHabit]) -> Staging:
    """Return the staging as the leans of the descriptions have changed it by the end."""
    seats = [
        seat if habit.lean_end_rad is None else replace(seat, lean_rad=habit.lean_end_rad)
        for seat, habit in zip(staging.seats, habits, strict=True)
    ]
    return replace(staging, seats=(seats[0], seats[1]))


def cut_to_speakers(scene: bpy.types.Scene, style: Literal["over", "close"] = "over") -> int:
    """Bind a camera to a marker wherever another one takes the floor; return how many.

    Raises:
        RigError: the scene has no characters or no gaze (which knows who speaks when).
    """
    armatures = armatures_of(scene)
    known = gaze_keys.written(armatures[0])
    if known is None:
        raise RigError("It is not known who speaks when; generate the performance first.")
    shots = {obj[property_names.SHOT]: obj for obj in scene.objects if property_names.SHOT in obj}
    if len(shots) < 5:
        raise RigError("The scene has not all cameras of a staging; stage it first.")
    planned = cuts(known.speaking, style, aspect=framing.aspect_of(scene))
    rig_cameras.write_cuts(scene, shots, planned, known.plan.fps, round(known.first_frame))
    return len(planned)


def _collection_of(obj: bpy.types.Object, scene: bpy.types.Scene) -> bpy.types.Collection:
    return obj.users_collection[0] if obj.users_collection else scene.collection
