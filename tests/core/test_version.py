"""One version, wherever it stands."""

import tomllib
from pathlib import Path

import dualtalk
from dualtalk.core.version import VERSION

ROOT = Path(__file__).resolve().parents[2]


def test_all_say_the_same_version() -> None:
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert manifest["version"] == VERSION == dualtalk.__version__
