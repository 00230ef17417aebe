"""Settings of older files mean what they meant."""

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.handlers import migration  # noqa: E402
from dualtalk.properties.scene import VERSION  # noqa: E402
from dualtalk.tests.scenes import registered  # noqa: E402


@pytest.mark.parametrize(
    ("version", "chosen", "after"),
    [
        (3, {"expression", "head"}, {"expression", "brows", "head"}),
        (3, {"lips"}, {"lips"}),
        (VERSION, {"expression"}, {"expression"}),
    ],
)
def test_brows_were_retaken_with_the_expression(
    scene: bpy.types.Scene, version: int, chosen: set[str], after: set[str]
) -> None:
    with registered():
        scene.dualtalk.version = version
        scene.dualtalk.retaken_layers = chosen
        assert migration.migrate(scene) == (version < VERSION)
        assert set(scene.dualtalk.retaken_layers) == after
        assert scene.dualtalk.version == VERSION
