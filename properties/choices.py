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

#: Layers of which a range can be generated anew (`rig.performance.editing.retaking.RETAKEN`).
RETAKEN_LAYERS = [
    ("lips", "Lips", "Lips and jaw", 1),
    ("expression", "Expression", "Smiles and cheeks", 2),
    ("brows", "Brows", "Brows; FLAME's coefficients move them with the expression", 16),
    ("head", "Head", "Turns and nods of the head", 4),
    ("blinks", "Blinks", "Blinks", 8),
    ("gaze", "Gaze", "Where the eyes look, and what head and lids do for it", 32),
    (
        "feedback",
        "Feedback",
        "What a listener's face and head do while the other one speaks: nods, smiles, brows",
        64,
    ),
]

#: What time a retake is of.
RETAKE_OVER = [
    ("PREVIEW", "Preview Range", "The preview range: press P in a timeline and draw it"),
    ("STRIPS", "Selected Strips", "The strips that are selected in the sequencer, such as a turn"),
]

#: What a performance is in Blender's editors of animation.
LAYERS_AS = [
    ("ACTION", "One Action", "All layers are curves of one action"),
    ("REPLACE", "NLA Tracks", "A track per layer that takes the place of what is below it"),
    ("ADD", "NLA Tracks, Additive", "A track per layer that is added to what is below it"),
]

#: What can be done to a mouth over a word or a range.
MOUTH_CHANGES = [
    ("WIDER", "Wider", "Open the mouth wider; closed lips stay closed"),
    ("SMALLER", "Smaller", "Open the mouth less"),
    ("HOLD", "Hold", "Keep the mouth of the current frame"),
    ("REST", "Rest", "Close the mouth and let it rest"),
    ("SMOOTH", "Smooth", "Make the lips smoother, and seal them again for every p, b and m"),
]
