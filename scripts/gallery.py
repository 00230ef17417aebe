"""Render what users see first: every camera of every preset, the presets, and the cast.

Writes a sheet of all shots per preset, `presets.png` with one shot of each, `cast.png`, and
`edit.png`: a face as it was generated, and after keys of a smile and a brow were moved by hand.

    python scripts/gallery.py [--output build/gallery] [--engine WORKBENCH] [--width 480]

Needs Blender as a module, or Blender itself.
"""

import argparse
from pathlib import Path

import bpy
import numpy as np
from dualtalk.core.directing.shots import SHOT_LABELS
from dualtalk.core.directing.staging import PRESETS
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.core.paths import ASSETS
from dualtalk.core.performance import Performance, Settings
from dualtalk.rig import fcurves, property_names
from dualtalk.rig.characters import heads
from dualtalk.rig.output import preview, studio_light
from dualtalk.rig.performance import scene_writer

_ENGINES = {"WORKBENCH": "BLENDER_WORKBENCH", "CYCLES": "CYCLES"}
_N_FRAMES = 50
#: The shot that shows a preset best.
_SHOWN = {
    "table": "two_shot", "bench": "two_shot", "interview": "over_b",
    "close": "two_shot", "seated_standing": "two_shot", "apart": "close_b",
}  # fmt: skip

#: What somebody does by hand in the picture of an edit, as the heights of keys.
_EDIT = {
    "mouthSmileLeft": 0.9, "mouthSmileRight": 0.7, "cheekSquintLeft": 0.6, "cheekSquintRight": 0.5,
    "browOuterUpLeft": 0.8, "browInnerUp": 0.4,
}  # fmt: skip


def main() -> None:
    """Render the sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("build/gallery"))
    parser.add_argument("--engine", choices=[*_ENGINES, "EEVEE"], default="WORKBENCH")
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--presets", nargs="+", choices=PRESETS, default=list(PRESETS))
    parser.add_argument("--shots", nargs="+", choices=SHOT_LABELS, default=list(SHOT_LABELS))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    shown = []
    for preset in options.presets:
        scene = _staged(preset)
        stills = [_still(scene, shot, options) for shot in options.shots]
        _save(_sheet(stills), options.output / f"{preset}.png")
        if _SHOWN[preset] in options.shots:
            shown.append(stills[options.shots.index(_SHOWN[preset])])
    if shown:
        _save(_sheet(shown), options.output / "presets.png")
    _save(_sheet(_before_and_after(options), 2), options.output / "edit.png")
    portraits = [_pixels(path) for path in sorted((ASSETS / "cast").glob("*.png"))]
    _save(_sheet(portraits, 4), options.output / "cast.png")


def _staged(preset: str) -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = 25
    settings = Settings(staging=PRESETS[preset].staging)
    scene_writer.write_performance(scene, _talk(), settings)
    scene.frame_set(_N_FRAMES // 2)
    return scene


def _before_and_after(options: argparse.Namespace) -> list[np.ndarray]:
    """Render one frame as it was written, and with keys that somebody moved."""
    scene = _staged("interview")
    before = _still(scene, "close_b", options)
    mesh = heads.find(scene, 2).meshes[0]
    frames = np.array([1, 12, 25, 38, _N_FRAMES], np.float32)
    for name, height in _EDIT.items():
        curve = fcurves.find_fcurve(mesh.data.shape_keys, f'key_blocks["{name}"].value')
        values = height * np.array([0.0, 0.2, 1.0, 0.6, 0.0], np.float32)
        fcurves.set_keys(curve, frames, values, "BEZIER")
    scene.frame_set(_N_FRAMES // 2)
    return [before, _still(scene, "close_b", options)]


def _talk() -> Performance:
    """Return two people of whom the first says an open vowel and the second smiles a little."""
    values = np.zeros((2, _N_FRAMES, len(ARKIT_SHAPES)), np.float32)
    for name in ("mouthSmileLeft", "mouthSmileRight"):
        values[1, :, ARKIT_SHAPES.index(name)] = 0.3
    jaw = np.zeros((2, _N_FRAMES, 3), np.float32)
    jaw[0, :, 0] = 0.12
    motions = tuple(
        Motion.from_arrays(values[who], jaw[who], np.zeros((_N_FRAMES, 3))) for who in (0, 1)
    )
    speaking = np.zeros((2, _N_FRAMES), bool)
    speaking[0] = True
    return Performance((motions[0], motions[1]), (), speaking)


def _still(scene: bpy.types.Scene, shot: str, options: argparse.Namespace) -> np.ndarray:
    """Render through one camera: (height, width, 4) of 0 to 1, bottom row first."""
    engines = {item.identifier for item in _engine_items()}
    eevee = "BLENDER_EEVEE_NEXT" if "BLENDER_EEVEE_NEXT" in engines else "BLENDER_EEVEE"
    render = scene.render
    render.engine = _ENGINES.get(options.engine, eevee)
    render.resolution_x, render.resolution_y = options.width, options.width * 9 // 16
    render.resolution_percentage = 100
    if options.engine == "WORKBENCH":
        preview.set_picture(scene, (options.width, options.width * 9 // 16))
    scene.camera = next(o for o in scene.objects if o.get(property_names.SHOT) == shot)
    if render.engine == "CYCLES":
        scene.cycles.samples, scene.cycles.use_denoising = 20, True
    path = options.output / "still.png"
    render.filepath = str(path)
    with studio_light.three_point(scene):
        bpy.ops.render.render(write_still=True)
    pixels = _pixels(path)
    path.unlink()
    return pixels


def _pixels(path: Path) -> np.ndarray:
    """Read a picture: (height, width, 4) of 0 to 1, bottom row first."""
    image = bpy.data.images.load(str(path))
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    width, height = image.size
    bpy.data.images.remove(image)
    return pixels.reshape(height, width, 4)


def _sheet(stills: list[np.ndarray], n_columns: int = 3) -> np.ndarray:
    """Lay pictures out in rows, the first at the upper left."""
    n_columns = min(n_columns, len(stills))
    blank = np.zeros_like(stills[0])
    padded = stills + [blank] * (-len(stills) % n_columns)
    rows = [
        np.concatenate(padded[i : i + n_columns], axis=1) for i in range(0, len(padded), n_columns)
    ]
    return np.concatenate(rows[::-1])  # bottom row first, as Blender keeps pictures


def _engine_items() -> list[bpy.types.EnumPropertyItem]:
    return list(bpy.types.RenderSettings.bl_rna.properties["engine"].enum_items)


def _save(pixels: np.ndarray, path: Path) -> None:
    height, width, _ = pixels.shape
    image = bpy.data.images.new("sheet", width, height)
    image.pixels.foreach_set(np.ascontiguousarray(pixels, np.float32).ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)


if __name__ == "__main__":
    main()
