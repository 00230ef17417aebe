"""Frames and seconds of a scene."""

import bpy


def scene_fps(scene: bpy.types.Scene) -> float:
    """Return the scene's frames per second; 29.97 is 30 with a base of 1.001."""
    return scene.render.fps / scene.render.fps_base
