"""Make the README's moving picture: a stretch of a scene that `make demo` wrote, as animated WebP.

    python scripts/moving_picture.py [--scene build/demo.blend] [--start 380] [--seconds 9]

Needs Blender as a module, and Pillow. Without `--shot` the scene's own cuts are followed.
"""

import argparse
import tempfile
from pathlib import Path

import bpy
from dualtalk.core.directing.shots import SHOT_LABELS
from dualtalk.rig import property_names, timing
from dualtalk.rig.output import preview, studio_light
from PIL import Image

_PER_SECOND = 12.5
#: Pictures are rendered so many times as large, which costs less than Workbench's own samples.
_OVER = 2


def main() -> None:
    """Render the frames and join them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scene", type=Path, default=Path("build/demo.blend"))
    parser.add_argument("--output", type=Path, default=Path("docs/images/demo.webp"))
    parser.add_argument("--start", type=int, default=380)
    parser.add_argument("--seconds", type=float, default=9.0)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--shot", choices=SHOT_LABELS)
    options = parser.parse_args()
    bpy.ops.wm.open_mainfile(filepath=str(options.scene))
    scene = bpy.context.scene
    if options.shot:
        scene.timeline_markers.clear()
        scene.camera = next(
            obj for obj in scene.objects if obj.get(property_names.SHOT) == options.shot
        )
    with tempfile.TemporaryDirectory() as folder:
        frames = _rendered(scene, Path(folder), options)
        frames[0].save(
            options.output, save_all=True, append_images=frames[1:],
            duration=round(1000 / _PER_SECOND), loop=0, quality=70, method=4,
        )  # fmt: skip


def _rendered(
    scene: bpy.types.Scene, folder: Path, options: argparse.Namespace
) -> list[Image.Image]:
    """Return the pictures, rendered as a preview shows them."""
    size = (options.width, options.width * 9 // 16)
    preview.set_picture(scene, (_OVER * size[0], _OVER * size[1]))
    scene.display.render_aa = "OFF"
    step = timing.scene_fps(scene) / _PER_SECOND
    pictures = []
    with studio_light.three_point(scene):
        for index in range(round(options.seconds * _PER_SECOND)):
            scene.frame_set(options.start + round(index * step))
            bound = [
                m for m in scene.timeline_markers if m.camera and m.frame <= scene.frame_current
            ]
            if bound:
                scene.camera = max(bound, key=lambda marker: marker.frame).camera
            scene.render.filepath = str(folder / f"{index:04d}.png")
            bpy.ops.render.render(write_still=True)
            picture = Image.open(scene.render.filepath).convert("RGB")
            pictures.append(picture.resize(size, Image.Resampling.LANCZOS))
    return pictures


if __name__ == "__main__":
    main()
