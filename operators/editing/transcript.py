"""A transcript aligned to the sound: what characters say, and when."""

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ... import operator_names, status
from ...core import speakers
from ...core.errors import InputError
from ...core.jobs.words import WordsRequest
from ...core.speech import transcript
from ...core.speech.words import Spoken, as_transcript
from ...preferences import pythons, stored
from ...rig.characters import heads
from ...rig.performance.speech import stored as kept
from .. import jobs


class DUALTALK_OT_align_words(jobs.Job, bpy.types.Operator):
    """Find when each word of the transcript is said, by the sound"""

    bl_idname = operator_names.ALIGN_WORDS
    bl_label = "Match Words to Sound"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set
    stage = "words"

    filepath: StringProperty(
        name="Transcript", subtype="FILE_PATH", options={"SKIP_SAVE"},
        description="A .txt or .srt file; unset: the scene's transcript",
    )  # fmt: skip

    recognises: BoolProperty(
        name="Recognise", options={"SKIP_SAVE"},
        description="Hear what is said instead, as a draft to correct; needs a recogniser "
        "(pocketsphinx, English) in the network's Python",
    )  # fmt: skip

    def prepare(self, context: bpy.types.Context) -> jobs.Order:
        """Return the Python that runs the network, and the request.

        Raises:
            InputError: there is no transcript, no sound, no head or no Python with torch.
        """
        scene, settings = context.scene, context.scene.dualtalk
        reason = status.words_reason(context, has_transcript=bool(self.filepath) or self.recognises)
        if reason:
            raise InputError(reason)
        lines = []
        if self.filepath:
            lines = transcript.read(Path(bpy.path.abspath(self.filepath)))
        elif not self.recognises:
            lines = transcript.of_text(settings.transcript.as_string())
        second = settings.sound_b if settings.mode == "TRACKS" else ""
        preferences = stored.get(context)
        request = WordsRequest(
            bpy.path.abspath(settings.sound_a),
            bpy.path.abspath(second) if second else "",
            is_mixed=settings.mode == "MIXED",
            swaps_voices=settings.swaps_voices and settings.mode == "STEREO",
            lines=WordsRequest.rows(lines),
            speaker=speakers.letter(int(settings.words_person)),
            device=preferences.device,
        )
        python = pythons.worker_python(preferences.python)
        return jobs.Order(python, request, scene.session_uid)

    def apply(self, context: bpy.types.Context, order: Any, result: Spoken) -> str:
        """Keep the words with the characters of the scene in which the job was started."""
        scene = order.scene
        n_words = 0
        for speaker, said, peaks in zip(speakers.SPEAKERS, result.words, result.peaks, strict=True):
            character = heads.find(scene, speaker)
            if character is None:
                continue
            kept.keep_peaks(character.armature, peaks)
            if said:  # else what the other one says stays
                kept.keep(character.armature, said)
            n_words += len(said)
        if not order.request.lines:  # it was recognised
            scene.dualtalk.transcript = bpy.data.texts.new("Recognised")
            scene.dualtalk.transcript.write(as_transcript(result.words))
        scene.dualtalk.shows_words = True
        redraw(context)
        return ". ".join((f"{n_words} words were found", *(n.rstrip(".") for n in result.notes)))


def redraw(context: bpy.types.Context) -> None:
    """Draw the rows anew wherever they are, and the panels."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"DOPESHEET_EDITOR", "SEQUENCE_EDITOR"}:
                area.tag_redraw()
    status.redraw(context)


CLASSES = (DUALTALK_OT_align_words,)
