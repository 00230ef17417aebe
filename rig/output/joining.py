"""Parts of a video made one, picture for picture as they were encoded, with the scene's sound."""

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...core.errors import RigError
from ...core.files import why_not_written

if TYPE_CHECKING:
    import av.container
    import av.video.stream

_RATE_HZ, _BITS_PER_S = 48000, 160_000


def is_there() -> bool:
    """Tell whether this Blender can mix sound and this Python can write videos (PyAV)."""
    return bool(bpy.app.build_options.audaspace) and importlib.util.find_spec("av") is not None


def mix_sound(scene: bpy.types.Scene, path: Path) -> None:
    """Write what is heard over the scene's frame range to a wav."""
    with bpy.context.temp_override(scene=scene):
        bpy.ops.sound.mixdown(
            filepath=str(path), container="WAV", codec="PCM", format="S16", mixrate=_RATE_HZ,
            channels="STEREO", check_existing=False,
        )  # fmt: skip


def join(videos: Sequence[Path], sound: Path, target: Path) -> None:
    """Write videos of one size, rate and encoder after each other into an .mp4 with sound.

    Args:
        videos: .mp4 files; their own sound is left out.
        sound: a wav that lasts as long as they do.
        target: the file that is written.

    Raises:
        RigError: it cannot be written.
    """
    import av

    try:
        with av.open(str(target), "w") as made, av.open(str(sound)) as heard:
            with av.open(str(videos[0])) as first:
                picture = made.add_stream_from_template(first.streams.video[0])
            voice = made.add_stream("aac", rate=_RATE_HZ, bit_rate=_BITS_PER_S)
            frames = heard.decode(audio=0)
            for packet in _pictures(videos):
                until_s = float(packet.pts * packet.time_base)
                for frame in frames:  # neighbours in time lie beside each other in the file
                    made.mux(voice.encode(frame))
                    if frame.time >= until_s:
                        break
                packet.stream = picture
                made.mux(packet)
            for frame in frames:
                made.mux(voice.encode(frame))
            made.mux(voice.encode(None))
    except (av.FFmpegError, OSError) as error:
        raise RigError(
            f"The parts of {target.name} cannot be joined: {why_not_written(target, error)}"
        ) from error


def _pictures(videos: Sequence[Path]) -> Iterator["av.Packet"]:
    """Yield the encoded pictures of all videos in one row of times."""
    import av

    start = 0
    for path in videos:
        end = start
        with av.open(str(path)) as video:
            for packet in video.demux(video=0):
                if packet.dts is None:  # the end
                    continue
                packet.pts, packet.dts = packet.pts + start, packet.dts + start
                end = max(end, packet.pts + packet.duration)
                yield packet
        start = end
