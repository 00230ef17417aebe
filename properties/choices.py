"""Choices that settings, operators and panels share, as Blender lists them."""

from ..rig.output import export

#: How a conversation was recorded.
MODES = [
    ("TRACKS", "Two Tracks", "A sound file for each speaker"),
    ("STEREO", "One Stereo File", "A speaker on each channel"),
    ("MIXED", "One Mixed Recording", "Both voices in one track: a podcast, a phone call, a film"),
]

#: Which of the two a character's button is for.
SPEAKERS = [("1", "A", "The first speaker"), ("2", "B", "The second speaker")]

#: What scenes are handed on as.
FORMATS = [
    (name, exporter.label, exporter.description) for name, exporter in export.EXPORTERS.items()
]
