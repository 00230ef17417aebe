"""Time an epoch of training on made-up files in the DualTalk data set's layout.

Use: python scripts/time_epoch.py [--conversations 16] [--seconds 30] [--batch 8] [--device auto]
Sound is the bundled demo, motion is smooth noise: what is learned is of no use, what it costs is
what the real files cost. An epoch takes one window of each head; every window reads both sounds and
both motions, as the data set is read.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
import torch
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.training.two_track import train
from dualtalk.training.two_track.config import TrainingConfig
from dualtalk.training.two_track.dualtalk_dataset import DualTalkDataset

ASSETS = Path(__file__).resolve().parents[1] / "assets"
CONFIG = """
name = "epoch"
seed = 1
basis = "flame"
[[stages]]
kind = "dualtalk"
steps = {steps}
batch = {batch}
frames = {frames}
rate = 1.0e-4
"""


def main() -> None:
    """Write the files, train an epoch, and print what it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--conversations", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=200, help="of a window")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_conversations(folder / "data", options.conversations, options.seconds)
        data = DualTalkDataset(folder / "data", options.frames, seed=1)
        steps = len(data.heads) // options.batch
        run = started(folder, steps, options)
        used, start = time.process_time(), time.perf_counter()
        train.train_stage(run, data, options.workers)
        took_s, used_s = time.perf_counter() - start, time.process_time() - used
    minutes = steps * options.batch * options.frames / NETWORK_FPS / 60
    sys.stdout.write(
        f"{run.device}, torch {torch.__version__}: {len(data.heads)} heads, {steps} steps of "
        f"{options.batch} windows: {took_s:.1f} s, {used_s:.1f} s of the processor in this "
        f"process, {took_s / steps:.2f} s a step, {took_s / minutes:.1f} s a minute of motion\n"
    )


def started(folder: Path, steps: int, options: argparse.Namespace) -> train.Run:
    """Begin a run of one epoch."""
    path = folder / "epoch.toml"
    path.write_text(CONFIG.format(steps=steps, batch=options.batch, frames=options.frames))
    found = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(found if options.device == "auto" else options.device)
    return train.start(TrainingConfig.load(path), folder, device)


def write_conversations(folder: Path, count: int, seconds: float) -> None:
    """Write NAME_speaker1 and 2 as .wav and .npz, as the data set's files are called."""
    folder.mkdir()
    draw = np.random.default_rng(0)
    voices = [soundfile.read(ASSETS / f"demo_speaker{n}.flac", dtype="float32") for n in (1, 2)]
    n_frames = round(seconds * NETWORK_FPS)
    for index in range(count):
        for number, (voice, rate) in enumerate(voices, 1):
            path = folder / f"{index}_speaker{number}"
            stretch = np.resize(np.roll(voice, -index * rate), round(seconds * rate))
            soundfile.write(path.with_suffix(".wav"), stretch, rate)
            noise = 0.05 * draw.standard_normal((n_frames + 24, 56))
            smooth = np.stack([np.convolve(each, np.ones(25) / 5, "valid") for each in noise.T], 1)
            parts = smooth[:, :50], smooth[:, 53:], smooth[:, 50:53]
            Motion.from_arrays(*parts, basis="flame").save(path.with_suffix(".npz"))


if __name__ == "__main__":
    main()
