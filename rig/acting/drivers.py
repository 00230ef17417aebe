"""Drivers whose arithmetic Blender computes itself, without Python, in renders and exports too."""

from collections.abc import Mapping

import bpy

#: A variable of a driver: whose property it reads, and by which path.
Source = tuple[bpy.types.ID, str]
#: Blender cuts longer expressions off.
LONGEST = 255


def write(
    owner: bpy.types.bpy_struct,
    path: str,
    index: int,
    expression: str,
    sources: Mapping[str, Source],
) -> bpy.types.Driver:
    """Let arithmetic of other properties be a property's value, in place of an earlier driver.

    Args:
        owner: has the property.
        path: of the property.
        index: of the number in it, -1 if it is one alone.
        expression: of numbers and the variables; min, max and ternaries are computed natively.
        sources: what each variable reads.
    """
    if len(expression) > LONGEST:
        raise ValueError(f"the driver of {path} is {len(expression)} characters long")
    owner.driver_remove(path, index)
    driver = owner.driver_add(path, index).driver
    driver.type = "SCRIPTED"
    for name, (source, read) in sources.items():
        variable = driver.variables.new()
        variable.name, variable.type = name, "SINGLE_PROP"
        target = variable.targets[0]
        target.id_type = "KEY" if isinstance(source, bpy.types.Key) else "OBJECT"
        target.id = source
        target.data_path = read
    driver.expression = expression
    return driver


def total(terms: Mapping[str, float]) -> str:
    """Return a sum of variables times factors, such as "0.3*a-0.1*b"; nothing is "0"."""
    parts = [f"{factor:+.3g}*{name}" for name, factor in terms.items() if factor]
    return "".join(parts).removeprefix("+") or "0"
