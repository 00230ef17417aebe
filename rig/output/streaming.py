"""The playing scene as a live face: a packet per speaker and frame, sent over UDP."""

import ipaddress
import logging
import socket
from dataclasses import dataclass
from typing import Literal

import bpy

from ...core import speakers
from ...core.errors import DualTalkError, InputError, RigError
from ...core.formats import streams
from .. import timing
from ..characters import heads
from ..performance import motion_reader

_log = logging.getLogger(__name__)
Protocol = Literal["LIVE_LINK", "VMC"]


@dataclass(frozen=True)
class Target:
    """Where packets go."""

    protocol: Protocol
    host: str
    port: int  #: of A; VMC has a port per person, and B's is the next

    def port_of(self, speaker: int) -> int:
        """Return a speaker's port."""
        return self.port + (speaker - 1 if self.protocol == "VMC" else 0)


@dataclass
class _Stream:
    target: Target
    udp: socket.socket
    scene: str  # its name
    n_sent: int = 0


_streams: list[_Stream] = []


def is_on() -> bool:
    """Tell whether packets are sent."""
    return bool(_streams)


def start(scene: bpy.types.Scene, target: Target) -> None:
    """Send a packet per speaker whenever a frame is shown, the present one first.

    Raises:
        InputError: the address is none, or is another computer's and Blender may not go online.
        RigError: a character is one whose shapes cannot be told.
    """
    stop()
    _check(target)
    heads.pair(scene)
    family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    udp.setblocking(False)
    made = _Stream(target, udp, scene.name)
    try:
        _send(made, scene)
    except DualTalkError:
        udp.close()
        raise
    _streams.append(made)
    bpy.app.handlers.frame_change_post.append(_shown)
    bpy.app.handlers.load_pre.append(_forget)


def stop() -> int:
    """Send no more, and return how many packets were sent."""
    n_sent = sum(each.n_sent for each in _streams)
    while _streams:
        _streams.pop().udp.close()
    for handlers, function in (
        (bpy.app.handlers.frame_change_post, _shown),
        (bpy.app.handlers.load_pre, _forget),
    ):
        if function in handlers:
            handlers.remove(function)
    return n_sent


def _check(target: Target) -> None:
    try:
        address = ipaddress.ip_address(target.host)
    except ValueError as error:
        raise InputError(
            f"{target.host[:60]!r} is no address of a computer: give one such as 127.0.0.1."
        ) from error
    if not address.is_loopback and not bpy.app.online_access:
        raise InputError(
            "Another computer needs Allow Online Access in the preferences' System section."
        )


@bpy.app.handlers.persistent
def _shown(scene: bpy.types.Scene, *_: object) -> None:
    for each in list(_streams):
        if each.scene != scene.name:
            continue
        try:
            _send(each, scene)
        except DualTalkError as error:  # a character was removed: nobody waits for a message
            _log.warning("Streaming ended: %s", error)
            stop()


@bpy.app.handlers.persistent
def _forget(*_: object) -> None:
    stop()


def _send(stream: _Stream, scene: bpy.types.Scene) -> None:
    fps, target = timing.scene_fps(scene), stream.target
    for speaker, character in zip(speakers.SPEAKERS, heads.pair(scene), strict=True):
        motion = motion_reader.present(character, fps)
        if motion.basis != "arkit":
            raise RigError(
                f"{character.armature.name} plays FLAME's coefficients, which no listener knows: "
                "give its head named shapes and generate with the bundled network."
            )
        if target.protocol == "VMC":
            packet = streams.vmc_bundle(motion)
        else:
            subject = f"DualTalk {speakers.letter(speaker)}"
            packet = streams.live_link_packet(subject, motion, scene.frame_current, fps)
        try:
            stream.udp.sendto(packet, (target.host, target.port_of(speaker)))
            stream.n_sent += 1
        except (BlockingIOError, ConnectionError):  # nobody listens yet, or too slowly
            continue
        except OSError as error:
            raise InputError(
                f"Nothing can be sent to {target.host} ({error.strerror}): check the address."
            ) from error
