"""Showing the add-on's panels in a window, one open after the other."""

import sys
from collections.abc import Callable, Generator, Iterable

import bpy

#: An empty iterator or steps of a session to do while a panel is shown, by the panel's name.
Meanwhile = Callable[[str], Iterable[float]]


def each(
    module: str, look: Callable[[str], None], meanwhile: Meanwhile
) -> Generator[float, None, None]:
    """Show one panel after the other, open and alone, with those inside it."""
    classes = _classes()
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
    for root in [cls for cls in classes if not _parent(cls)]:
        shown = [_opened(cls, module) for cls in _family(root, classes)]
        for cls in shown:
            bpy.utils.register_class(cls)
        yield 1.5
        name = root.__name__.removeprefix("DUALTALK_PT_")
        look(f"panel_{name}")
        yield from meanwhile(name)
        for cls in reversed(shown):
            bpy.utils.unregister_class(cls)
    for cls in classes:
        bpy.utils.register_class(cls)
    yield 0.5


def _classes() -> list[type]:
    """Return the add-on's panels of the 3D view, parents first."""
    names = [name for name in dir(bpy.types) if name.startswith("DUALTALK_PT_")]
    classes = [getattr(bpy.types, name) for name in names]
    classes = [cls for cls in classes if cls.bl_space_type == "VIEW_3D"]
    by_name = {cls.__name__: cls for cls in classes}

    def depth(cls: type) -> int:
        return 0 if not _parent(cls) else 1 + depth(by_name[_parent(cls)])

    return sorted(classes, key=lambda cls: (depth(cls), getattr(cls, "bl_order", 0)))


def _family(root: type, classes: list[type]) -> list[type]:
    """Return a panel and all that lie in it, parents first."""
    family = [root]
    for cls in classes:
        if _parent(cls) in {member.__name__ for member in family}:
            family.append(cls)
    return family


def _opened(panel: type, module: str) -> type:
    """Return the panel under a name that Blender does not know as closed."""
    kept = sys.modules[f"{module}.panels.sequencer"]._KEPT
    members = {name: getattr(panel, name) for name in kept if hasattr(panel, name)}
    members |= {"bl_space_type": "VIEW_3D", "bl_options": set()}
    if _parent(panel):
        members["bl_parent_id"] = f"{_parent(panel)}_opened"
    return type(f"{panel.__name__}_opened", (bpy.types.Panel,), members)


def _parent(cls: type) -> str:
    return getattr(cls, "bl_parent_id", "")
