"""Writing the characters of a saved scene in a Blender of its own: the user's goes on."""

import os
import sys
from pathlib import Path

from ..core.jobs.requests import ExportRequest
from ..core.jobs.results import write_json
from ..core.progress import part_of
from ..inference.workers import protocol
from .video import opened


def main(arguments: list[str]) -> int:
    """Do the `ExportRequest` in a job's folder; return the exit code."""
    # What exporters print is kept off standard output; our own lines go on.
    sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return protocol.serve(ExportRequest, run, Path(arguments[0]))


def run(request: ExportRequest, folder: Path) -> None:
    """Open the file and write its characters.

    Raises:
        InputError: the file cannot be opened, or the folder cannot be written to.
        RigError: there are no characters, or Blender's exporter fails.
    """
    from ..rig.output import export, face_files

    scene = opened(request)
    protocol.report(0.2, f"writing {Path(request.output).name}")
    notes: list[str] = []
    if request.form in face_files.FORMS:
        report = part_of(protocol.report, 0.2, 0.99)
        files = face_files.write(scene, Path(request.output), request.form, report)
        notes = [f"Wrote {file.name}." for file in files[1:]]
        write_json(folder, {"path": str(files[0]), "notes": notes})
        return
    path = export.write(
        scene, Path(request.output), request.form, request.bakes, request.starts_at_zero, notes
    )
    write_json(folder, {"path": str(path), "notes": notes})
    protocol.report(0.99, "done")
