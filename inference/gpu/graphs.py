"""Parts of a network replayed from CUDA graphs, where the same shapes come again.

Over a short dialogue a network is some hundred kernels of microseconds, which Python takes longer
to start than a GPU to run. A graph starts them all at once. Recording one costs as much as a few
runs, so it is done for shapes that have come before: shots of one length in a batch, windows of a
long recording. Many rows at once keep a GPU busy without.
"""

import logging
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_log = logging.getLogger(__name__)

#: Rows times frames up to which starting kernels takes longer than running them.
_MOST_ROWS_AND_FRAMES = 4096
#: Shapes that are remembered of a network; each graph holds the memory of one run.
_KEPT = 8

Function = Callable[..., tuple[Tensor, ...]]


@dataclass
class _Recorded:
    """A graph, and the tensors that it reads and writes."""

    graph: torch.cuda.CUDAGraph
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


#: Of every network, by part and shapes: how often they came, or the graph.
_graphs: weakref.WeakKeyDictionary[nn.Module, OrderedDict[Any, int | _Recorded]] = (
    weakref.WeakKeyDictionary()
)
#: How many were recorded, for tests.
n_recorded = 0


def run(
    network: nn.Module,
    function: Function,
    *inputs: Tensor,
    n_frames: int,
    after: int,
) -> tuple[Tensor, ...]:
    """Return `function` of the inputs, from a graph where there is one.

    Args:
        network: that the function belongs to, and all else that it reads with it.
        function: tensors in, tensors out, without a look at their numbers.
        inputs: of any shapes; the first axis is the rows.
        n_frames: of a row.
        after: runs of the same shapes before a graph is recorded.
    """
    device = inputs[0].device
    if device.type != "cuda" or len(inputs[0]) * n_frames > _MOST_ROWS_AND_FRAMES:
        return function(*inputs)
    known = _graphs.setdefault(network, OrderedDict())
    key = _key(function, inputs)
    found = known.setdefault(key, 0)
    known.move_to_end(key)
    while len(known) > _KEPT:
        known.popitem(last=False)
    if isinstance(found, int):
        if found < after:
            known[key] = found + 1
            return function(*inputs)
        found = known[key] = _recorded(function, inputs)
    for kept, given in zip(found.inputs, inputs, strict=True):
        kept.copy_(given)
    found.graph.replay()
    return tuple(each.clone() for each in found.outputs)


def _key(function: Function, inputs: tuple[Tensor, ...]) -> Any:
    """Return all that a graph depends on beside the numbers."""
    tf32 = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    return function.__name__, tuple((each.shape, each.dtype) for each in inputs), tf32


def _recorded(function: Function, inputs: tuple[Tensor, ...]) -> _Recorded:
    """Record a run over copies of these tensors."""
    global n_recorded
    kept = tuple(each.clone() for each in inputs)
    main = torch.cuda.current_stream(inputs[0].device)
    # Once outside, so that libraries choose their algorithms; on a stream of its own, as recording.
    stream = torch.cuda.Stream(inputs[0].device)  # type: ignore[no-untyped-call]
    stream.wait_stream(main)
    with torch.cuda.stream(stream):
        function(*kept)
    main.wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        outputs = function(*kept)
    n_recorded += 1
    _log.debug("Recorded %s of %d rows.", function.__name__, len(kept[0]))
    return _Recorded(graph, kept, outputs)
