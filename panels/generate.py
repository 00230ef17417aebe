"""Generating a performance, in the 3D view's sidebar."""

import bpy

from ..operators import generate


class DUALTALK_PT_generate(bpy.types.Panel):
    """Turn the sound into two talking heads"""

    bl_label = "Generate"
    bl_idname = "DUALTALK_PT_generate"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the settings and the button, or the progress of the job that runs."""
        settings = context.scene.dualtalk
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        job = generate.job()
        if job is not None:
            self._draw_progress(job.progress.fraction, job.progress.text)
            return
        layout.prop(settings, "staging")
        layout.prop(settings, "seed")
        column = layout.column(align=True)
        column.prop(settings, "attention_a", slider=True)
        column.prop(settings, "attention_b", slider=True)
        reason = generate.disabled_reason(context)
        row = layout.row()
        row.scale_y = 1.6
        row.enabled = not reason
        row.operator("dualtalk.generate", icon="PLAY")
        if reason:
            layout.label(text=reason, icon="INFO")
        if generate.failure():
            box = layout.box().column(align=True)
            box.alert = True
            for index, line in enumerate(_lines(generate.failure())):
                box.label(text=line, icon="ERROR" if index == 0 else "BLANK1")

    def _draw_progress(self, fraction: float, text: str) -> None:
        self.layout.progress(factor=fraction, text=text or "working", type="BAR")
        self.layout.operator("dualtalk.cancel", icon="CANCEL")


def _lines(text: str, width: int = 42) -> list[str]:
    """Break a sentence into lines that fit the sidebar."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


CLASSES = (DUALTALK_PT_generate,)
