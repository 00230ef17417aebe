"""A shot: the sound that goes in, how it is played and placed, and the files that come out."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.files import real
from ..core.names import SPEAKERS

#: What each kind of output ends in; motion is a pair of files of that beginning.
SUFFIXES = {
    "scene": (".blend",),
    "preview": (".mp4",),
    "usd": (".usdc",),
    "alembic": (".abc",),
    "fbx": (".fbx",),
    "gltf": (".glb",),
}
#: The work on a shot, in order.
STEPS = ("analyse", "animate", "preview")


@dataclass(frozen=True)
class Outputs:
    """The files that a shot gives; each is asked for or not."""

    motion: Path | None = None  #: DIR/NAME of DIR/NAME_speaker1.npz and DIR/NAME_speaker2.npz
    scene: Path | None = None
    preview: Path | None = None
    usd: Path | None = None
    alembic: Path | None = None
    fbx: Path | None = None
    gltf: Path | None = None

    def __post_init__(self) -> None:
        for kind, path in self.given().items():
            endings = SUFFIXES.get(kind, ())
            if endings and path.suffix.lower() not in endings:
                raise InputError(f"{path} does not end in {endings[0]}: give it that name.")

    def given(self) -> dict[str, Path]:
        """Return the outputs that are asked for, by kind."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return {kind: path for kind, path in named.items() if path is not None}

    def files(self) -> dict[str, tuple[Path, ...]]:
        """Return the files of each kind."""
        found: dict[str, tuple[Path, ...]] = {k: (path,) for k, path in self.given().items()}
        if self.motion is not None:
            found["motion"] = tuple(
                self.motion.with_name(f"{self.motion.name}_{speaker}.npz") for speaker in SPEAKERS
            )
        return found

    @property
    def needs_scene(self) -> bool:
        """Whether anything is asked for that Blender makes."""
        return any(kind != "motion" for kind in self.given())


@dataclass(frozen=True)
class Shot:
    """Everything that decides what a shot looks like."""

    name: str
    sounds: tuple[Path, ...] = ()  #: a track per speaker, or one stereo file
    face_a: Path | None = None  #: a recording of the first speaker's face: the other one reacts
    face_b: Path | None = None
    mixed: Path | None = None  #: one recording with both voices, in place of `sounds`
    turns: Path | None = None  #: of `mixed`: who speaks when
    voice_a: Path | None = None  #: of `mixed`: some seconds of the first speaker alone
    swap_voices: bool = False  #: of `mixed`: the first voice is the second speaker's
    duration: float | None = None  #: seconds; the beginning of the sound alone
    checkpoint: Path | None = None  #: None: the bundled one
    device: str = "auto"
    precision: str = "float32"
    window: float | None = None  #: seconds
    seed: int = 0
    raw: bool = False
    staging: str | None = None  #: a preset; None: an interview, or as a given scene has it
    sentence: str = ""  #: in place of `staging`
    scene: Path | None = None  #: a .blend that holds the characters; it is read, never written
    characters: tuple[str, ...] = ()  #: of `scene`: the names of both objects
    cuts: bool = False
    fps: float | None = None  #: None: 25, or as a given scene has it
    outputs: Outputs = field(default_factory=Outputs)

    def __post_init__(self) -> None:
        if (self.mixed is None) == (not self.sounds):
            raise InputError(
                "Give either the speakers' sounds (two files, or one stereo file), or one mixed "
                "recording."
            )
        if len(self.sounds) > 2:
            raise InputError(f"{len(self.sounds)} sounds are given: a conversation has two.")
        for name in ("turns", "voice_a", "swap_voices"):
            if getattr(self, name) and self.mixed is None:
                raise InputError(f"'{name}' goes with a mixed recording: add 'mixed'.")
        if self.mixed is not None and (self.face_a or self.face_b):
            raise InputError(
                "A captured face goes with a sound per speaker: leave 'mixed' out, or the face."
            )
        if len(self.characters) not in (0, 2):
            raise InputError(f"{len(self.characters)} characters are named: give both.")
        if self.characters and self.scene is None:
            raise InputError("Characters are named but no scene that holds them: add 'scene'.")
        if len(set(self.characters)) == 1:
            raise InputError(f"Both characters are {self.characters[0]!r}: name two.")
        self._check_outputs()

    def _check_outputs(self) -> None:
        read = {real(path) for path in self.inputs()}
        for paths in self.outputs.files().values():
            for path in paths:
                if real(path) in read:
                    raise InputError(f"{path} is an input of the same shot: choose another name.")

    def inputs(self) -> tuple[Path, ...]:
        """Return the files that the shot reads, the checkpoint among them if one is named."""
        faces = (self.face_a, self.face_b)
        given = (
            *(*self.sounds, *faces, self.mixed, self.turns, self.voice_a),
            *(self.checkpoint, self.scene),
        )
        return tuple(path for path in given if path is not None)

    def steps(self) -> tuple[str, ...]:
        """Return the work that the shot asks for, in order."""
        steps = ["analyse"]
        if self.outputs.needs_scene:
            steps.append("animate")
        if self.outputs.preview is not None:
            steps.append("preview")
        return tuple(steps)

    def to_json(self) -> dict[str, Any]:
        """Return the shot as JSON holds it."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Shot":
        """Return what `to_json` gave."""
        values = dict(values)
        outputs = {k: Path(v) for k, v in values.pop("outputs").items() if v is not None}
        for name in ("face_a", "face_b", "mixed", "turns", "voice_a", "checkpoint", "scene"):
            values[name] = None if values[name] is None else Path(values[name])
        values["sounds"] = tuple(Path(each) for each in values["sounds"])
        values["characters"] = tuple(values["characters"])
        return Shot(**values, outputs=Outputs(**outputs))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value
