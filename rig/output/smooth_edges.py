"""Smooth edges for Workbench pictures, by the compositor.

Workbench smooths on the graphics card: drawn by software, that takes more processor time than the
rest of a picture. The compositor does the same (Jimenez et al. 2012, SMAA) in a third of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from .. import compat

#: How much neighbours must differ to be an edge, in linear light: dark hair before dark skin is
#: one. Blender's own 0.2 leaves such edges as stairs.
_THRESHOLD = 0.03


@contextmanager
def smoothed(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> Iterator[None]:
    """Smooth edges of a view layer for a while; who keeps the render settings puts those back.

    Where a scene's compositor cannot be set aside (before Blender 5.0, with nodes of the user's),
    Workbench smooths as it does.
    """
    with compat.borrowed_compositor(scene) as tree:
        if tree is not None:
            scene.display.render_aa = "OFF"
            scene.render.use_compositing = True
            _connect(tree, scene, layer)
        yield


def _connect(tree: bpy.types.NodeTree, scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> None:
    layers = tree.nodes.new("CompositorNodeRLayers")
    layers.scene, layers.layer = scene, layer.name
    smooth = tree.nodes.new("CompositorNodeAntiAliasing")
    compat.set_edge_threshold(smooth, _THRESHOLD)
    tree.links.new(layers.outputs["Image"], smooth.inputs["Image"])
    tree.links.new(smooth.outputs["Image"], compat.compositor_output(tree))
