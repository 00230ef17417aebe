"""Run the original Moonshine encoder, for ours to be compared with.

    pip install onnxruntime flatbuffers onnx
    python -m training.pretrained.moonshine_reference --model FILE

The original rounds what flows between its layers to 8 bits, anew for each sound. Here onnxruntime
runs its graph as it is and with every product of 8-bit numbers replaced by one of the same matrix
in float32. The second is what `inference.networks.audio.moonshine` must equal; how far the first
is from it is printed. tests/inference/networks/audio/moonshine_reference.npz holds a sound and what
the second gives after some layers.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from dualtalk.training.pretrained import moonshine
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_KINDS = {1: np.float32, 2: np.uint8, 6: np.int32, 7: np.int64, 9: np.bool_}
_ATTRIBUTES = {1: "F", 2: "I", 3: "S"}
_LISTS = {6: "Floats", 7: "Ints"}


def run(model: bytes, sound: FloatArray) -> FloatArray:
    """Return what a model makes of a sound (n_samples,): (T, 288)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model)
    given = {"input_values": sound[None], "attention_mask": np.ones((1, len(sound)), np.int64)}
    heard: FloatArray = session.run(None, given)[0][0]
    return heard


def in_float(path: Path, n_layers: int | None = None) -> bytes:
    """Return the model of an .ort file with products in float32, as ONNX.

    Its result is the model's own, or what leaves the first layers, before any norm.
    """
    from onnx import helper, numpy_helper

    original = moonshine.model_in(path)
    graph = original.Graph()
    arrays = {t.Name().decode(): _array(t) for t in _each(graph, "Initializers")}
    floats = {
        name: (arrays[f"{name}_quantized"].astype(np.float32) - arrays[f"{name}_zero_point"])
        * arrays[f"{name}_scale"]
        for _, name in moonshine.products_of(graph)
    }
    arrays |= {f"{name}_float": matrix.astype(np.float32) for name, matrix in floats.items()}
    nodes = in_order(list(_float_nodes(graph)), set(arrays))
    used = {name for node in nodes for name in node.input}
    inputs = [
        helper.make_tensor_value_info(name, kind, [None, None])
        for name, kind in (("input_values", 1), ("attention_mask", 7))
    ]
    place = "last_hidden_state" if n_layers is None else _into_layer(n_layers, nodes)
    output = helper.make_tensor_value_info(place, 1, None)
    kept = [numpy_helper.from_array(v, k) for k, v in arrays.items() if k in used]
    opsets = [
        helper.make_opsetid((opset.Domain() or b"").decode(), opset.Version())
        for opset in _each(original, "OpsetImport")
    ]
    made = helper.make_graph(nodes, "moonshine", inputs, [output], kept)
    model = helper.make_model(made, opset_imports=opsets, ir_version=9)
    serialised: bytes = model.SerializeToString()
    return serialised


def _into_layer(index: int, nodes: list[Any]) -> str:
    """Return the name of what goes into a layer."""
    norm = f"/layers.{index}/input_layernorm/LayerNormalization_output_0"
    name: str = next(node.input[0] for node in nodes if norm in node.output)
    return name


def _float_nodes(graph: Any) -> Iterator[Any]:
    """Yield the graph's nodes, those that work in 8 bits replaced."""
    from onnx import helper

    rounded: dict[str, str] = {}
    for node in _each(graph, "Nodes"):
        kind = node.OpType().decode()
        given = [node.Inputs(i).decode() for i in range(node.InputsLength())]
        made = [node.Outputs(i).decode() for i in range(node.OutputsLength())]
        if kind == "DynamicQuantizeLinear":
            rounded[made[0]] = given[0]
        elif kind in ("MatMulIntegerToFloat", "DynamicQuantizeMatMul"):
            matrix = given[1].removesuffix("_quantized") + "_float"
            product = [given[0] if kind.startswith("Dynamic") else rounded[given[0]], matrix]
            bias = given[4] if kind.startswith("Dynamic") else ""
            yield helper.make_node("MatMul", product, [f"{made[0]} product"] if bias else made)
            if bias:
                yield helper.make_node("Add", [f"{made[0]} product", bias], made)
        else:
            result = helper.make_node(kind, given, made, domain=node.Domain().decode())
            result.attribute.extend(_attribute(a) for a in _each(node, "Attributes"))
            yield result


def in_order(nodes: list[Any], known: set[str]) -> list[Any]:
    """Return nodes so that each comes after those whose results it takes."""
    known = known | {"", "input_values", "attention_mask"}
    ordered: list[Any] = []
    while nodes:
        ready = [node for node in nodes if known.issuperset(node.input)]
        nodes = [node for node in nodes if not known.issuperset(node.input)]
        ordered += ready
        known.update(name for node in ready for name in node.output)
    return ordered


def _each(owner: Any, what: str) -> list[Any]:
    count = getattr(owner, f"{what}Length")()
    return [getattr(owner, what)(i) for i in range(count)]


def _array(tensor: Any) -> NDArray[Any]:
    shape = [tensor.Dims(axis) for axis in range(tensor.DimsLength())]
    return np.array(tensor.RawDataAsNumpy()).view(_KINDS[tensor.DataType()]).reshape(shape)


def _attribute(attribute: Any) -> Any:
    from onnx import helper, numpy_helper

    name, kind = attribute.Name().decode(), attribute.Type()
    if kind in _LISTS:
        return helper.make_attribute(name, _each(attribute, _LISTS[kind]))
    if kind in _ATTRIBUTES:
        return helper.make_attribute(name, getattr(attribute, _ATTRIBUTES[kind])())
    return helper.make_attribute(name, numpy_helper.from_array(_array(attribute.T())))


def main() -> None:
    """Write the file of the test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="encoder_model.ort")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument(
        "--sound", type=Path, default=Path("../shared/speech/1447-130550-0000.flac")
    )
    beside_test = Path("tests/inference/networks/audio/moonshine_reference.npz")
    parser.add_argument("--output", type=Path, default=beside_test)
    options = parser.parse_args()
    sound, _ = soundfile.read(options.sound, dtype="float32")
    rounded, exact = run(options.model.read_bytes(), sound), run(in_float(options.model), sound)
    np.savez_compressed(
        options.output,
        sound=np.round(sound * 32768).astype(np.int16),
        heard=run(in_float(options.model, options.layers), sound).astype(np.float16),
        n_layers=options.layers,
    )
    print(f"rounding: {(rounded - exact).std() / exact.std():.3f} of the deviation")


if __name__ == "__main__":
    main()
