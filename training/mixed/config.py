"""What a training run of the network of one mixed track does, read from a TOML file."""

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dualtalk.core.errors import InputError
from dualtalk.inference.networks.unet import UNetConfig


@dataclass(frozen=True)
class DataSet:
    """Dialogues that are made once."""

    name: str
    sources: tuple[str, ...]  #: corpora in the cache folder, `NAME.npz`
    shares: tuple[float, ...]  #: how often each is heard
    count: int
    seed: int

    def path(self, cache: Path) -> Path:
        """Where the set is kept."""
        return cache / f"mixed-{self.name}-{self.count}.npz"


@dataclass(frozen=True)
class MixedStage:
    """A part of the run."""

    steps: int
    rate: float
    full: int  #: scenes per step from the first set, with every loss
    lips: int = 0  #: scenes per step from the second set, with the loss of the lips alone
    video: int = 0  #: scenes per step from shards of video, as far as they are to be trusted
    #: How much what speech moves counts in video beside the rest: lips are known best before.
    mouth: float = 1.0
    smiles: float = 1.0  #: how much more than other shapes those of a smile count
    shift: float = 1.0  #: of the noise levels that are drawn (`diffusion.shifted`)


@dataclass(frozen=True)
class Weights:
    """What each part of the loss counts.

    Motion is normalised channel by channel, which does for rotations what the paper's weight of 8
    does in radians; `gaze` is the paper's, `meeting` the angle to the partner's head.
    """

    expression: float = 1.0
    rotation: float = 1.0
    translation: float = 0.3
    velocity: float = 1.0
    gaze: float = 5.0
    meeting: float = 5.0
    lips: float = 30.0


@dataclass(frozen=True)
class MixedConfig:
    """A whole run."""

    name: str
    seed: int
    sets: tuple[DataSet, ...]  #: synthetic voices with exact motion, then real voices
    stages: tuple[MixedStage, ...]
    shards: str = ""  #: folder of shards that `python -m dualtalk.curation` wrote
    #: Checkpoint whose weights, sizes and audio encoder the run goes on from: a path, or `bundled`.
    begin: str = ""
    network: UNetConfig = field(default_factory=UNetConfig)
    weights: Weights = field(default_factory=Weights)

    @staticmethod
    def load(path: Path) -> "MixedConfig":
        """Read a config.

        Raises:
            InputError: the file is missing, is no TOML, holds what no run has, or a stage draws
                from what it does not name.
        """
        try:
            values: dict[str, Any] = tomllib.loads(path.read_text())
            sets = tuple(
                DataSet(**{**v, "sources": tuple(v["sources"]), "shares": tuple(v["shares"])})
                for v in values.pop("sets", ())
            )
            stages = tuple(MixedStage(**stage) for stage in values.pop("stages"))
            network = replace(UNetConfig(), **values.pop("network", {}))
            network = replace(network, sizes=tuple(network.sizes))
            weights = Weights(**values.pop("weights", {}))
            config = MixedConfig(
                **values, sets=sets, stages=stages, network=network, weights=weights
            )
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} is not a config of this training: {error}.") from error
        _check(config, path)
        return config


def _check(config: MixedConfig, path: Path) -> None:
    """Refuse a stage that draws from what the config does not name, or from nothing."""
    for stage in config.stages:
        missing = {
            "a first set (full)": stage.full and len(config.sets) < 1,
            "a second set (lips)": stage.lips and len(config.sets) < 2,
            "shards (video)": stage.video and not config.shards,
            "scenes: full, lips or video": not stage.full + stage.lips + stage.video,
        }
        for what, is_missing in missing.items():
            if is_missing:
                raise InputError(f"{path} has a stage that needs {what}: add it.")
