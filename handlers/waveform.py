"""The picture of the dialogue's waveform and turns: made when a panel shows it and sounds changed.

The files are whatever somebody chose, or what an opened file names. So nothing of Blender's reads
them: plain numbers are read by `core.conversation.pcm`, all other formats by a worker process.
"""

from typing import Any

import bpy
import bpy.utils.previews
import numpy as np
from numpy.typing import NDArray

from .. import status
from ..core.conversation import pcm, waveform
from ..core.errors import DualTalkError
from ..core.jobs.picture import PictureRequest
from ..core.jobs.worker_process import WorkerProcess
from ..preferences import pythons, stored
from ..properties import changes

_DELAY_S, _POLL_S = 0.2, 0.1
_NAME = "dialogue"


class _State:
    images: Any = None  # Blender's collection of pictures
    key: tuple[str, ...] = ()  # of what was drawn
    is_stale = False
    worker: WorkerProcess[NDArray[np.float32]] | None = None


_state = _State()


def forget() -> None:
    """Make the picture anew when a panel next shows it: the sounds have changed."""
    _state.is_stale = True
    if not bpy.app.background:
        status.redraw(bpy.context)


def _wanted() -> None:
    """Make the picture soon, because a panel shows it and it is not of today's sounds."""
    if _state.is_stale and not bpy.app.background and not bpy.app.timers.is_registered(_refresh):
        bpy.app.timers.register(_refresh, first_interval=_DELAY_S)


def _refresh() -> float | None:
    if _state.images is None:
        return None
    settings = bpy.context.scene.dualtalk
    key = (settings.mode, settings.sound_a, settings.sound_b, str(settings.swaps_voices))
    if key != _state.key:
        _state.key = key
        begin(settings)
    _state.is_stale = False
    if not finish():
        return _POLL_S
    status.redraw(bpy.context)
    return None


def begin(settings: Any) -> None:
    """Draw the settings' sounds, or start the worker that does.

    Why a file cannot be read is told by Generate.
    """
    _end_worker()
    show(None)
    asked = request(settings)
    if asked is None:
        return
    try:
        show(picture_of(asked))
    except OSError:
        return
    except ValueError:  # no plain numbers
        try:
            python = pythons.worker_python(stored.get(bpy.context).python)
            _state.worker = WorkerProcess(python, asked)
        except DualTalkError:
            return


def finish() -> bool:
    """Take the worker's picture if it is ready; return whether nothing is left to wait for."""
    if _state.worker is None:
        return True
    if not _state.worker.poll():
        return False
    try:
        show(_state.worker.result())
    except DualTalkError:
        show(None)
    _end_worker()
    return True


def request(settings: Any) -> PictureRequest | None:
    """Return what is to be drawn of a scene's settings, if enough is chosen."""
    needs_two = settings.mode == "TRACKS"
    if not settings.sound_a or (needs_two and not settings.sound_b):
        return None
    return PictureRequest(
        bpy.path.abspath(settings.sound_a),
        bpy.path.abspath(settings.sound_b) if needs_two else "",
        is_mixed=settings.mode == "MIXED",
        swaps_voices=settings.swaps_voices and settings.mode == "STEREO",
    )


def picture_of(asked: PictureRequest) -> NDArray[np.float32] | None:
    """Return the picture of files of plain numbers, or None if they cannot be drawn.

    Raises:
        ValueError: a file is of another format.
        OSError: a file cannot be read.
    """
    channels = []
    for sound in asked.sounds:
        read = pcm.at_network_rate(sound, waveform.LONGEST_S)
        if read is None:
            return None
        channels.append(read)
    tracks = waveform.tracks(channels, asked.is_mixed, asked.swaps_voices)
    return None if tracks is None else waveform.picture(tracks, waveform.SIZE_PX, waveform.SIZE_PX)


def show(pixels: NDArray[np.float32] | None) -> None:
    """Show a picture (`SIZE_PX`, `SIZE_PX`, 4), or none."""
    _state.images.clear()
    status.show_waveform(0)
    if pixels is None:
        return
    image = _state.images.new(_NAME)
    image.image_size = (waveform.SIZE_PX, waveform.SIZE_PX)
    pixels[..., :3] *= pixels[..., 3:]  # as Blender draws icons: what is clear must be black
    image.image_pixels_float = pixels.ravel().tolist()
    status.show_waveform(image.icon_id)


def _end_worker() -> None:
    if _state.worker is not None:
        _state.worker.close()
        _state.worker = None


@bpy.app.handlers.persistent
def _forget_file(*_: object) -> None:
    _end_worker()
    _state.key = ()
    forget()


def register() -> None:
    """Have a place for the picture, and draw it for every file that is opened."""
    _state.images = bpy.utils.previews.new()
    _state.key = ()
    _state.is_stale = True
    changes.sounds.append(forget)
    status.when_waveform_is_shown(_wanted)
    bpy.app.handlers.load_post.append(_forget_file)


def unregister() -> None:
    """Free it."""
    bpy.app.handlers.load_post.remove(_forget_file)
    status.when_waveform_is_shown(None)
    changes.sounds.remove(forget)
    status.show_waveform(0)
    if bpy.app.timers.is_registered(_refresh):
        bpy.app.timers.unregister(_refresh)
    _end_worker()
    bpy.utils.previews.remove(_state.images)
    _state.images = None


CLASSES = ()
