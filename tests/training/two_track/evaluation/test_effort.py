"""Lines that are made over: a shout is more excited than the reading, a whisper has no pitch."""

import numpy as np
import soundfile
from dualtalk.core.conversation.dialogue import SAMPLE_RATE, n_frames_of
from dualtalk.core.paths import ASSETS
from dualtalk.inference.postprocess.arousal import arousal, voice_of
from dualtalk.training.two_track.evaluation.effort import WAYS


def test_a_shout_is_excited_and_a_whisper_has_no_pitch() -> None:
    sound, _ = soundfile.read(ASSETS / "demo_speaker1.flac", dtype="float32")
    sound = sound[: 10 * SAMPLE_RATE]
    made = {name: way(sound) for name, way in WAYS.items()}
    excited = {name: float(arousal(s, n_frames_of(len(s))).mean()) for name, s in made.items()}
    assert excited["shouted"] > excited["as it was read"] + 0.1
    assert excited["whispered"] < excited["as it was read"]  # which the demo reads calmly
    voiced = {
        name: float(np.isfinite(voice_of(s, n_frames_of(len(s))).pitch).mean())
        for name, s in made.items()
    }
    assert voiced["whispered"] < 0.1 < voiced["as it was read"]
    levels = [np.sqrt(np.square(s).mean()) for s in made.values()]
    np.testing.assert_allclose(levels, levels[0], rtol=1e-3)
