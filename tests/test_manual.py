"""Every command of the manual and of the README is run as it stands there, on a second of sound.

What takes hours (training, curation) is looked up: its module, its options, the files it names.
"""

import ast
import importlib.util
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk.cli import main
from dualtalk.core.formats import live_link
from dualtalk.core.motion import Motion

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.tests.rig.gaze.test_gaze_moves import characters  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: Modules of these do hours of work.
_LONG = ("training.", "dualtalk.curation", "modelling.")


def lines() -> Iterator[tuple[str, str]]:
    """Yield every line of code with its page's name, without comments and `[--options]`."""
    for page in PAGES:
        is_fenced = False
        for line in page.read_text("utf-8").splitlines():
            if line.startswith("```"):
                is_fenced = not is_fenced
            elif is_fenced or line.startswith("    "):
                plain = re.sub(r"(^|\s+)# .*$", "", re.sub(r"\[--[^]]*\]", "", line)).strip()
                if plain:
                    yield page.stem, plain


def commands(start: str) -> list[tuple[str, str]]:
    """Return the lines that begin with a word, each once."""
    found = {line: page for page, line in lines() if re.match(rf"{start}\b", line)}
    return [(page, line) for line, page in found.items()]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every file that the commands read, but scenes."""
    folder = tmp_path_factory.mktemp("manual")
    voices = [
        soundfile.read(ROOT / "assets" / f"demo_speaker{who}.flac", dtype="float32")
        for who in (1, 2)
    ]
    (one, rate), (other, _) = voices
    first, second = np.zeros((2, 2 * rate), np.float32)
    first[:rate], second[rate:] = _speech(one, rate), _speech(other, rate)
    for name in ("A", "a", "anna"):
        soundfile.write(folder / f"{name}.wav", first, rate)
    for name in ("B", "b", "ben"):
        soundfile.write(folder / f"{name}.wav", second, rate)
    talk = np.tile(first + second, 10)  # a voice is given as 12.5 to 15 seconds
    soundfile.write(folder / "talk.wav", talk[: 16 * rate], rate)
    Motion.at_rest(50).save(folder / "B.npz")
    live_link.write_together([folder / "face.csv"], [Motion.at_rest(50)])
    (folder / "talk.txt").write_text("Anna: Did you find it?\nBen: No.\n")
    (folder / "talk.srt").write_text(
        "1\n00:00:00,000 --> 00:00:01,000\nAnna: Did you find it?\n\n"
        "2\n00:00:01,000 --> 00:00:02,000\nBen: No.\n"
    )
    page = (ROOT / "docs" / "batch.md").read_text("utf-8")
    shots = re.search(r"\n    \[defaults\].*?(?=\n\n\|)", page, re.DOTALL)
    (folder / "shots.toml").write_text(re.sub(r"\n    ", "\n", shots[0]), encoding="utf-8")
    return folder


def _speech(voice: np.ndarray, rate: int) -> np.ndarray:
    """Return the loudest second of a voice."""
    seconds = voice[: len(voice) // rate * rate].reshape(-1, rate)
    loudest: np.ndarray = seconds[np.square(seconds).sum(axis=1).argmax()]
    return loudest


@pytest.fixture(scope="module")
def scene_file(sounds: Path) -> Path:
    """Return a scene in which two heads talk."""
    path = sounds / "performed.blend"
    arguments = ["animate", str(sounds / "A.wav"), str(sounds / "B.wav"), "--fps", "8"]
    assert main([*arguments, "--output", str(path)]) == 0
    return path


@pytest.fixture
def place(sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to work in, with copies of what commands read."""
    for path in sounds.iterdir():
        if path.suffix != ".blend":
            shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("page", "line"), commands("dualtalk"), ids=lambda text: text[:60])
def test_a_command_of_the_manual_works(
    place: Path, scene_file: Path, page: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(line)[1:]
    needed = {word for word in words if word.endswith(".blend") and "--output" not in words[:1]}
    if "--character-a" in words:
        two = [mesh for mesh, _ in characters()]
        for mesh, name in zip(two, ("Ann", "Bob"), strict=True):
            mesh.name = name
        bpy.ops.wm.save_as_mainfile(filepath=str(place / "shot.blend"))
    else:
        outputs = {words[index + 1] for index, word in enumerate(words) if word == "--output"}
        for name in needed - outputs:
            shutil.copy(scene_file, place / name)
    if words[0] == "retake":  # frames of the page's, of a longer scene than this one
        words = ["3" if word == "40" else "8" if word == "90" else word for word in words]
    if words[0] == "animate" and "--mixed" not in words:
        words += ["--fps", "8"]
    if "--mixed" in words:
        words += ["--duration", "2"]
    code = main(words)
    said = capsys.readouterr().err
    if "recognised" in said or "pocketsphinx" in said:
        pytest.skip("no recogniser is installed")
    assert code == 0, said
    for index, word in enumerate(words):
        if word in ("--output", "--preview", "--rttm") and "predict" not in words:
            assert (place / words[index + 1]).stat().st_size > 0
    if words[0] == "export":
        assert all((place / word).stat().st_size > 0 for word in words[2:])


def calls() -> list[tuple[str, tuple[str, ...]]]:
    """Return the buttons that the manual presses in Python, and with which options."""
    found = {}
    for _, line in lines():
        for match in re.finditer(r"bpy\.ops\.dualtalk\.\w+\([^)]*\)", line):
            call = ast.parse(match[0]).body[0].value  # type: ignore[attr-defined]
            found[call.func.attr, tuple(word.arg for word in call.keywords)] = match[0]
    return list(found)


def source(*folders: str) -> str:
    """Return the code of folders as one text."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return "\n".join(path.read_text("utf-8") for path in paths)


@pytest.mark.parametrize(("name", "options"), calls())
def test_a_button_of_the_manual_is_pressed_in_tests(name: str, options: tuple[str, ...]) -> None:
    code = source("operators")
    assert f'"dualtalk.{name}"' in (ROOT / "operator_names.py").read_text()
    for option in options:
        assert re.search(rf"^    {option}: \w+Property\(", code, re.MULTILINE), option
    assert re.search(rf"\b{name}\b", source("tests")), "no test presses it"


@pytest.mark.parametrize(
    ("page", "line"),
    [*commands("python -m"), *commands("torchrun"), *commands("for f in")],
    ids=lambda text: text[:60],
)
def test_what_takes_long_is_there(page: str, line: str) -> None:
    module = re.search(r"-m ([\w.]+)", line)[1]
    path = ROOT.joinpath(*module.removeprefix("dualtalk.").split("."))
    code = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "cli.py"
    assert code.is_file(), f"{page}: there is no module {module}"
    assert importlib.util.find_spec(module) is not None
    assert module.startswith(_LONG) or module.startswith("dualtalk.inference")
    text = code.read_text("utf-8") + source(code.parent.relative_to(ROOT).as_posix())
    for option in re.findall(r"(?<=\s)--[a-z][a-z-]*", line.split("-m ", 1)[1]):
        assert f'"{option}"' in text, f"{page}: {module} has no {option}"
    for config in re.findall(r"[\w/]+/configs/[\w*.-]+", line):
        assert list(ROOT.glob(config)), f"{page}: there is no {config}"


def test_the_targets_of_make_are_there() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    said = {
        target for page in PAGES for target in re.findall(r"[`\s]make ([a-z-]+)`", page.read_text())
    }
    assert said
    assert said <= targets
