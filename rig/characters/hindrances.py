"""What on a character would hide its motion, or bend it: keys are there, and nothing moves."""

from collections.abc import Iterator, Mapping

import bpy

#: A slider that ends below this cuts motion off.
_FULL = 0.99


def of_mesh(mesh: bpy.types.Object, moved: Mapping[str, object]) -> Iterator[str]:
    """Yield what hides or bends the motion of a mesh's keys, with the remedy.

    Args:
        mesh: with shape keys.
        moved: the keys that will move, by name.
    """
    keys = mesh.data.shape_keys
    blocks = [keys.key_blocks[name] for name in moved if name in keys.key_blocks]
    if mesh.show_only_shape_key:
        yield f"{mesh.name} shows one shape key only: unpin it (Solo Active Shape Key)"
    if not keys.use_relative:
        yield f"The shape keys of {mesh.name} are absolute: tick Relative"
    built_on = [b for b in blocks if keys.use_relative and b.relative_key != keys.reference_key]
    if built_on:
        yield (
            f"{len(built_on)} shape keys of {mesh.name} build on another key ({built_on[0].name} "
            f"on {built_on[0].relative_key.name}): set Relative To to {keys.reference_key.name}"
        )
    muted = [block for block in blocks if block.mute]
    if muted:
        yield f"{len(muted)} shape keys of {mesh.name} are muted ({muted[0].name}): tick them"
    short = [block for block in blocks if block.slider_max < _FULL]
    if short:
        yield (
            f"{len(short)} sliders of {mesh.name} end below 1 ({short[0].name}): raise their "
            "Range Max"
        )
    masked = [b for b in blocks if b.vertex_group and _is_empty(mesh, b.vertex_group)]
    if masked:
        yield (
            f"{len(masked)} shape keys of {mesh.name} are masked by the empty vertex group "
            f"{masked[0].vertex_group!r}: clear it"
        )
    for modifier in mesh.modifiers:
        if modifier.type == "ARMATURE" and not (modifier.show_viewport and modifier.show_render):
            yield f"The armature modifier of {mesh.name} is switched off: switch it on"


def of_armature(armature: bpy.types.Object | None) -> Iterator[str]:
    """Yield what hides the motion of bones, with the remedy."""
    if armature is not None and armature.data.pose_position == "REST":
        yield f"{armature.name} is in Rest Position: choose Pose Position"


def _is_empty(mesh: bpy.types.Object, name: str) -> bool:
    group = mesh.vertex_groups.get(name)
    if group is None:
        return False
    return not any(
        member.group == group.index and member.weight > 0
        for vertex in mesh.data.vertices
        for member in vertex.groups
    )
