"""The stages over many videos by Ray Data: actors that keep the face model, on any cluster.

It needs `pip install -c constraints.txt "ray[data]==2.60.0"` beside the other packages.
Two actors on two cores leave nothing to who writes when each asks for a whole one, so each asks for
0.8 and writing for 0.2.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...core.errors import InputError
from ..faces.enlarging import Enlarger
from ..options import Options
from ..pipeline import landmarker_of, rows_of
from ..records import shards
from ..sources import Source
from . import memory, output

_CPUS, _WRITING_CPUS = 0.8, 0.2
#: A shard holds what comes of so many videos at most; a kill loses no more of each actor.
_MOST_VIDEOS = 16


class Worker:
    """An actor: it opens the face model once, and works on one video after the other.

    It writes the files of a clip before it gives the row away, so that a row which a shard holds
    has its files, whatever is killed when.
    """

    def __init__(
        self, options: Options, done: frozenset[str], folder: Path, is_dataset: bool
    ) -> None:
        memory.save_memory()
        self.options, self.done = options, done
        self.folder, self.is_dataset = folder, is_dataset
        self.landmarker = landmarker_of(options)

    def __call__(self, batch: dict[str, Any]) -> Iterator[Any]:
        """Yield the rows of a video as tables, one by one."""
        import pyarrow

        for path, name in zip(batch["path"], batch["name"], strict=True):
            rows = rows_of(Path(str(path)), str(name), self.landmarker, self.options, self.done)
            for row in rows:
                memory.after_clip()
                output.write_clips([row], self.folder, self.is_dataset)
                yield pyarrow.Table.from_pylist([row], schema=shards.schema())


def run(
    sources: Sequence[Source],
    folder: Path,
    options: Options,
    is_dataset: bool = False,
    n_workers: int = 2,
    gpus_each: float = 0.0,
    address: str | None = None,
) -> output.Counts:
    """Work on every clip that no shard holds yet, on a cluster or on this machine.

    Args:
        sources: videos, at paths that every machine of the cluster sees.
        folder: to write to, which every machine sees too.
        options: thresholds.
        is_dataset: also in the layout of the DualTalk data set.
        n_workers: how many actors.
        gpus_each: share of a GPU that each actor is given.
        address: of a running cluster; None starts Ray on this machine alone.

    Raises:
        InputError: Ray is not installed, the folder cannot be made, or there are more workers than
            the cores are enough for.
    """
    ray = _ray()
    if options.super_resolution is not None:
        Enlarger(options.super_resolution)  # what is wrong with it is said here, not by an actor
    output.prepare(folder)
    done = frozenset(shards.done(folder / output.SHARDS))
    if not ray.is_initialized():
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves this machine
        memory.save_memory_of_children()
        ray.init(address=address, include_dashboard=False, log_to_driver=False)
    if address is None:  # a cluster may grow
        check_cores(n_workers, float(ray.cluster_resources().get("CPU", 0.0)))
    rows = [{"path": str(source.path.resolve()), "name": source.name} for source in sources]
    # Parts are made here: a task that makes them asks for a core, and the actors leave it none.
    videos = ray.data.from_items(rows, override_num_blocks=n_parts(len(rows), n_workers))
    videos.map_batches(
        Worker,
        fn_constructor_args=(options, done, folder.resolve(), is_dataset),
        batch_size=1,
        # one at a time: a second would wait behind a long video while another actor is idle
        compute=ray.data.ActorPoolStrategy(size=n_workers, max_tasks_in_flight_per_actor=1),
        num_cpus=_CPUS,
        num_gpus=gpus_each or None,
    ).write_parquet(
        str((folder / output.SHARDS).resolve()), ray_remote_args={"num_cpus": _WRITING_CPUS}
    )
    return output.finish(folder)


def n_parts(n_videos: int, n_workers: int) -> int:
    """Return in how many parts videos are given to actors: each is done before its shard is."""
    return min(n_videos, max(4 * n_workers, -(-n_videos // _MOST_VIDEOS)))


def check_cores(n_workers: int, cores: float) -> None:
    """Refuse what Ray would wait for without an end.

    Raises:
        InputError: the cores are too few for so many workers and who writes.
    """
    fit = max(1, int((cores - _WRITING_CPUS) / _CPUS + 1e-6))
    if not 1 <= n_workers <= fit:
        raise InputError(
            f"Ray has {cores:g} cores here, which are enough for 1 to {fit} workers and who "
            f"writes, not for {n_workers}: choose --workers so, or give the --address of a cluster."
        )


def _ray() -> Any:
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise InputError(
            'No Ray here: pip install -c constraints.txt "ray[data]==2.60.0", or use '
            "--engine local, which runs the same stages on this machine."
        ) from error
    return ray
