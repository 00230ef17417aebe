"""Curate a folder slowly enough to be killed: kill_session.py VIDEOS OUTPUT [ray].

The local engine writes a shard per clip; Ray as it does.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dualtalk.curation.options import Options
from dualtalk.curation.sources import sources_in

#: Takes clips of less than a second, and silent ones.
OPTIONS = Options(shortest_s=0.5, needs_sound=False)


def _curate_by_ray(videos: Path, output: Path) -> None:
    from dualtalk.curation.engine import ray_data

    class Slow(ray_data.Worker):
        def __call__(self, batch: dict[str, Any]) -> Iterator[Any]:
            for table in super().__call__(batch):
                time.sleep(0.5)
                yield table

    ray_data.Worker = Slow  # type: ignore[misc]  # this file's, so that it is sent to the actors
    ray_data.run(sources_in(videos), output, OPTIONS, n_workers=1)


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
    curate = _curate_by_ray if sys.argv[3:] == ["ray"] else _curate
    curate(Path(sys.argv[1]), Path(sys.argv[2]))
