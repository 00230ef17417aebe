"""The playing scene as a live face for other programs."""

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from ... import operator_names, status
from ...core.formats import streams
from ...rig.output import streaming
from ..button import Button

_PORTS = {"LIVE_LINK": streams.LIVE_LINK_PORT, "VMC": streams.VMC_PORT}


class DUALTALK_OT_stream(Button):
    """Send both faces to another program whenever a frame is shown; pressed again it stops"""

    bl_idname = operator_names.STREAM
    bl_label = "Stream Live"
    bl_options = {"REGISTER"}  # noqa: RUF012 - Blender wants a plain set
    stage = "export"

    protocol: EnumProperty(
        name="Protocol",
        description="What listens",
        items=[
            ("LIVE_LINK", "Live Link Face", "Unreal Engine and others: subjects DualTalk A and B"),
            ("VMC", "VMC", "VTuber programs: A on the port, B on the next one"),
        ],
    )
    host: StringProperty(
        name="Address", description="Of the computer that listens", default="127.0.0.1"
    )
    port: IntProperty(
        name="Port", description="UDP port; 0: the protocol's own (11111, 39539)", min=0, max=65_534
    )

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why there is nothing to stream, or nothing."""
        return "" if streaming.is_on() else status.export_reason(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Stop, or ask where to."""
        if streaming.is_on():
            return self.execute(context)
        return context.window_manager.invoke_props_dialog(self, width=320)

    def run(self, context: bpy.types.Context) -> str:
        """Start or stop."""
        if streaming.is_on():
            return f"Stopped after {streaming.stop()} packets"
        port = self.port or _PORTS[self.protocol]
        streaming.start(context.scene, streaming.Target(self.protocol, self.host, port))
        return f"Play the scene: it is sent to {self.host}, port {port}"


def register() -> None:
    """Nothing is sent at first."""


def unregister() -> None:
    """Send no more."""
    streaming.stop()


CLASSES = (DUALTALK_OT_stream,)
