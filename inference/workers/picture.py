"""A worker that draws the waveform of any sound: Blender's own process opens plain numbers only."""

from pathlib import Path

import numpy as np

from ...core.conversation.waveform import LONGEST_S, SIZE_PX, picture, tracks
from ...core.errors import InputError
from ...core.jobs.picture import PICTURE_FILE, PictureRequest
from . import protocol


def run(request: PictureRequest, folder: Path) -> None:
    """Read the sounds, and write the picture into the folder.

    Raises:
        InputError: a sound cannot be read, is too long, or not of as many channels as were said.
    """
    with protocol.stage("dialogue"):
        from ..audio import duration_s, read_channels

        if any(duration_s(sound) > LONGEST_S for sound in request.sounds):
            raise InputError(f"Only sounds of up to {LONGEST_S / 60:.0f} minutes are drawn.")
        channels = [read_channels(sound) for sound in request.sounds]
        rows = tracks(channels, request.is_mixed, request.swaps_voices)
        if rows is None:
            raise InputError(f"{request.sound_a} is not stereo, so there is no picture of two.")
        np.save(folder / PICTURE_FILE, picture(rows, SIZE_PX, SIZE_PX))
