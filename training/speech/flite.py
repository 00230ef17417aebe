"""Speech of flite and festival, which say when each phone ends."""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.core.errors import InputError
from dualtalk.training.speech.phones import SILENCE, Utterance, make_utterance

VOICES: tuple[str, ...] = ("slt", "awb", "rms", "kal16")

#: Phones of the two synthesisers that ARPAbet as we use it lacks.
_ARPABET = {"pau": SILENCE, "ax": "AH", "ix": "IH", "dx": "D", "axr": "ER", "h#": SILENCE}
_ARPABET |= {"brth": SILENCE, "el": "AH L", "em": "AH M", "en": "AH N", "hv": "HH", "nx": "N"}


def speak(text: str, voice: str, stretch: float, pitch_hz: float) -> Utterance:
    """Say `text` with flite.

    Args:
        text: English.
        voice: one of `VOICES`.
        stretch: of all durations, 1 is the voice's own.
        pitch_hz: mean of the intonation.

    Raises:
        InputError: flite is missing or cannot speak.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}"]
        command += ["--setf", f"int_f0_target_mean={pitch_hz:.1f}", "-psdur", "-t", text]
        listing = _run([*command, "-o", str(path)])
        sound, rate = soundfile.read(path, dtype="float32")
    pairs = [item.rsplit(":", 1) for item in listing.split()]
    ends = np.array([float(end) for _, end in pairs])
    return _utterance(sound, rate, [name for name, _ in pairs], ends, f"flite {voice}")


#: Voices of festival: diphones of two men, and a statistical model of a woman.
FESTIVAL_VOICES: tuple[str, ...] = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")


def speak_festival(texts: list[str], voice: str, stretch: float) -> list[Utterance]:
    """Say several texts with one of `FESTIVAL_VOICES`, in one run since festival starts slowly.

    Raises:
        InputError: festival is missing or cannot speak.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = [f"(voice_{voice}) (Parameter.set 'Duration_Stretch {stretch:.3f})"]
        for index, text in enumerate(texts):
            script.append(
                f'(let ((u (utt.synth (Utterance Text "{text}"))))'
                f'(utt.save.wave u "{folder}/{index}.wav" (quote riff))'
                f'(utt.save.segs u "{folder}/{index}.seg"))'
            )
        path = Path(folder) / "say.scm"
        path.write_text("\n".join(script))
        _run(["festival", "-b", str(path)])
        return [_read_festival(Path(folder), index, voice) for index in range(len(texts))]


def _read_festival(folder: Path, index: int, voice: str) -> Utterance:
    """Read a sound and its segments in Entropic's layout: end, colour, name per line."""
    sound, rate = soundfile.read(folder / f"{index}.wav", dtype="float32")
    body = (folder / f"{index}.seg").read_text().split("#", 1)[1]
    rows = [line.split() for line in body.splitlines() if line.strip()]
    ends = np.array([float(row[0]) for row in rows])
    return _utterance(sound, rate, [row[2] for row in rows], ends, f"festival {voice}")


def _utterance(
    sound: np.ndarray, rate: int, names: list[str], ends: np.ndarray, voice: str
) -> Utterance:
    if rate != SAMPLE_RATE:
        sound = soxr.resample(sound, rate, SAMPLE_RATE)
    phones = [_ARPABET.get(name, name.upper()) for name in names]
    return make_utterance(sound, phones, np.append(0.0, ends[:-1]), ends, voice)


def _run(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise InputError(f"{command[0]} cannot speak: install its Debian package.") from error
