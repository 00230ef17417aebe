"""What architecture.md tells a newcomer works as it stands there."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.output import export  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
CHANGES = PAGE.split("## A newcomer's six changes\n")[1].split("\n## ")[0]


def of_page(module: str, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run the page's code for a module of the extension, and return what it defines.

    Args:
        module: whose name stands in the first line of the code.
        names: what the module has already.
    """
    code = re.search(rf"```python\n# {re.escape(module)}\n(.*?)```", CHANGES, re.DOTALL)
    assert code is not None, f"the page has no code for {module}"
    name = f"dualtalk.{module.removesuffix('.py').replace('/', '.')}"
    scope = {"__name__": name, "__package__": name.rpartition(".")[0], **(names or {})}
    exec(compile(code[1], module, "exec"), scope)
    return scope


def test_the_exporter_of_the_page_writes_a_file(
    conversation: bpy.types.Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporters = dict(export.EXPORTERS)
    monkeypatch.setattr(export, "EXPORTERS", exporters)
    of_page("rig/output/export.py", vars(export) | {"EXPORTERS": exporters})
    assert set(exporters) - {"USD", "ALEMBIC", "FBX", "GLTF"} == {"STL"}
    conversation.frame_end = 3
    written = export.write(conversation, tmp_path / "pair", "STL")
    assert written == tmp_path / "pair.stl"
    assert written.stat().st_size > 100_000


def test_the_rig_kind_of_the_page_talks(
    scene: bpy.types.Scene, spoken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = of_page("rig/characters/puppet.py")
    kind, build = made["Puppet"], made["build"]
    monkeypatch.setattr(heads, "KINDS", {**heads.KINDS, kind.kind: kind})
    for speaker, name in ((1, "Anna"), (2, "Ben")):
        build(speaker, name, scene.collection)
    scene_writer.write_performance(scene, spoken, Settings())
    puppet = heads.find(scene, 1)
    assert type(puppet) is kind
    keys = puppet.mesh.data.shape_keys
    curve = next(c for c in fcurves.curves_of(keys) if c.data_path == 'key_blocks["open"].value')
    values = np.array([point.co.y for point in curve.keyframe_points])
    assert len(values) == spoken.motions[0].n_frames
    assert values.std() > 0.01
    neck = puppet.armature.pose.bones["neck"]
    turned = set()
    for frame in (5, 25, 45):
        scene.frame_set(frame)
        turned.add(tuple(round(x, 4) for x in neck.matrix.to_quaternion()))
    assert len(turned) == 3


def test_each_change_touches_at_most_four_files_that_are_there() -> None:
    changes = CHANGES.split("\n### ")[1:]
    assert len(changes) == 6
    for text in changes:
        title = text.partition("\n")[0]
        touched = re.search(r"^Files: (.+)$", text, re.MULTILINE)
        assert touched is not None, title
        files = re.findall(r"`([^`]+)`( \(new\))?", touched[1])
        assert 1 <= len(files) <= 4, title
        for name, is_new in files:
            assert bool(is_new) != (ROOT / name).exists(), f"{title}: {name}"
