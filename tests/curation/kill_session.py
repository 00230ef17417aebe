"""Curate a folder, a shard per clip, slowly enough to be killed: kill_session.py VIDEOS OUTPUT."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dualtalk.curation.options import Options
from dualtalk.curation.sources import sources_in

#: Takes clips of less than a second, and silent ones.
OPTIONS = Options(shortest_s=0.5, needs_sound=False)


def _curate(videos: Path, output: Path) -> None:
    # Tests take OPTIONS from here also where the packages of the pipeline are not installed.
    from dualtalk.curation.engine import local

    rows_of = local.rows_of

    def slowly(*arguments: Any) -> Iterator[Any]:
        for row in rows_of(*arguments):
            yield row
            time.sleep(0.1)

    local.rows_of = slowly  # type: ignore[assignment]
    local.run(sources_in(videos), output, OPTIONS, most_rows=1)


if __name__ == "__main__":
    _curate(Path(sys.argv[1]), Path(sys.argv[2]))
