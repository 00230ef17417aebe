"""A disk that is full, where one may be mounted (root): one line, code 1, the old files kept."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk.cli import main
from dualtalk.tests.commands.small_disk import fill, small_disk

OLD = {"o_speaker1.npz": b"old", "o_speaker2.npz": b"other"}


@pytest.mark.parametrize("left", [0, 8_192, 20_480])
def test_both_files_stay_as_they_were(
    left: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Room for none of them, and for one of the two."""
    tracks = [str(tmp_path / f"{name}.wav") for name in "ab"]
    for track in tracks:
        soundfile.write(track, 0.1 * np.random.default_rng(0).standard_normal(32_000), 16_000)
    with small_disk(tmp_path / "disk", 1 << 20) as folder:
        for name, content in OLD.items():
            (folder / name).write_bytes(content)
        fill(folder, left)
        assert main(["predict", *tracks, "--output", str(folder / "o")]) == 1
        found = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "fill"}
        assert found == OLD
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("dualtalk: e")]
    assert len(said) == 1
    assert "the disk is full" in said[0]
