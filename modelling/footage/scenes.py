"""Two people in one space, filmed: what curation is measured on.

    python -m modelling.footage.scenes --output build/curation/scenes

A scene is an .mp4 of 1280x720 with the sound of both, and an .npz of what is true.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from dualtalk.core.directing.staging import Staging
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.cast import Person
from dualtalk.core.files import atomic
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.modelling import studio
from dualtalk.modelling.footage import posing
from dualtalk.modelling.footage.people import held_out_people
from dualtalk.rig import compat
from dualtalk.rig.characters import builtin
from dualtalk.rig.performance import motion_writer, sound_strips
from dualtalk.rig.staging import placing
from mathutils import Vector

_EYES_M = 1.2
#: Of the dialogues; around the tenth second the turn changes hands.
_FIRST_FRAME = 150


@dataclass(frozen=True)
class Scene:
    """Who sits where before which camera."""

    name: str
    people: tuple[Person, Person]
    dialogue: str  #: begin of the names of its motions and sounds
    n_frames: int
    distance_m: float = 0.9  #: between the two
    angle_deg: float = 50.0  #: between the directions that their bodies face
    camera_m: float = 1.9  #: from the camera to the middle
    width_m: float = 1.7  #: what the picture shows there
    is_random: bool = False  #: activations by chance in place of the dialogue's
    seed: int = 0
    size_px: tuple[int, int] = (1280, 720)
    first_frame: int = _FIRST_FRAME  #: of the dialogue


def planned() -> list[Scene]:
    """Return every scene: three of held-out people and motions, and those of small faces."""
    amara, kenji, ruth = held_out_people()
    return [
        Scene("natural_0", (amara, kenji), "heldout_00", 200, 0.7, 45, 1.9, 1.3, seed=1),
        Scene("natural_1", (kenji, ruth), "heldout_01", 200, 0.9, 60, 2.4, 1.6, seed=2),
        Scene("natural_2", (ruth, amara), "heldout_02", 200, 0.8, 30, 1.6, 1.5, seed=3),
        Scene("small", (amara, ruth), "heldout_03", 100, 1.6, 50, 5.0, 4.5, seed=4),
        Scene("random", (kenji, amara), "heldout_04", 100, 0.7, 45, 1.9, 1.3, True, seed=5),
    ]


def waves_by_chance(n_frames: int, seed: int) -> Motion:
    """Return smooth activations by chance of every shape, which nobody's face would do."""
    generator = np.random.default_rng(seed)
    knots = generator.uniform(-0.5, 0.8, (n_frames // 10 + 2, len(ARKIT_SHAPES))).clip(0, 1)
    at = np.arange(n_frames) / 10
    values = np.stack([np.interp(at, np.arange(len(knots)), row) for row in knots.T], axis=1)
    jaw = np.zeros((n_frames, 3))
    opening = generator.uniform(-0.1, 0.3, n_frames // 10 + 2).clip(0)
    jaw[:, 0] = np.interp(at, np.arange(len(opening)), opening)
    return Motion.from_arrays(values, jaw=jaw)


def film(scene_plan: Scene, motions_folder: Path, output: Path) -> None:
    """Render one scene and write what is true of it."""
    motions, sounds = _performance(scene_plan, motions_folder)
    scene = studio.empty(scene_plan.size_px)
    scene.render.fps = round(NETWORK_FPS)
    scene.frame_start, scene.frame_end = 1, scene_plan.n_frames
    model = HeadModel.bundled()
    cast = [
        builtin.build(model, who, speaker, f"Head {speaker}", scene.collection)
        for speaker, who in enumerate(scene_plan.people, start=1)
    ]
    staging = Staging(scene_plan.distance_m).with_angle(np.radians(scene_plan.angle_deg))
    placing.place((cast[0].armature, cast[1].armature), staging)
    for head, motion in zip(cast, motions, strict=True):
        motion_writer.write_motion(head, motion, scene, first_frame=1)
    if not scene_plan.is_random:
        sound_strips.write_strips(scene, sounds, 1 - scene_plan.first_frame, scene_plan.n_frames)
    _aim(scene, scene_plan)
    posing.light(scene, np.random.default_rng(scene_plan.seed))
    _render(scene, output / f"{scene_plan.name}.mp4")
    _write_truth(scene, scene_plan, cast, motions, output / f"{scene_plan.name}.npz")


def _render(scene: bpy.types.Scene, path: Path) -> None:
    """Render to H.264 and AAC; without smoothed edges, which cost more than all else."""
    scene.display.render_aa, scene.display.shading.show_cavity = "OFF", False
    compat.use_video(scene.render.image_settings)
    film = scene.render.ffmpeg
    film.format, film.codec, film.constant_rate_factor = "MPEG4", "H264", "HIGH"
    film.audio_codec, film.audio_bitrate, film.gopsize = "AAC", 160, 25
    with atomic(path) as temporary:
        scene.render.filepath = str(temporary.resolve())
        bpy.ops.render.render(animation=True)


def _performance(plan: Scene, folder: Path) -> tuple[list[Motion], list[Path]]:
    if plan.is_random:
        motions = [waves_by_chance(plan.n_frames, plan.seed + i) for i in (0, 50)]
        return motions, []
    names = [folder / f"{plan.dialogue}_speaker{who}" for who in (1, 2)]
    whole = [Motion.load(Path(f"{name}.npz")) for name in names]
    part = slice(plan.first_frame, plan.first_frame + plan.n_frames)
    cut = [
        Motion(m.expression[part], m.jaw[part], m.head[part], m.eyes[part], m.translation[part])
        for m in whole
    ]
    return cut, [Path(f"{name}.wav") for name in names]


def _aim(scene: bpy.types.Scene, plan: Scene) -> None:
    camera = scene.camera
    camera.location = (0.0, -plan.camera_m, _EYES_M + 0.02)
    way = Vector((0.0, 0.0, _EYES_M - 0.07)) - camera.location
    camera.rotation_mode = "QUATERNION"
    camera.rotation_quaternion = way.to_track_quat("-Z", "Y")
    camera.data.sensor_fit, camera.data.sensor_width = "HORIZONTAL", 36.0
    camera.data.lens = 36.0 * plan.camera_m / plan.width_m


def _write_truth(
    scene: bpy.types.Scene, plan: Scene, cast: list[builtin.BuiltinHead], motions: list[Motion],
    path: Path,
) -> None:  # fmt: skip
    for head in cast:
        for worn in head.objects[1:]:
            worn.hide_viewport = True  # the bones alone are evaluated
    placed = np.empty((2, plan.n_frames, 4, 4))
    for frame in range(plan.n_frames):
        scene.frame_set(frame + 1)
        for who, head in enumerate(cast):
            placed[who, frame] = posing.in_camera(head, scene.camera)
    with atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez(
            file,
            expression=np.stack([m.expression for m in motions]),
            jaw=np.stack([m.jaw for m in motions]),
            head=np.stack([m.head for m in motions]),
            eyes=np.stack([m.eyes for m in motions]),
            in_camera=placed,
            focal_px=np.float64(scene.camera.data.lens / 36.0 * plan.size_px[0]),
            identities=np.str_(json.dumps([dict(who.identity) for who in plan.people])),
        )


def main() -> None:
    """Film every scene that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--motions", type=Path, default=Path("build/curation/dialogues"))
    parser.add_argument("--output", type=Path, default=Path("build/curation/scenes"))
    parser.add_argument("--only", help="the name of one scene")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for plan in planned():
        is_wanted = arguments.only in (None, plan.name)
        if is_wanted and not (arguments.output / f"{plan.name}.npz").is_file():
            film(plan, arguments.motions, arguments.output)


if __name__ == "__main__":
    main()
