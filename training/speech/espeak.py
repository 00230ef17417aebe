"""Speech of espeak-ng with the exact time of every phoneme, through libespeak-ng's events.

The program's `--pho` option writes no times for its own voices, so the library is called.
"""

import ctypes
import ctypes.util
from dataclasses import dataclass, field

import numpy as np
import soxr
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.core.errors import InputError
from dualtalk.training.speech.phones import SILENCE, Utterance, make_utterance
from numpy.typing import NDArray

_SYNCHRONOUS = 2
_PHONEME_EVENTS = 1
_DONT_EXIT = 0x8000
_UTF8 = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_EVENT_END, _EVENT_PHONEME = 0, 7


class _Name(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Name),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)

#: Variants that sound like people; whispers, robots and demons are left out.
VARIANTS: tuple[str, ...] = (
    *("f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"),
    *("Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Diogo", "Gene", "Gene2", "Henrique"),
    *("Hugo", "Jacky", "Lee", "Marco", "Mario", "Michael", "Mike", "Nguyen", "adam", "anika"),
    *("announcer", "antonio", "aunty", "belinda", "benjamin", "boris", "caleb", "david", "ed"),
    *("edward", "edward2", "grandma", "grandpa", "gustave", "iven", "iven2", "john", "linda"),
    *("kaukovalta", "marcelo", "max", "michel", "miguel", "norbert", "pablo", "paul", "pedro"),
    *("quincy", "rob", "robert", "sandro", "shelby", "steph", "steph2", "travis", "victor", "zac"),
    *("klatt", "klatt2", "klatt3", "klatt4"),
)
ACCENTS: tuple[str, ...] = ("en-us", "en-us", "en-us", "en-us-nyc", "en-gb-x-rp", "en-gb-scotland")

#: espeak's phoneme mnemonics for English to ARPAbet; diphthongs and r-coloured vowels are split
#: into several phones that share the time equally.
_ARPABET: dict[str, str] = {
    "p": "P",
    "b": "B",
    "t": "T",
    "d": "D",
    "k": "K",
    "g": "G",
    "f": "F",
    "v": "V",
    "s": "S",
    "z": "Z",
    "h": "HH",
    "m": "M",
    "n": "N",
    "l": "L",
    "r": "R",
    "w": "W",
    "j": "Y",
    "T": "TH",
    "D": "DH",
    "S": "SH",
    "Z": "ZH",
    "tS": "CH",
    "dZ": "JH",
    "N": "NG",
    "t2": "T",
    "t#": "D",
    "r-": "R",
    "l#": "L",
    "n-": "N",
    "m-": "M",
    "L": "L",
    "x": "K",
    "w#": "W",
    "?": SILENCE,
    "@": "AH",
    "@2": "AH",
    "@5": "AH",
    "a": "AE",
    "a#": "AH",
    "aa": "AE",
    "A": "AA",
    "A:": "AA",
    "A@": "AA R",
    "A~": "AA",
    "0": "AA",
    "0#": "AA",
    "O": "AO",
    "O:": "AO",
    "O@": "AO R",
    "O2": "AO",
    "o@": "AO R",
    "oU": "OW",
    "oU#": "OW",
    "V": "AH",
    "E": "EH",
    "E2": "EH",
    "e@": "EH R",
    "eI": "EY",
    "e": "EH",
    "e:": "EY",
    "i": "IY",
    "i:": "IY",
    "i@": "IY AH",
    "i@3": "IH R",
    "I": "IH",
    "I2": "IH",
    "I#": "IH",
    "I2#": "IH",
    "u": "UW",
    "u:": "UW",
    "U": "UH",
    "U@": "UH R",
    "aI": "AY",
    "aI@": "AY AH",
    "aI3": "AY ER",
    "aI2": "AY",
    "aU": "AW",
    "aU@": "AW AH",
    "OI": "OY",
    "3": "ER",
    "3:": "ER",
    "3#": "ER",
    "@L": "AH L",
    "IR": "IH R",
    "VR": "AH R",
    "o:": "OW",
    "o": "OW",
    "y": "UW",
    "@-": "AH",
    "a:": "AA",
    "A#": "AA",
}


@dataclass
class _Recording:
    """What the callback gathers during one call."""

    sound: list[NDArray[np.int16]] = field(default_factory=list)
    phones: list[tuple[int, str]] = field(default_factory=list)


class Espeak:
    """The library, which keeps global state: each call says anew who receives the sound."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("espeak-ng")
        if name is None:
            raise InputError("libespeak-ng is missing: install the package libespeak-ng1.")
        self._library = ctypes.CDLL(name)
        options = _PHONEME_EVENTS | _DONT_EXIT
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, options)
        if self._rate <= 0:
            raise InputError("espeak-ng cannot start: install the package espeak-ng-data.")
        self._recording = _Recording()
        self._callback = _Callback(self._receive)  # kept, or it would be collected

    def _receive(self, sound: object, count: int, events: object) -> int:
        if count > 0:
            block = np.ctypeslib.as_array(sound, (count,)).copy()  # type: ignore[arg-type]
            self._recording.sound.append(block)
        index = 0
        while events[index].type != _EVENT_END:  # type: ignore[index]
            event = events[index]  # type: ignore[index]
            if event.type == _EVENT_PHONEME:
                name = event.id.string.decode("utf-8", "replace")
                self._recording.phones.append((event.sample, name))
            index += 1
        return 0

    def speak(
        self, text: str, voice: str, words_per_minute: int, pitch: int, spread: int
    ) -> Utterance:
        """Say `text`.

        Args:
            text: English.
            voice: such as `en-us+f3`.
            words_per_minute: 80 to 450.
            pitch: 0 to 100, 50 is the voice's own.
            spread: range of the intonation, 0 to 100.

        Raises:
            InputError: the voice does not exist.
        """
        self._recording = _Recording()
        self._library.espeak_SetSynthCallback(self._callback)
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise InputError(f"espeak-ng has no voice {voice!r}: choose one of its variants.")
        for parameter, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, spread)):
            self._library.espeak_SetParameter(parameter, value, 0)
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        sound = np.concatenate(self._recording.sound).astype(np.float32) / 32768
        starts = np.array([s for s, _ in self._recording.phones]) / self._rate  # seconds
        names = [_ARPABET.get(name, SILENCE) for _, name in self._recording.phones]
        starts = _with_closures(names, starts)
        ends = np.append(starts[1:], len(sound) / self._rate)
        sound = soxr.resample(sound, self._rate, SAMPLE_RATE)
        return make_utterance(sound, names, starts, ends, f"espeak {voice}")


#: espeak-ng reports a voiceless stop at its burst, after the silence of its closure (measured: the
#: sound ends 40 ms before the event of P, T and K).
_CLOSURE_S = 0.045
_VOICELESS_STOPS = frozenset({"P", "T", "K", "CH"})


def _with_closures(names: list[str], starts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move the start of each voiceless stop back to the beginning of its closure."""
    moved = starts.copy()
    for i in range(1, len(names)):
        if names[i] in _VOICELESS_STOPS:
            moved[i] -= min(_CLOSURE_S, 0.5 * (starts[i] - starts[i - 1]))
    return moved
