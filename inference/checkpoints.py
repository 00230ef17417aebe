"""Weights on disk: one way to write and to read every network, from one table.

A checkpoint is a safetensors file whose metadata say which network it holds (the tag), its sizes
(`config`), the basis of the motion that it writes, a name for users, and how it was made (`card`).
A new network is a module and a row in `NETWORKS`; one that consists of parts is a module that
holds them (`networks/mixed.py`).
"""

import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, get_args, overload

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ..core.damage import DAMAGE, json_object, short
from ..core.errors import CheckpointError
from ..core.files import atomic
from ..core.names import Basis
from ..core.paths import ASSETS
from .networks.audio.moonshine import Moonshine, MoonshineConfig
from .networks.config import DualTalkConfig
from .networks.director import DirectorConfig, DirectorNetwork
from .networks.dualtalk import DualTalk
from .networks.mixed import MixedConfig, MixedNetwork
from .networks.speaker.voices import VoiceConfig, VoiceNetwork
from .weights import eight_bits, pretrained
from .weights.older_names import renamed_tensors, renamed_values
from .weights.without_memory import without_memory


class Config(Protocol):
    """Sizes and variants of a network, as JSON can hold them."""

    def to_dict(self) -> dict[str, Any]:
        """Return what the metadata keep."""

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "Config":
        """Read what `to_dict` gave."""


#: Tag in the metadata -> the module, which takes its config and keeps it as `config`.
NETWORKS: dict[str, tuple[type[nn.Module], type[Config]]] = {
    "dualtalk": (DualTalk, DualTalkConfig),
    "mixed": (MixedNetwork, MixedConfig),
    "voices": (VoiceNetwork, VoiceConfig),
    "moonshine": (Moonshine, MoonshineConfig),
    "director": (DirectorNetwork, DirectorConfig),
}
#: What each tag is called in messages.
_CALLED = {
    "dualtalk": "a DualTalk checkpoint: for a published .pth run "
    "'dualtalk convert DualTalk.pth out.safetensors' first",
    "mixed": "the network for one mixed track: choose another file, or two separate tracks",
    "moonshine": "the pretrained speech encoder: install DualTalk again",
    "voices": "the network that tells who speaks when: choose another file",
    "director": "the network that reads descriptions: choose another file",
}
#: No network of ours is larger in any of its sizes, or deeper.
_MOST_SIZE, _MOST_LAYERS = 1 << 16, 64
_KEPT = 5

N = TypeVar("N", bound=nn.Module)


@dataclass(frozen=True)
class Loaded(Generic[N]):
    """A network with its weights, ready to run on the CPU; copy it before changing it."""

    network: N
    basis: Basis = "arkit"  #: of the motion that it writes, if it writes any
    name: str = ""  #: shown to users
    card: dict[str, str] = field(default_factory=dict)  #: how it was made, as its maker wrote it


#: A network of two tracks.
Checkpoint = Loaded[DualTalk]


@dataclass(frozen=True)
class Found:
    """A checkpoint file and what its metadata says."""

    path: Path
    network: str
    basis: str


def bundled_path(kind: type[nn.Module] = DualTalk) -> Path:
    """Return the checkpoint of a network that ships with DualTalk."""
    return ASSETS / f"{_tag_of(kind)}.safetensors"


def find(folder: Path = ASSETS) -> list[Found]:
    """Return the DualTalk checkpoints in a folder, by name."""
    found = []
    for path in sorted(folder.glob("*.safetensors")):
        metadata = read_metadata(path)
        if metadata.get("network") == "dualtalk":
            found.append(Found(path, metadata["network"], metadata.get("basis", "")))
    return found


def save(
    path: Path,
    network: nn.Module,
    basis: Basis = "arkit",
    name: str = "",
    card: dict[str, str] | None = None,
    *,
    is_half: bool = False,
) -> None:
    """Write the weights and the config whole or not at all.

    Args:
        path: of the file.
        network: what is kept, one of `NETWORKS`.
        basis: of the motion that it writes.
        name: shown to users; the file's by default.
        card: how it was made.
        is_half: keep the weights in half precision, or in 8 bits if that loses nothing;
            buffers stay as they are.

    Raises:
        InputError: the folder cannot be written to.
    """
    config: Any = network.config
    metadata = {
        "network": _tag_of(type(network)),
        "name": name or path.stem,
        "basis": basis,
        "config": json.dumps(config.to_dict()),
        "card": json.dumps(card or {}),
    }
    state = pretrained.without(network.state_dict(), network)
    tensors = {key: value.contiguous().cpu() for key, value in state.items()}
    if is_half:
        names = {name for name, _ in network.named_parameters()}
        for key in names & set(tensors):
            tensors |= eight_bits.packed(key, tensors[key])
    with atomic(path) as temporary:
        save_file({key: value.clone() for key, value in tensors.items()}, temporary, metadata)


@overload
def load(path: Path) -> Checkpoint: ...
@overload
def load(path: Path, kind: type[N]) -> Loaded[N]: ...
def load(path: Path, kind: Any = DualTalk) -> Loaded[Any]:
    """Read a network; nothing in the file is executed.

    What was read last is kept: the same unchanged file gives the same object.

    Args:
        path: of the file.
        kind: the network that it should hold, one of `NETWORKS`.

    Raises:
        CheckpointError: the file is missing, damaged, or holds another network.
    """
    if not path.is_file():
        raise CheckpointError(f"The checkpoint {path} does not exist: choose another file.")
    state = path.stat()
    return _loaded(path.resolve(), _tag_of(kind), (state.st_size, state.st_mtime_ns))


def forget() -> None:
    """Keep no network any longer; what is in use stays until it is let go."""
    _loaded.cache_clear()


def give_speech_encoder(network: nn.Module) -> None:
    """Give every pretrained speech encoder in a network the weights that ship, frozen.

    Raises:
        CheckpointError: they are missing or damaged.
    """
    pretrained.give(network, _speech_encoder())


def _speech_encoder() -> pretrained.Weights:
    try:
        return load(bundled_path(Moonshine), Moonshine).network.state_dict()
    except CheckpointError as error:
        raise CheckpointError(
            f"The speech encoder cannot be read ({error}) Install DualTalk again."
        ) from error


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of a safetensors file.

    Raises:
        CheckpointError: the file is missing or is no safetensors.
    """
    if not path.is_file():
        raise CheckpointError(f"The checkpoint {path} does not exist: choose another file.")
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} cannot be read as safetensors ({short(error)}): for a published .pth run "
            "'dualtalk convert DualTalk.pth out.safetensors' first."
        ) from error


@functools.lru_cache(maxsize=_KEPT)
def _loaded(path: Path, tag: str, state: tuple[int, int]) -> Loaded[Any]:
    """Read a file in this state (size, time of change)."""
    metadata = read_metadata(path)
    metadata = {"card": "{}", **metadata}
    if metadata.get("network") != tag:
        raise CheckpointError(f"{path} is not {_CALLED.get(tag, f'a network {tag!r}')}.")
    cls, config_cls = NETWORKS[tag]
    basis = metadata.get("basis", "arkit")
    try:
        if basis not in get_args(Basis):
            raise ValueError(f"the basis {basis!r} is neither arkit nor flame")
        values = json_object(metadata["config"])
        card = {str(key): str(said) for key, said in json_object(metadata["card"]).items()}
        _check_sizes(values)
        config = config_cls.from_dict(renamed_values(values))
        with without_memory():  # the parameters get it when they are read
            network = cls(config)
        state_dict = renamed_tensors(_tensors(path))
        if pretrained.is_in(network):
            state_dict = pretrained.completed(state_dict, network, _speech_encoder())
        network.load_state_dict(state_dict, assign=True)
    except (*DAMAGE, SafetensorError) as error:
        raise CheckpointError(
            f"{path} does not fit its own config ({short(error)}): it is damaged, was edited or "
            "is of another version; get it again, or update DualTalk."
        ) from error
    if isinstance(network, DualTalk):
        network.share_equal_features()
    network.eval().requires_grad_(False)
    return Loaded(
        network,
        "flame" if basis == "flame" else "arkit",
        metadata.get("name", path.stem),
        card,
    )


def _tensors(path: Path) -> dict[str, Tensor]:
    """Return the weights of a file in the precision that networks compute in."""
    with safe_open(path, framework="pt") as file:
        kept = {key: file.get_tensor(key) for key in file.keys()}
    found = {key: _in_float32(tensor) for key, tensor in eight_bits.unpacked(kept).items()}
    for key, value in found.items():
        if value.is_floating_point() and not bool(value.sum().isfinite()):
            raise ValueError(f"{key} holds numbers that are not finite")
    return found


def _in_float32(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.dtype == torch.float16 else tensor


def _check_sizes(value: Any, name: str = "") -> None:
    """Refuse a config by arithmetic, before a network is built that no memory holds.

    Raises:
        ValueError: a size is beyond any network's.
    """
    if isinstance(value, dict):
        for key, entry in value.items():
            _check_sizes(entry, str(key))
    elif isinstance(value, list):
        if len(value) > _MOST_LAYERS:
            raise ValueError(f"{name} has {len(value)} entries")
        for entry in value:
            _check_sizes(entry, name)
    elif isinstance(value, int | float):
        most = _MOST_LAYERS if name.endswith("layers") else _MOST_SIZE
        if not 0 <= value <= most:
            raise ValueError(f"{name} is {value:.6g}")


def _tag_of(kind: type[nn.Module]) -> str:
    return next(tag for tag, (cls, _) in NETWORKS.items() if cls is kind)
