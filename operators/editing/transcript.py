"""A transcript aligned to the sound: what characters say, and when."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ... import operator_names, status
from ...core import speakers
from ...core.errors import InputError
from ...core.jobs.words import WordsRequest
from ...core.speakers import row
from ...core.speech import corrections, transcript
from ...core.speech.heard import Heard
from ...core.speech.words import Spoken, Words, as_transcript
from ...preferences import pythons, stored
from ...rig.characters import heads
from ...rig.performance.speech import outdated
from ...rig.performance.speech import stored as kept
from .. import jobs


@dataclass(frozen=True)
class WordsOrder(jobs.Order):
    """What finding words was started with."""

    heard: tuple[Heard, Heard] = (Heard(), Heard())  #: sounds and turns of A and B
    keeps_corrections: bool = True


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

    keeps_corrections: BoolProperty(
        name="Keep Corrections", default=True, options={"SKIP_SAVE"},
        description="Correct words again as they were corrected, where that still fits",
    )  # fmt: skip

    def prepare(self, context: bpy.types.Context) -> WordsOrder:
        """Return the Python that runs the network, and the request.

        Raises:
            InputError: there is no transcript, no sound, no head or no Python with torch.
        """
        scene, settings = context.scene, context.scene.dualtalk
        is_given = bool(self.filepath) or self.recognises or bool(_transcript(scene))
        reason = status.words_reason(context, has_transcript=is_given)
        if reason:
            raise InputError(reason)
        lines = []
        if self.filepath:
            lines = transcript.read(Path(bpy.path.abspath(self.filepath)))
        elif not self.recognises:
            lines = transcript.of_text(_transcript(scene))
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
        heard = (outdated.heard_now(scene, 1), outdated.heard_now(scene, 2))
        return WordsOrder(python, request, scene.session_uid, heard, self.keeps_corrections)

    def apply(self, context: bpy.types.Context, order: Any, result: Spoken) -> str:
        """Keep the words with the characters of the scene in which the job was started."""
        scene = order.scene
        n_words, notes = 0, list(result.notes)
        for speaker, said, peaks in zip(speakers.SPEAKERS, result.words, result.peaks, strict=True):
            character = heads.find(scene, speaker)
            if character is None:
                continue
            kept.keep_peaks(character.armature, peaks)
            if said:  # else what the other one says stays
                notes += _keep(character.armature, said, order, speaker)
            n_words += len(said)
        if not order.request.lines:  # it was recognised
            scene.dualtalk.transcript = bpy.data.texts.new("Recognised")
            scene.dualtalk.transcript.write(as_transcript(result.words))
        scene.dualtalk.shows_words = True
        redraw(context)
        return ". ".join((f"{n_words} words were found", *(note.rstrip(".") for note in notes)))


def _keep(armature: bpy.types.Object, said: Words, order: WordsOrder, speaker: int) -> list[str]:
    """Keep what was found with a character, corrected as before; return what to tell the user."""
    notes, words, aligned = [], said, kept.aligned_of(armature)
    if order.keeps_corrections and aligned:
        again = corrections.again(aligned, kept.words_of(armature), said)
        words = again.words
        if again.n_kept:
            n = again.n_kept
            notes.append(f"{n} correction{'' if n == 1 else 's'} kept")
        notes += again.lost
    kept.keep(armature, words)
    kept.keep_aligned(armature, said, order.heard[row(speaker)])
    return notes


def _transcript(scene: bpy.types.Scene) -> str:
    """Return the scene's transcript, or else what its characters say by now."""
    text = scene.dualtalk.transcript
    if text is not None:
        return str(text.as_string())
    found = [heads.find(scene, speaker) for speaker in speakers.SPEAKERS]
    first, second = (() if one is None else kept.words_of(one.armature) for one in found)
    return as_transcript((first, second))


def redraw(context: bpy.types.Context) -> None:
    """Draw the rows anew wherever they are, and the panels."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"DOPESHEET_EDITOR", "SEQUENCE_EDITOR"}:
                area.tag_redraw()
    status.redraw(context)


CLASSES = (DUALTALK_OT_align_words,)
