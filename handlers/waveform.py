"""The picture of the dialogue's waveform and turns: made when sounds change, not on drawing."""

import wave
from typing import Any

import bpy
import bpy.utils.previews
import numpy as np
from numpy.typing import NDArray

from .. import status
from ..core.conversation.waveform import at_network_rate, picture
from ..properties import changes

_SIZE_PX = 192
#: Longer files are not drawn: reading them would hold Blender up (10 minutes: about a second).
_LONGEST_S = 900.0
_DELAY_S = 0.2
_NAME = "dialogue"


class _State:
    images: Any = None  # Blender's collection of pictures
    key: tuple[str, ...] = ()  # of what was drawn


_state = _State()


def forget() -> None:
    """Make the picture anew soon: the sounds have changed."""
    if not bpy.app.background and not bpy.app.timers.is_registered(_refresh):
        bpy.app.timers.register(_refresh, first_interval=_DELAY_S)


def _refresh() -> None:
    if _state.images is None:
        return
    settings = bpy.context.scene.dualtalk
    key = (settings.mode, settings.sound_a, settings.sound_b, str(settings.swaps_voices))
    if key != _state.key:
        _state.key = key
        show(tracks_of(settings))
    status.redraw(bpy.context)


def show(tracks: NDArray[np.float32] | None) -> None:
    """Make the picture of tracks (n_voices, n_samples) at 16 kHz, or none."""
    _state.images.clear()
    status.show_waveform(0)
    if tracks is None:
        return
    image = _state.images.new(_NAME)
    image.image_size = (_SIZE_PX, _SIZE_PX)
    pixels = picture(tracks, _SIZE_PX, _SIZE_PX)
    pixels[..., :3] *= pixels[..., 3:]  # as Blender draws icons: what is clear must be black
    image.image_pixels_float = pixels.ravel().tolist()
    status.show_waveform(image.icon_id)


def tracks_of(settings: Any) -> NDArray[np.float32] | None:
    """Return what the settings' sounds hold, or None if they cannot be drawn.

    Why a file cannot be read is told by Generate, whose reader is another.
    """
    if not settings.sound_a:
        return None
    first = _read(settings.sound_a)
    if first is None:
        return None
    if settings.mode == "MIXED":
        return first.mean(axis=0, keepdims=True)
    if settings.mode == "STEREO":
        if len(first) != 2:
            return None
        return first[::-1] if settings.swaps_voices else first
    second = _read(settings.sound_b) if settings.sound_b else None
    if second is None:
        return None
    rows = [first.mean(axis=0), second.mean(axis=0)]
    n = max(map(len, rows))
    return np.stack([np.pad(row, (0, n - len(row))) for row in rows])


def _read(path: str) -> NDArray[np.float32] | None:
    """Return (n_channels, n_samples) at 16 kHz, or None."""
    absolute = bpy.path.abspath(path)
    try:
        import aud
    except ImportError:  # some systems' Blender has sound, but not its Python module
        return _read_wav(absolute)
    try:
        sound = aud.Sound(absolute)
        rate, _ = sound.specs  # raises for what is no sound; data() would end Blender
        seconds = sound.length / rate
    except aud.error:
        return None
    if not 0 < seconds < _LONGEST_S:
        return None
    return at_network_rate(np.asarray(sound.data(), np.float32), rate)


def _read_wav(path: str) -> NDArray[np.float32] | None:
    """Read a wave file of 16 bits, the most usual kind, or None."""
    try:
        with wave.open(path, "rb") as file:
            seconds = file.getnframes() / file.getframerate()
            if file.getsampwidth() != 2 or not 0 < seconds < _LONGEST_S:
                return None
            data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            samples = data.reshape(-1, file.getnchannels()) / np.float32(32768)
            return at_network_rate(samples.astype(np.float32), file.getframerate())
    except (OSError, EOFError, wave.Error):
        return None


@bpy.app.handlers.persistent
def _forget_file(*_: object) -> None:
    forget()


def register() -> None:
    """Have a place for the picture, and draw it for every file that is opened."""
    _state.images = bpy.utils.previews.new()
    _state.key = ()
    changes.sounds.append(forget)
    bpy.app.handlers.load_post.append(_forget_file)


def unregister() -> None:
    """Free it."""
    bpy.app.handlers.load_post.remove(_forget_file)
    changes.sounds.remove(forget)
    status.show_waveform(0)
    if bpy.app.timers.is_registered(_refresh):
        bpy.app.timers.unregister(_refresh)
    bpy.utils.previews.remove(_state.images)
    _state.images = None


CLASSES = ()
