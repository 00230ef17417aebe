"""What is kept with a character of what it says: words, phones, loudness."""

import bpy
from bpy.props import CollectionProperty, FloatProperty, IntProperty, StringProperty

_TIME = {"unit": "TIME_ABSOLUTE", "precision": 3, "min": 0.0}


class DUALTALK_PG_phone(bpy.types.PropertyGroup):
    """A sound of speech; its name is one of the CMU Pronouncing Dictionary's."""

    start: FloatProperty(
        name="Start", description="Seconds from the beginning of the sound", **_TIME
    )
    end: FloatProperty(name="End", description="Seconds from the beginning of the sound", **_TIME)


class DUALTALK_PG_word(bpy.types.PropertyGroup):
    """A word that a character says; its name is how it is written."""

    n_phones: IntProperty(description="Count of phones that are its own", min=1, default=1)
    fit: FloatProperty(
        name="Fit", description="How well the sound fits the word, 0 to 1", min=0.0, max=1.0
    )


class DUALTALK_PG_words(bpy.types.PropertyGroup):
    """All that a character says; `rig.performance.speech.stored` reads and writes it."""

    words: CollectionProperty(type=DUALTALK_PG_word, description="In the order of time")
    phones: CollectionProperty(type=DUALTALK_PG_phone, description="Of all words, in order")
    mark: StringProperty(description="Of these words, a short text that others do not have")
    heard: StringProperty(description="Sound and turns that the words were heard in, as JSON")
    aligned: StringProperty(description="The words as they were found, uncorrected, as JSON")
    peaks: StringProperty(description="How loud the voice is, 50 a second, as base64 of bytes")


CLASSES = (DUALTALK_PG_phone, DUALTALK_PG_word, DUALTALK_PG_words)
