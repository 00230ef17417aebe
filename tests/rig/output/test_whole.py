"""Files of every format that Blender writes are told from those that a full disk cut short."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")
from dualtalk.core.errors import DualTalkError  # noqa: E402
from dualtalk.core.formats import whole  # noqa: E402
from dualtalk.rig.output import export, preview  # noqa: E402
from dualtalk.tests.commands.small_disk import fill, small_disk  # noqa: E402

#: Blender's own exporter of glTF leaves its file to the collector when it cannot be written.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
N_FRAMES = 6


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a whole file of every format by its suffix."""
    folder = tmp_path_factory.mktemp("whole")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, N_FRAMES
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    cube.shape_key_add(name="Basis")
    cube.shape_key_add(name="wide").value = 0.5
    for frame in (1, N_FRAMES):
        cube.location.x = frame
        cube.keyframe_insert("location", frame=frame)
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    found = {}
    for form, exporter in export.EXPORTERS.items():
        if not export.missing(form):
            path = folder / f"x{exporter.suffix}"
            exporter.write(scene, str(path))
            found[exporter.suffix] = path
    found[".mp4"] = folder / "x.mp4"
    preview.render(scene, found[".mp4"], size=(64, 36))
    for name, is_packed in (("plain", False), ("packed", True)):
        found[name] = folder / f"{name}.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(found[name]), copy=True, compress=is_packed)
    return found


KINDS = (".usdc", ".abc", ".fbx", ".glb", ".mp4", "plain", "packed")


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_file_passes_and_no_shorter_one(
    kind: str, written: dict[str, Path], tmp_path: Path
) -> None:
    if kind not in written:
        pytest.skip("this Blender does not write it")
    path = written[kind]
    whole.require(path, path)
    content = path.read_bytes()
    cut = tmp_path / path.name
    for n in {0, 1, 7, 30, *(round(len(content) * part) for part in (0.1, 0.5, 0.9)),
              len(content) - 4096, len(content) - 100, len(content) - 1}:  # fmt: skip
        cut.write_bytes(content[: max(n, 0)])
        with pytest.raises(DualTalkError, match="only a part"):
            whole.require(cut, path)


def test_a_video_has_all_its_pictures(written: dict[str, Path]) -> None:
    path = written[".mp4"]
    whole.require(path, path, N_FRAMES)
    with pytest.raises(DualTalkError, match=f"{N_FRAMES} of {N_FRAMES + 1} pictures"):
        whole.require(path, path, N_FRAMES + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_any_bytes_give_an_answer(kind: str, written: dict[str, Path], tmp_path: Path) -> None:
    if kind not in written:
        pytest.skip("this Blender does not write it")
    draw = np.random.default_rng(0)
    path = tmp_path / written[kind].name
    for _ in range(300):
        content = np.frombuffer(written[kind].read_bytes(), np.uint8).copy()
        at = draw.integers(0, min(len(content), 400), 4)
        content[at] = draw.integers(0, 256, 4)
        path.write_bytes(content.tobytes())
        try:
            whole.require(path, path, 1 if kind == ".mp4" else None)
        except DualTalkError as error:
            assert len(str(error)) < 300 + len(str(path))  # noqa: PT017 - or it passes


@pytest.mark.parametrize("form", ["USD", "ALEMBIC", "FBX", "GLTF"])
@pytest.mark.parametrize("left", [0, 40_000])
def test_a_full_disk_keeps_what_was_there(
    form: str, left: int, tmp_path: Path, conversation: bpy.types.Scene
) -> None:
    suffix = export.EXPORTERS[form].suffix
    conversation.frame_end = 8
    with small_disk(tmp_path / "disk", 8 << 20) as folder:
        old = folder / f"x{suffix}"
        old.write_bytes(b"old")
        fill(folder, left)
        with pytest.raises(DualTalkError) as failed:
            export.write(conversation, old, form)
        assert "\n" not in str(failed.value)
        assert "disk" in str(failed.value)
        assert old.read_bytes() == b"old"
        assert {path.name for path in folder.iterdir()} == {old.name, "fill"}


@pytest.mark.parametrize("left", [0, 4096])
def test_a_full_disk_leaves_no_video_that_cannot_be_played(
    left: int, tmp_path: Path, written: dict[str, Path], conversation: bpy.types.Scene
) -> None:
    conversation.frame_end = conversation.frame_start + N_FRAMES
    conversation.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    conversation.collection.objects.link(conversation.camera)
    conversation.camera.location, conversation.camera.rotation_euler = (0, -3, 1.5), (1.57, 0, 0)
    render: Callable[..., None] = preview.render
    with small_disk(tmp_path / "disk", 8 << 20) as folder:
        fill(folder, left)
        with pytest.raises(DualTalkError, match="disk"):
            render(conversation, folder / "x.mp4", size=(640, 360))
        assert [path.name for path in folder.iterdir()] == ["fill"]
