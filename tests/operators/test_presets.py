"""Presets have names that a file can have."""

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")
from dualtalk.operators import presets  # noqa: E402


@pytest.fixture
def registered() -> object:
    for cls in presets.CLASSES:
        bpy.utils.register_class(cls)
    yield
    for cls in reversed(presets.CLASSES):
        bpy.utils.unregister_class(cls)


@pytest.mark.parametrize("name", ["a\nb", "n" * 400, "ü" * 200, "/" * 60])
def test_names_that_no_file_has_are_refused(name: str, registered: object) -> None:
    with pytest.raises(RuntimeError, match="one short line"):
        bpy.ops.dualtalk.add_preset(name=name)
