"""What a training run does, read from a TOML file."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dualtalk.core.errors import InputError
from dualtalk.core.names import Basis


@dataclass(frozen=True)
class Stage:
    """A part of the run with one kind of data and one schedule."""

    kind: Literal["monologues", "dialogues", "dualtalk", "video"]
    steps: int
    batch: int  #: dialogues, that is pairs of heads, per step and process
    frames: int  #: length of a window at 25 fps
    rate: float  #: highest learning rate of the cosine schedule
    encoder_rate: float = 1.0  #: the audio encoder's share of it; at 0 it only listens
    shares: tuple[float, ...] = ()  #: how often each of the run's sources is drawn
    separated: float = 0.0  #: how often a track was cut out of a mixture
    #: So many examples are made, encoded by the pretrained encoder and kept; 0 makes each anew.
    n_examples: int = 0
    #: Share of the way that the weights go in this stage which is kept at its end; in between
    #: often generalises better than either end (Wortsman et al. 2022, WiSE-FT).
    blend: float = 1.0
    #: How much an error of the aperture counts where lips meet and where they rest in silence.
    meeting_weight: float = 6.0
    silence_weight: float = 2.5
    bleed_db: float = 22.0  #: the partner is at least this much quieter in the own microphone


@dataclass(frozen=True)
class TrainingConfig:
    """A whole run."""

    name: str
    seed: int
    stages: tuple[Stage, ...]
    basis: Basis = "arkit"  #: flame for the DualTalk data set
    sources: tuple[str, ...] = ()  #: corpora in the cache folder, `NAME.npz`
    #: What departs from `compact_config`, by the names of `DualTalkConfig`.
    network: dict[str, Any] = field(default_factory=dict)
    audio: dict[str, Any] = field(default_factory=dict)  #: the same of `CompactAudioConfig`
    shards: str = ""  #: of `python -m dualtalk.curation`, for stages of the kind video
    #: Checkpoint whose weights and sizes the run goes on from: a path, or `bundled`.
    begin: str = ""
    path: str = ""  #: of the file that it was read from

    @staticmethod
    def load(path: Path) -> "TrainingConfig":
        """Read a config.

        Raises:
            InputError: the file is missing, is no TOML, or holds what no run has.
        """
        try:
            values: dict[str, Any] = tomllib.loads(path.read_text())
            stages = tuple(
                Stage(**{**stage, "shares": tuple(stage.get("shares", ()))})
                for stage in values.pop("stages")
            )
            sources = tuple(values.pop("sources", ()))
            config = TrainingConfig(**values, stages=stages, sources=sources, path=path.as_posix())
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise InputError(f"{path} is not a training config: {error}.") from error
        for stage in stages:
            if stage.kind == "video" and not config.shards:
                raise InputError(f"{path} has a stage of video: name its folder of shards.")
            if stage.kind in ("monologues", "dialogues") and len(stage.shares) != len(sources):
                raise InputError(
                    f"{path} has a stage with {len(stage.shares)} shares for {len(sources)} "
                    "sources: give one share per source."
                )
        return config
