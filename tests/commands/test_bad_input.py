"""Options and files that cannot be used: one line, code 2, no traceback, nothing left behind."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk import cli
from dualtalk.commands import turns
from dualtalk.commands.common import options
from dualtalk.commands.common.table import COMMANDS
from dualtalk.core.directing.staging import PRESETS
from dualtalk.core.motion import Motion


@pytest.fixture
def tracks(tmp_path: Path) -> tuple[str, str]:
    generator = np.random.default_rng(0)
    paths = (str(tmp_path / "a.wav"), str(tmp_path / "b.wav"))
    for path in paths:
        soundfile.write(path, 0.1 * generator.standard_normal(8_000), 16_000)
    return paths


def said(text: str) -> str:
    """Return the only line that is for the user."""
    lines = [line for line in text.splitlines() if line.startswith("dualtalk: ")]
    assert len(lines) == 1, text
    assert "Traceback" not in text
    assert len(lines[0]) <= 320
    return lines[0]


def code_of(arguments: list[str]) -> int:
    try:
        return cli.main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.parametrize(
    "given",
    [
        ["--seed", "-1"],
        ["--seed", "99999999999999999999"],
        ["--seed", "one"],
        ["--window", "inf"],
        ["--window", "nan"],
        ["--window", "0.5"],
        ["--duration", "inf"],
        ["--duration", "nan"],
        ["--duration", "0"],
        ["--duration", "-3"],
        ["--checkpoint", ""],
        ["--staging", "nowhere"],
    ],
)
def test_numbers_out_of_range_are_refused(
    given: list[str], tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of(["predict", *tracks, "--output", str(tmp_path / "o"), *given]) == 2
    assert given[0] in said(capsys.readouterr().err)
    assert not list(tmp_path.glob("o*"))


@pytest.mark.parametrize("fps", ["0", "nan", "inf", "-25", "1e9", "x"])
def test_frame_rates_are_refused(
    fps: str, tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["animate", *tracks, "--output", str(tmp_path / "o.blend"), "--fps", fps]
    assert code_of(arguments) == 2
    assert "--fps" in said(capsys.readouterr().err)


@pytest.mark.parametrize("where", ["", "..", "/", "{folder}", "{file}/x", "{long}"])
def test_outputs_that_are_no_place_for_a_file(
    where: str, tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f_speaker1.npz").mkdir()
    output = where.format(folder=tmp_path / "f", file=tracks[0], long=tmp_path / ("n" * 250))
    assert code_of(["predict", *tracks, "--output", output]) == 2
    assert said(capsys.readouterr().err)


def test_a_fifo_is_no_sound_and_no_place(
    tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fifo = tmp_path / "fifo.rttm"
    os.mkfifo(fifo)
    assert code_of(["predict", str(fifo), tracks[1], "--output", str(tmp_path / "o")]) == 2
    assert "no file" in said(capsys.readouterr().err)
    assert code_of(["turns", tracks[0], "--rttm", str(fifo)]) == 2
    assert "pipe" in said(capsys.readouterr().err)


def test_an_output_is_never_an_input(
    tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = tmp_path / "in_speaker1.npz"
    sound.write_bytes(Path(tracks[0]).read_bytes())
    before = sound.read_bytes()
    assert code_of(["predict", str(sound), tracks[1], "--output", str(tmp_path / "in")]) == 2
    assert "input" in said(capsys.readouterr().err)
    assert sound.read_bytes() == before


@pytest.mark.parametrize("name", ["n" * 300, "d/" * 2100 + "x"])
def test_names_that_are_too_long(
    name: str, tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = ["--output", str(tmp_path / "o")]
    for words in (
        ["predict", name, tracks[1], *output],
        ["predict", *tracks, *output, "--checkpoint", name],
        ["turns", name],
        ["evaluate", name, name],
    ):
        assert code_of(words) == 2
        assert said(capsys.readouterr().err)


def test_links_that_lead_in_a_circle(
    tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for words in (
        ["predict", str(loop), tracks[1], "--output", str(tmp_path / "o")],
        ["predict", *tracks, "--output", str(loop / "o")],
        ["stage", str(loop), "--output", str(tmp_path / "o.blend")],
    ):
        assert code_of(words) == 2
        assert said(capsys.readouterr().err)


def test_a_partners_motion_is_not_written_over(
    tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    partner = tmp_path / "o_speaker1.npz"
    Motion.at_rest(5).save(partner)
    content = partner.read_bytes()
    words = ["predict", *tracks, "--partner-motion", str(partner), "--output", str(tmp_path / "o")]
    assert code_of(words) == 2
    assert "input" in said(capsys.readouterr().err)
    assert partner.read_bytes() == content


def test_a_write_protected_file_is_kept(
    tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "o_speaker1.npz"
    old.write_bytes(b"precious")
    old.chmod(0o444)
    assert code_of(["predict", *tracks, "--output", str(tmp_path / "o")]) == 2
    assert old.read_bytes() == b"precious"


def test_names_that_are_no_text_and_have_lines(
    tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("bad\udcff\udc80", "a\nb\tc", "ä ß 中 😀", "%s {0}"):
        sound = tmp_path / f"{name}.wav"
        sound.write_bytes(Path(tracks[0]).read_bytes())
        output = tmp_path / f"o{name}"
        assert code_of(["predict", str(sound), tracks[1], "--output", str(output), "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert len(shown["outputs"]) == 2
        assert output.with_name(f"o{name}_speaker1.npz").is_file()


def test_names_that_blender_cannot_hold(
    tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("bpy", reason="needs Blender as a module")
    odd = tmp_path / "bad\udcff.wav"
    odd.write_bytes(Path(tracks[0]).read_bytes())
    for sound, output in ((str(odd), "o.blend"), (tracks[0], "bad\udcff.blend")):
        assert code_of(["animate", sound, tracks[1], "--output", str(tmp_path / output)]) == 2
        assert "rename it" in said(capsys.readouterr().err)
    assert not list(tmp_path.glob("*.blend"))


def test_a_name_is_one_field_of_rttm() -> None:
    assert turns.rttm_name("two\nlines and\ttabs") == "two_lines_and_tabs"
    assert " " not in turns.rttm_name("bad\udcff name")
    assert turns.rttm_name("") == "recording"


def test_a_full_disk_is_one_line_and_leaves_nothing(
    tracks: tuple[str, str], tmp_path: Path
) -> None:
    """A limit on the size of files fails as a full disk does, in the middle of writing."""
    arguments = ["predict", *tracks, "--output", str(tmp_path / "o")]
    done = subprocess.run(
        [sys.executable, "-m", "dualtalk.entry", *arguments],
        capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
        env=os.environ | {"OMP_NUM_THREADS": "1", "DUALTALK_CACHE": str(tmp_path / "cache")},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "too large" in said(done.stderr)
    assert not list(tmp_path.glob("o*"))
    assert not list(tmp_path.glob(".dualtalk*"))


def test_a_home_that_cannot_be_written_is_no_reason_to_fail(
    tracks: tuple[str, str], tmp_path: Path
) -> None:
    """Libraries keep what they compile below it; /proc takes no folder, not even of root."""
    environment = os.environ | {"HOME": "/proc/nobody", "OMP_NUM_THREADS": "1"}
    for name in ("DUALTALK_CACHE", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"):
        environment.pop(name, None)
    words = ["predict", *tracks, "--output", str(tmp_path / "o")]
    done = subprocess.run(
        [sys.executable, "-B", "-m", "dualtalk.entry", *words],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert len(list(tmp_path.glob("o_speaker*.npz"))) == 2


@pytest.mark.parametrize("closed", ["0<&-", ">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_reason_to_fail(
    closed: str, tracks: tuple[str, str], tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "dualtalk.entry", "evaluate", *tracks]
    for more, code in (([], 2), (["--help"], 0)):
        line = f"exec {' '.join([*words, *more])} {closed}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert "Traceback" not in done.stderr


def test_json_says_what_went_wrong(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert code_of(["evaluate", "none.npz", "none.npz", "--json"]) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["exit_code"] == 2
    assert "none.npz" in said(shown.err)


def test_every_command_has_json_and_help() -> None:
    parser = cli.build_parser()
    for command in COMMANDS:
        with pytest.raises(SystemExit) as stop:
            parser.parse_args([command.NAME, "--help"])
        assert stop.value.code == 0
        assert command.__doc__
    names = [command.NAME for command in COMMANDS]
    assert len(set(names)) == len(names)


def test_the_names_of_presets_are_those_that_there_are() -> None:
    assert set(options.PRESET_NAMES) == set(PRESETS)
