"""Make the dialogue in assets/: two synthetic voices, turns, an overlap, back-channels.

    python scripts/make_demo_dialogue.py

Needs the program `flite` (its voices slt and rms are free to redistribute). Each speaker has a
track of their own; a line starts a pause after, or an overlap before, the end of the line above.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

ASSETS = Path(__file__).resolve().parents[1] / "assets"
SAMPLE_RATE = 16_000
VOICES = ("slt", "rms")


@dataclass(frozen=True)
class Line:
    """One utterance; `gap_s` is counted from the end of the line that `after` points back to."""

    speaker: int
    gap_s: float
    text: str
    after: int = 1


#: A negative gap overlaps. The back-channels are set against the line before them, so the line
#: after goes back two.
LINES = (
    Line(0, 0.4, "Good morning! Did you hear about the bridge?"),
    Line(1, 0.6, "No, what happened?"),
    Line(0, 0.4, "They moved both towers over night, and nobody woke up. Five people saw it."),
    Line(1, -1.9, "Oh. Really?"),
    Line(1, 0.5, "But how would you move a bridge without making any noise?", after=2),
    Line(0, -0.3, "Very slowly, I suppose, with oil, and a good many boats."),
    Line(1, -1.6, "Mm hm."),
    Line(1, 0.9, "Well, perhaps we should go and have a look before they move it back.", after=2),
    Line(0, 0.5, "Yes! Bring a camera. I will bring the coffee."),
)


def speak(text: str, voice: str) -> np.ndarray:
    """Return one spoken line, (n_samples,) in [-1, 1] at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
        samples, rate = soundfile.read(path)
    if rate != SAMPLE_RATE:
        raise SystemExit(f"flite wrote {rate} Hz, not {SAMPLE_RATE} Hz: use its 16 kHz voices.")
    return 0.6 * samples / np.abs(samples).max()


def lay_out(lines: tuple[Line, ...]) -> np.ndarray:
    """Return both tracks of the conversation, (2, n_samples)."""
    spoken = [speak(line.text, VOICES[line.speaker]) for line in lines]
    ends: list[int] = []
    starts: list[int] = []
    for line, samples in zip(lines, spoken, strict=True):
        previous = ends[-line.after] if ends else 0
        starts.append(previous + round(line.gap_s * SAMPLE_RATE))
        ends.append(starts[-1] + len(samples))
    tracks = np.zeros((2, max(ends) + SAMPLE_RATE // 2))
    for line, start, samples in zip(lines, starts, spoken, strict=True):
        tracks[line.speaker, start : start + len(samples)] += samples
    return tracks


def main() -> None:
    """Write assets/demo_speaker1.flac and assets/demo_speaker2.flac."""
    tracks = lay_out(LINES)
    for number, track in enumerate(tracks, start=1):
        soundfile.write(ASSETS / f"demo_speaker{number}.flac", track, SAMPLE_RATE)
    print(f"{tracks.shape[1] / SAMPLE_RATE:.1f} s of dialogue in {ASSETS}")


if __name__ == "__main__":
    main()
