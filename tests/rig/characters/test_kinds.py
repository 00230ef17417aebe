"""What a kind of character is, is known in its own module alone."""

import re
from pathlib import Path

import bpy
import pytest
from dualtalk.core.errors import RigError
from dualtalk.rig import property_names
from dualtalk.rig.characters import heads, removal
from dualtalk.rig.characters.builtin import BuiltinHead

ROOT = Path(__file__).resolve().parents[3]
_ASKS = re.compile(r"(character|found|head|armature)\w*\.kind\s*(==|!=|in\b)|KIND\b[^=\n]*(==|!=)")


@pytest.mark.parametrize("folder", ["rig", "operators", "panels", "handlers", "properties"])
def test_nobody_asks_which_kind_a_character_is(folder: str) -> None:
    asking = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if _ASKS.search(line)
    ]
    assert not asking


def test_a_character_of_an_older_file_is_the_built_in_head() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    armature = _armature()
    assert heads.kind_of(armature) is BuiltinHead


def test_a_kind_of_a_newer_version_is_said_and_left_alone() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    armature = _armature()
    armature[property_names.KIND] = "hologram"
    scene = bpy.context.scene
    assert heads.find(scene, 1) is None
    assert "hologram" in heads.problem(scene, 1)
    with pytest.raises(RigError, match="hologram"):
        removal.remove(scene, 1)
    assert armature.name in scene.objects


def _armature() -> bpy.types.Object:
    armature = bpy.data.objects.new("Someone", bpy.data.armatures.new("Someone"))
    armature[property_names.SPEAKER] = 1
    bpy.context.scene.collection.objects.link(armature)
    return armature
