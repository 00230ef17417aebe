"""Where the files that ship with DualTalk lie."""

from pathlib import Path

#: The folder of the package itself.
ROOT = Path(__file__).resolve().parents[1]
#: The bundled networks, the built-in head, tables.
ASSETS = ROOT / "assets"
