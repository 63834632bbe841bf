"""Turns the matrix products of an ONNX model into int8, with one activation scale a token.

onnxruntime's own dynamic quantisation takes one scale for a whole batch: what a text becomes then depends on
its neighbours (cosine .995 to itself) and one outlier coarsens all. With a scale a token (LLM.int8(),
Dettmers and others 2022, section 2.1, names it vector-wise) a text becomes the same vector in any batch.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Weights take seven bits: on processors with AVX2 but without VNNI, products of uint8 activations and int8
# weights are summed in pairs in 16 bits and clipped beyond 32,767; 2 x 255 x 63 = 32,130 stays below.
WEIGHT_TOP = 63
ACTIVATION_TOP = 127
ZERO_POINT = 128  # activations are stored unsigned: onnxruntime's fast kernels want uint8 x int8


def quantise(model: onnx.ModelProto) -> int:
    """Replace each product with a constant matrix, in place; returns how many there were."""
    graph = model.graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    _add(graph, "quantise/axis", np.array([-1], np.int64))
    _add(graph, "quantise/step", np.array(1 / ACTIVATION_TOP, np.float32))
    _add(graph, "quantise/tiny", np.array(1e-9, np.float32))
    _add(graph, "quantise/shift", np.array(ZERO_POINT, np.float32))
    _add(graph, "quantise/zero_point", np.array(ZERO_POINT, np.uint8))
    nodes: list[onnx.NodeProto] = []
    done: set[str] = set()
    n_products = 0
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in weights:
            nodes.append(node)
            continue
        activation, weight = node.input
        if activation not in done:  # query, key and value share theirs
            nodes.extend(_quantise_activation(activation))
            done.add(activation)
        _add_weight(graph, weight, weights[weight])
        nodes.extend(_integer_product(activation, weight, node.output[0]))
        n_products += 1
    _replace_nodes(graph, nodes)
    return n_products


def _quantise_activation(name: str) -> Iterator[onnx.NodeProto]:
    yield helper.make_node("Abs", [name], [f"{name}/abs"])
    yield helper.make_node("ReduceMax", [f"{name}/abs", "quantise/axis"], [f"{name}/top"], keepdims=1)
    yield helper.make_node("Mul", [f"{name}/top", "quantise/step"], [f"{name}/bare_scale"])
    yield helper.make_node("Add", [f"{name}/bare_scale", "quantise/tiny"], [f"{name}/scale"])
    yield helper.make_node("Div", [name, f"{name}/scale"], [f"{name}/steps"])
    yield helper.make_node("Round", [f"{name}/steps"], [f"{name}/rounded"])
    yield helper.make_node("Add", [f"{name}/rounded", "quantise/shift"], [f"{name}/shifted"])
    yield helper.make_node("Cast", [f"{name}/shifted"], [f"{name}/uint8"], to=TensorProto.UINT8)


def _integer_product(activation: str, weight: str, output: str) -> Iterator[onnx.NodeProto]:
    factors = [f"{activation}/uint8", f"{weight}/int8", "quantise/zero_point"]
    yield helper.make_node("MatMulInteger", factors, [f"{output}/int32"])
    yield helper.make_node("Cast", [f"{output}/int32"], [f"{output}/float"], to=TensorProto.FLOAT)
    yield helper.make_node("Mul", [f"{output}/float", f"{activation}/scale"], [f"{output}/half"])
    yield helper.make_node("Mul", [f"{output}/half", f"{weight}/scale"], [output])


def _add_weight(graph: onnx.GraphProto, name: str, weight: np.ndarray) -> None:
    scale = np.maximum(np.abs(weight).max(axis=0) / WEIGHT_TOP, 1e-12).astype(np.float32)  # one a column
    _add(graph, f"{name}/int8", np.rint(weight / scale).astype(np.int8))
    _add(graph, f"{name}/scale", scale)


def _add(graph: onnx.GraphProto, name: str, value: np.ndarray) -> None:
    graph.initializer.append(numpy_helper.from_array(value, name))


def _replace_nodes(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
