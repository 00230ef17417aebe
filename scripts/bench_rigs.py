"""Time built heads: how long two take to build, and what a frame costs against one made by hand.

    python scripts/bench_rigs.py [--builtin | --flame FILE] [--frames 250] [--rounds 7]

Needs Blender as a module. Without a FLAME file it writes one of random numbers and FLAME's size
(5,023 vertices), and reads that. The scene made by hand has the same two meshes with the same keys
and the same skinning, and the values that ours shows in every frame as plain keys: no drivers and
no constraints. Both scenes are played in turns, so that a busy machine slows both; the ratio is
the median over the rounds; hair and clothes of the built-in head are in both. Ends with 1 if a
target of docs/rigs.md is missed.
"""

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from dualtalk.core.faces import flame_file
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.flame_model import FlameModel
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_SHAPES, BONES, Basis
from dualtalk.rig import actions, compat, fcurves
from dualtalk.rig.characters import builtin, flame_building
from dualtalk.rig.characters.character import Character
from dualtalk.rig.performance import motion_writer
from numpy.typing import NDArray

BUILD_TARGET_S, RATIO_TARGET = 2.0, 1.10
_N_VERTICES, _N_FACES = 5023, 9976


@dataclass(frozen=True)
class Measured:
    """What a run found; processor time, as other processes take turns on the machine."""

    build_s: float  #: both heads, without reading the file
    ours_ms: float  #: a frame of both heads
    by_hand_ms: float
    ratio: float  #: median of the rounds
    error_m: float  #: largest distance between the vertices of both scenes

    @property
    def is_good(self) -> bool:
        """Tell whether both targets are met."""
        return self.build_s < BUILD_TARGET_S and self.ratio <= RATIO_TARGET


def write_random_flame(path: Path, n_vertices: int = _N_VERTICES, seed: int = 0) -> Path:
    """Write a file in FLAME's format with random numbers."""
    draw = np.random.default_rng(seed)
    weights, regressor = draw.random((n_vertices, 5)), draw.random((5, n_vertices))
    np.savez(
        path,
        v_template=draw.standard_normal((n_vertices, 3)) * 0.1,
        f=draw.integers(0, n_vertices - 2, (_N_FACES, 1)) + np.arange(3),
        shapedirs=draw.standard_normal((n_vertices, 3, 400)) * 1e-3,
        posedirs=draw.standard_normal((n_vertices, 3, 36)) * 1e-3,
        J_regressor=regressor / regressor.sum(axis=1, keepdims=True),
        weights=weights / weights.sum(axis=1, keepdims=True),
    )
    return path


def measure(model: FlameModel | HeadModel, n_frames: int, n_rounds: int, folder: Path) -> Measured:
    """Build two heads, let them move in every frame, and play them against hand-made ones.

    Each scene is played from a file of its own, as Blender does more for the scene that it shows
    than for another one.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    ours = bpy.context.scene
    start = time.process_time()
    pair = [_built(model, who, ours.collection) for who in (1, 2)]
    build_s = time.process_time() - start
    for who, character in enumerate(pair):
        motion_writer.write_motion(character, _moving(n_frames, who, character.basis), ours, 1)
    by_hand = bpy.data.scenes.new("By hand")
    shown = _shown(ours, pair, n_frames)
    copies = [
        _made_by_hand(character, by_hand, rows) for character, rows in zip(pair, shown, strict=True)
    ]
    error = max(
        _distance(ours, by_hand, character.mesh, copy, frame)
        for frame in (1, n_frames)
        for character, copy in zip(pair, copies, strict=True)
    )
    files = [_saved(folder, scene) for scene in (ours, by_hand)]
    rounds = [[_played(file, n_frames) for file in files] for _ in range(n_rounds)]
    first, second = (1e3 * statistics.median(times) for times in zip(*rounds, strict=True))
    ratio = statistics.median(a / b for a, b in rounds)
    return Measured(build_s, first, second, ratio, error)


def _built(
    model: FlameModel | HeadModel, speaker: int, collection: bpy.types.Collection
) -> Character:
    if isinstance(model, HeadModel):
        return builtin.build(model, "AB"[speaker - 1], speaker, f"Head {speaker}", collection)
    return flame_building.build(model, speaker, f"Head {speaker}", collection)


def _moving(n_frames: int, seed: int, basis: Basis) -> Motion:
    draw = np.random.default_rng(seed)
    turns = draw.standard_normal((n_frames, 12)) * 0.05
    expression = draw.standard_normal((n_frames, 50))
    if basis == "arkit":
        expression = np.clip(0.3 * expression[:, : len(ARKIT_SHAPES)], 0, 1)
    return Motion.from_arrays(
        expression, turns[:, :3], turns[:, 3:6], turns[:, 6:].reshape(-1, 2, 3), basis=basis
    )


def _saved(folder: Path, scene: bpy.types.Scene) -> Path:
    """Save a file that shows a scene when it is opened."""
    path = folder / f"{scene.name}.blend"
    bpy.context.window.scene = scene
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    return path


def _played(file: Path, n_frames: int) -> float:
    """Return the processor time of a frame, seconds."""
    bpy.ops.wm.open_mainfile(filepath=str(file))
    scene = bpy.context.scene
    scene.frame_set(1)
    start = time.process_time()
    for frame in range(1, n_frames + 1):
        scene.frame_set(frame)
    return (time.process_time() - start) / n_frames


def _shown(
    scene: bpy.types.Scene, pair: list[Character], n_frames: int
) -> list[dict[str, NDArray[np.float32]]]:
    """Return what each head shows: "keys" (T, K), and by bone (T, 7), location and quaternion."""
    graph = scene.view_layers[0].depsgraph
    shown: list[dict[str, list[list[float]]]] = [
        {name: [] for name in ("keys", *BONES)} for _ in pair
    ]
    for frame in range(1, n_frames + 1):
        scene.frame_set(frame)
        for rows, character in zip(shown, pair, strict=True):
            blocks = character.mesh.evaluated_get(graph).data.shape_keys.key_blocks
            rows["keys"].append([key.value for key in blocks])
            armature = character.armature.evaluated_get(graph)
            for name in BONES:
                bone = armature.pose.bones[name]
                local = armature.convert_space(
                    pose_bone=bone, matrix=bone.matrix, from_space="POSE", to_space="LOCAL"
                )
                rows[name].append([*local.translation, *local.to_quaternion()])
    return [{name: np.array(row, np.float32) for name, row in rows.items()} for rows in shown]


def _made_by_hand(
    character: Character, scene: bpy.types.Scene, shown: dict[str, NDArray[np.float32]]
) -> bpy.types.Object:
    """Return a copy of a head's mesh on plain bones, all of whose keys are keyed."""
    armature, mesh = character.armature.copy(), character.mesh.copy()
    armature.data, mesh.data = armature.data.copy(), mesh.data.copy()
    for obj in (armature, mesh):
        scene.collection.objects.link(obj)
        obj.animation_data_clear()
    mesh.data.shape_keys.animation_data_clear()
    worn = [obj for obj in character.objects if obj not in (character.armature, character.mesh)]
    hung = [mesh, *(obj.copy() for obj in worn)]
    for obj in hung:
        obj.parent = armature
        obj.modifiers[0].object = armature
    for obj in hung[1:]:
        scene.collection.objects.link(obj)
    frames = np.arange(1, len(shown["keys"]) + 1, dtype=np.float32)
    face = compat.animate(mesh.data.shape_keys, actions.new("face"))
    for key, values in zip(mesh.data.shape_keys.key_blocks, shown["keys"].T, strict=True):
        if np.ptp(values):
            path = f'key_blocks["{key.name}"].value'
            fcurves.set_keys(face.new(path, 0, "face"), frames, values)
    body = compat.animate(armature, actions.new("body"))
    for name in BONES:
        bone = armature.pose.bones[name]
        for constraint in list(bone.constraints):
            bone.constraints.remove(constraint)
        for index, values in enumerate(shown[name].T):
            what, axis = ("location", index) if index < 3 else ("rotation_quaternion", index - 3)
            path = f'pose.bones["{name}"].{what}'
            fcurves.set_keys(body.new(path, axis, name), frames, values)
    return mesh


def _distance(
    ours: bpy.types.Scene, by_hand: bpy.types.Scene, mesh: bpy.types.Object,
    copy: bpy.types.Object, frame: int,
) -> float:  # fmt: skip
    """Return how far the vertices of both scenes are apart at most, metres."""
    points = []
    for scene, obj in ((ours, mesh), (by_hand, copy)):
        scene.frame_set(frame)
        seen = obj.evaluated_get(scene.view_layers[0].depsgraph).to_mesh()
        found = np.empty(3 * len(seen.vertices), np.float32)
        seen.vertices.foreach_get("co", found)
        points.append(found)
    return float(np.abs(points[0] - points[1]).max())


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flame", type=Path, help="a FLAME file; default: random numbers")
    parser.add_argument("--builtin", action="store_true", help="the built-in head instead")
    parser.add_argument("--frames", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        if given.builtin:
            model: FlameModel | HeadModel = HeadModel.bundled()
        else:
            path = given.flame or write_random_flame(Path(folder) / "random.npz")
            start = time.process_time()
            model = flame_file.load(path)
        print(f"Blender {bpy.app.version_string}, {model.n_vertices} vertices, two heads")
        print(f"file read                {time.process_time() - start:7.2f} s")
        found = measure(model, given.frames, given.rounds, Path(folder))
    print(f"both heads built         {found.build_s:7.2f} s   (target {BUILD_TARGET_S:g} s)")
    print(f"a frame, ours            {found.ours_ms:7.2f} ms")
    print(f"a frame, made by hand    {found.by_hand_ms:7.2f} ms")
    print(f"ours / by hand           {found.ratio:7.3f}      (target {RATIO_TARGET:g})")
    print(f"vertices differ by       {1e3 * found.error_m:7.4f} mm")
    return 0 if found.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
