"""The one place where the add-on's parts go into Blender and, mirrored, come out again."""

from collections.abc import Callable
from types import ModuleType

import bpy

from .commands import blender as blender_command
from .handlers import (
    acting_follow,
    gaze_follow,
    gaze_shown,
    migration,
    relative_paths,
    staging_follow,
    waveform,
    words_shown,
)
from .operators import characters as characters_operators
from .operators import dialogue as dialogue_operators
from .operators import faces as faces_operators
from .operators import generate as generate_operators
from .operators import jobs, presets
from .operators import learning as learning_operators
from .operators import mapping as mapping_operators
from .operators import people as people_operators
from .operators import staging as staging_operators
from .operators import turns as turns_operators
from .operators.editing import acting as acting_operators
from .operators.editing import changed_turns, edits, mouth, transcript
from .operators.editing import compare as compare_operators
from .operators.editing import layers as layers_operators
from .operators.editing import retake as retake_operators
from .operators.editing import takes as takes_operators
from .operators.editing import words as words_operators
from .operators.output import exchange as exchange_operators
from .operators.output import export as export_operators
from .operators.output import streaming as streaming_operators
from .operators.output import video as video_operators
from .operators.setup import checkpoints, environment, python_check
from .panels import acting as acting_panel
from .panels import characters as characters_panel
from .panels import dialogue as dialogue_panel
from .panels import export as export_panel
from .panels import faces as faces_panel
from .panels import generate as generate_panel
from .panels import menus
from .panels import people as people_panel
from .panels import preferences as preferences_panel
from .panels import sequencer as sequencer_panel
from .panels import staging as staging_panel
from .panels import takes as takes_panel
from .panels import words as words_panel
from .panels.own import learning as learning_panel
from .panels.own import mapping as mapping_panel
from .properties import character as character_properties
from .properties import scene as scene_properties
from .properties import staging as staging_properties
from .properties import strengths as strengths_properties
from .rig.gaze import gaze_view

#: In order. Each has `CLASSES`; what else it adds to Blender is in its `register`, if it has one.
_MODULES: tuple[ModuleType, ...] = (
    staging_properties,
    strengths_properties,
    scene_properties,
    character_properties,
    preferences_panel,
    jobs,
    migration,
    relative_paths,
    waveform,
    python_check,
    environment,
    checkpoints,
    turns_operators,
    dialogue_operators,
    faces_operators,
    characters_operators,
    mapping_operators,
    learning_operators,
    people_operators,
    generate_operators,
    staging_operators,
    gaze_follow,
    gaze_shown,
    acting_operators,
    acting_follow,
    staging_follow,
    takes_operators,
    edits,
    retake_operators,
    changed_turns,
    layers_operators,
    compare_operators,
    transcript,
    words_operators,
    mouth,
    words_shown,
    export_operators,
    exchange_operators,
    streaming_operators,
    video_operators,
    presets,
    dialogue_panel,
    faces_panel,
    characters_panel,
    mapping_panel,
    learning_panel,
    people_panel,
    generate_panel,
    staging_panel,
    acting_panel,
    takes_panel,
    words_panel,
    export_panel,
    sequencer_panel,
    menus,
    blender_command,
)


def register() -> None:
    """Register everything; if a part fails, what went before it is taken out again."""
    done: list[Callable[[], None]] = []
    try:
        for module in _MODULES:
            _add(module, done)
    except Exception:
        for undo in reversed(done):
            undo()
        raise


def unregister() -> None:
    """Take everything out, in reverse; a running job is ended first."""
    gaze_view.show(False)
    for module in reversed(_MODULES):
        if hasattr(module, "unregister"):
            module.unregister()
        for cls in reversed(module.CLASSES):
            bpy.utils.unregister_class(cls)


def _add(module: ModuleType, done: list[Callable[[], None]]) -> None:
    for cls in module.CLASSES:
        bpy.utils.register_class(cls)
        done.append(lambda cls=cls: bpy.utils.unregister_class(cls))
    if hasattr(module, "register"):
        module.register()
        done.append(module.unregister)
