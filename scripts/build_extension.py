"""Build dist/dualtalk-VERSION.zip, the extension that Blender installs, from what git tracks."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: What ships; everything else (tests, training, docs, ...) stays out.
SHIPPED_FOLDERS = (
    *("assets", "batch", "commands", "core", "evaluation", "handlers", "inference", "operators"),
    *("panels", "preferences", "properties", "rig"),
)
SHIPPED_FILES = (
    *("__init__.py", "blender_manifest.toml", "cli.py", "console.py", "operator_names.py"),
    *("registration.py", "status.py", "LICENSE", "constraints.txt", "environment.lock"),
)
#: What somebody waits for who tries it, megabytes.
_MOST_MB = 45.0


def tracked() -> list[str]:
    """Return the files that ship, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *SHIPPED_FOLDERS, *SHIPPED_FILES],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def blender_tool() -> Path:
    """Return Blender's own tool for extensions, which runs under plain Python."""
    import bpy  # imported late: only to find where it lies

    scripts = Path(bpy.utils.resource_path("LOCAL")) / "scripts"
    return scripts / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"


def main() -> int:
    """Copy what ships into a clean folder, validate it and build the zip."""
    dist = ROOT / "dist"
    dist.mkdir(exist_ok=True)
    tool = [sys.executable, str(blender_tool())]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "dualtalk"
        for name in tracked():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
        for command in (
            ["validate", str(source)],
            ["build", "--source-dir", str(source), "--output-dir", str(dist)],
        ):
            code = subprocess.run([*tool, *command], check=False).returncode
            if code:
                return code
    newest = max(dist.glob("dualtalk-*.zip"), key=lambda path: path.stat().st_mtime)
    size_mb = newest.stat().st_size / 1e6
    print(f"{size_mb:.1f} MB, at most {_MOST_MB:.0f}")
    return int(size_mb > _MOST_MB)


if __name__ == "__main__":
    sys.exit(main())
