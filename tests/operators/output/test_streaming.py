"""The playing scene reaches whoever listens."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.core.errors import InputError  # noqa: E402
from dualtalk.core.formats import streams  # noqa: E402
from dualtalk.operators.output import streaming as operators  # noqa: E402
from dualtalk.rig.output import streaming  # noqa: E402


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(5)
        yield udp
    streaming.stop()


def test_every_frame_that_is_shown_is_sent(conversation, listener: socket.socket) -> None:
    bpy.utils.register_class(operators.DUALTALK_OT_stream)
    try:
        port = listener.getsockname()[1]
        bpy.ops.dualtalk.stream(port=port)
        for frame in (5, 6):
            conversation.frame_set(frame)
        packets = [listener.recv(4096) for _ in range(6)]
        assert sum(b"DualTalk A" in packet for packet in packets) == 3
        assert len(packets[0]) == len(packets[1]) == 41 + 4 + len("DualTalk A") + 17 + 61 * 4
        streaming.stop()
        with pytest.raises(RuntimeError, match="no address"):
            bpy.ops.dualtalk.stream(host="nowhere")
        bpy.ops.dualtalk.stream(port=port)
        bpy.ops.dualtalk.stream()  # pressed again it stops
        assert not streaming.is_on()
        assert streaming._shown not in bpy.app.handlers.frame_change_post
    finally:
        bpy.utils.unregister_class(operators.DUALTALK_OT_stream)


def test_own_characters_are_streamed(listener: socket.socket) -> None:
    from dualtalk.tests.rig.gaze.test_gaze_moves import characters, generate

    generate(characters())
    port = listener.getsockname()[1]
    for protocol, mark in (("LIVE_LINK", b"DualTalk A"), ("VMC", b"/VMC/Ext/Bone/Pos")):
        streaming.start(bpy.context.scene, streaming.Target(protocol, "127.0.0.1", port))
        assert mark in listener.recv(8192)
        streaming.stop()
        listener.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while listener.recv(8192):  # B's
                pass
        listener.settimeout(5)


def test_vmc_has_a_port_for_each(conversation, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    streaming.start(conversation, streaming.Target("VMC", "127.0.0.1", port - 1))
    packet = listener.recv(8192)  # B's port is the next
    assert packet.startswith(b"#bundle\0")
    assert b"jawOpen" in packet
    assert streams.VMC_PORT == 39_539


def test_another_computer_needs_online_access(conversation) -> None:
    if not bpy.app.online_access:
        with pytest.raises(InputError, match="Allow Online Access"):
            streaming.start(conversation, streaming.Target("VMC", "192.0.2.1", 39_539))
