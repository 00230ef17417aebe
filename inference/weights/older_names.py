"""Names that checkpoints of earlier versions have for what is called otherwise now."""

from typing import Any

from torch import Tensor

#: Parts of the tensors' names, then of the config's.
_TENSORS = {
    "audio_encoder1.heard.": "audio_encoder1.pretrained_projection.",
    "ears.": "audio_encoder.",
    "conditioner.heard_": "conditioner.features_",
}
_VALUES = {"hears_lips": "predicts_lips", "n_heard": "n_features", "ears": "audio_encoder"}


def renamed_tensors(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return weights under the names of this version."""

    def renamed(key: str) -> str:
        for old, new in _TENSORS.items():
            if key.startswith(old) or f".{old}" in key:
                key = key.replace(old, new, 1)
        return key

    return {renamed(key): value for key, value in state.items()}


def renamed_values(values: dict[str, Any]) -> dict[str, Any]:
    """Return a config, as JSON holds it, under the names of this version."""
    return {
        _VALUES.get(key, key): renamed_values(value) if isinstance(value, dict) else value
        for key, value in values.items()
    }
