"""The mouth changed over a word or a range: wider, smaller, held, at rest, smoother."""

import bpy
from bpy.props import EnumProperty, FloatProperty

from ... import operator_names
from ...core.errors import InputError
from ...core.speech import words
from ...properties.choices import MOUTH_CHANGES, SPEAKERS
from ...properties.strengths import apply_strengths
from ...rig.characters import heads
from ...rig.performance.speech import here, lips
from ...rig.performance.speech import stored as kept
from .edits import EditsButton
from .transcript import redraw

#: Without words and without a range so much on both sides of the current frame, seconds.
_ALONE_S = 0.08


class DUALTALK_OT_shape_mouth(EditsButton):
    """Change the mouth in the preview range, or else over the word at the current frame"""

    bl_idname = operator_names.SHAPE_MOUTH
    bl_label = "Change Mouth"
    stage = "words"

    speaker: EnumProperty(name="Person", description="Whose mouth", items=SPEAKERS)
    how: EnumProperty(name="Change", description="What to do", items=MOUTH_CHANGES)
    gain: FloatProperty(
        name="Opening", description="How wide the mouth is in place of 1", default=1.4, min=0.0,
        max=3.0, options={"SKIP_SAVE"},
    )  # fmt: skip
    seconds: FloatProperty(
        name="Smoothing", description="Over how much time it is smoothed", default=0.04,
        min=0.005, max=0.5, subtype="TIME_ABSOLUTE", unit="TIME_ABSOLUTE", options={"SKIP_SAVE"},
    )  # fmt: skip

    def run(self, context: bpy.types.Context) -> str:
        """Change it; it is an edit of yours."""
        scene, speaker = context.scene, int(self.speaker)
        now = here.time_now(scene, speaker)
        start, end = self._span(scene, now)
        changes = {
            "WIDER": lambda: lips.opened(start, end, self.gain),
            "SMALLER": lambda: lips.opened(start, end, 1 / max(self.gain, 0.1)),
            "HOLD": lambda: lips.held(now, start, end),
            "REST": lambda: lips.rested(start, end),
            "SMOOTH": lambda: lips.smoothed(self._said(scene), start, end, self.seconds),
        }
        n = lips.change(scene, speaker, changes[self.how]())
        apply_strengths(scene)
        redraw(context)
        if not n:
            raise InputError("Nothing moves there: go to where the mouth is open.")
        return f"The mouth is another one from {start:.2f} to {end:.2f} s on {n} curves"

    def _said(self, scene: bpy.types.Scene) -> words.Words:
        character = heads.find(scene, int(self.speaker))
        return () if character is None else kept.words_of(character.armature)

    def _span(self, scene: bpy.types.Scene, now: float) -> tuple[float, float]:
        """Return from when to when, seconds from the beginning of the sound."""
        if scene.use_preview_range:
            speaker = int(self.speaker)
            first, last = (
                here.time_of(scene, speaker, frame)
                for frame in (scene.frame_preview_start, scene.frame_preview_end)
            )
            return first, last
        said = self._said(scene)
        index = words.at(said, now)
        if index is None:
            return now - _ALONE_S, now + _ALONE_S
        return said[index].start_s, said[index].end_s


CLASSES = (DUALTALK_OT_shape_mouth,)
