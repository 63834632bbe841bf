"""The encoder as an ONNX graph, written node by node: int8 products with one activation scale a token.

onnxruntime's own dynamic quantisation takes one scale for a whole batch: what a text becomes then depends on its
neighbours (cosine .995 to itself) and one outlier coarsens all. With a scale a token (LLM.int8(), Dettmers and others
2022, section 2.1, names it vector-wise) a text becomes the same vector in any batch. No exporter writes that, and
what one exports besides costs more than half of the time in small steps; so the graph is laid out here, tokens of all
texts one under the other, with onnxruntime's fused steps (domain com.microsoft) where they exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Weights take seven bits: on processors with AVX2 but without VNNI, products of uint8 activations and int8
# weights are summed in pairs in 16 bits and clipped beyond 32,767; 2 x 255 x 63 = 32,130 stays below.
WEIGHT_TOP = 63
ACTIVATION_TOP = 127
ZERO_POINT = 128  # activations are stored unsigned: onnxruntime's fast kernels want uint8 x int8
OPSET, IR_VERSION = 18, 9
_FUSED = "com.microsoft"


@dataclass(frozen=True)
class Sizes:
    """Sizes of a BERT: width, its layers, attention heads, and what layer norms add to a variance."""

    hidden: int
    layers: int
    heads: int
    layer_norm_eps: float


@dataclass(frozen=True)
class WordVectors:
    """Word vectors in blocks: int8 codes (pieces, hidden) and a float16 scale for each block (pieces, hidden / block)."""

    codes: np.ndarray
    scales: np.ndarray


def sentence_encoder(words: WordVectors, weights: Mapping[str, np.ndarray], sizes: Sizes) -> onnx.ModelProto:
    """A model from ``input_ids`` and ``attention_mask``, int64 (batch, tokens), to ``embedding``, float32 (batch, hidden) of unit length.

    Args:
        weights: float32, by their names in transformers' BertModel; matrices as (out, in).
    """
    return _Graph(weights, sizes).build(words)


class _Graph:
    """Nodes and constants in the making. Names of values are the names of the nodes that give them."""

    def __init__(self, weights: Mapping[str, np.ndarray], sizes: Sizes) -> None:
        self._weights, self._sizes = weights, sizes
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def build(self, words: WordVectors) -> onnx.ModelProto:
        self._prepare_shapes()
        tokens = self._embed(words)
        for layer in range(self._sizes.layers):
            tokens = self._layer(f"encoder.layer.{layer}", tokens)
        self._pool(tokens)
        ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask")]
        vectors = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", self._sizes.hidden])
        graph = helper.make_graph(self._nodes, "sentence_encoder", ids, [vectors], list(self._constants.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="scripts/encoder/e5_graph.py")

    def _prepare_shapes(self) -> None:
        hidden = self._sizes.hidden
        self._constant("rows", np.array([-1, hidden], np.int64))
        self._constant("one", np.array(1, np.float32))
        self._constant("step", np.array(1 / ACTIVATION_TOP, np.float32))
        self._constant("tiny", np.array(1e-9, np.float32))
        self._constant("last_axis", np.array([-1], np.int64))
        self._constant("zero_point", np.array(ZERO_POINT, np.uint8))
        shape = self._node("Shape", "ids_shape", ["input_ids"])
        self._node("Concat", "text_shape", [shape, self._constant("width", np.array([hidden], np.int64))], axis=0)
        n_tokens = self._node("ReduceProd", "n_tokens", [shape], keepdims=1)
        self._node("Expand", "zero_points", ["zero_point", n_tokens])

    def _embed(self, words: WordVectors) -> str:
        n_blocks = words.scales.shape[1]
        blocks = self._constant("blocks", np.array([0, 0, n_blocks, -1], np.int64))
        codes = self._node("Gather", "word_codes", [self._constant("codes", words.codes), "input_ids"])
        codes = self._node("Cast", "word_codes_float", [codes], to=TensorProto.FLOAT)
        codes = self._node("Reshape", "word_blocks", [codes, blocks])
        scales = self._node("Gather", "word_scales", [self._constant("scales", words.scales), "input_ids"])
        scales = self._node("Cast", "word_scales_float", [scales], to=TensorProto.FLOAT)
        scales = self._node("Unsqueeze", "word_scales_wide", [scales, "last_axis"])
        vectors = self._node("Mul", "word_scaled", [codes, scales])
        vectors = self._node("Reshape", "word_vectors", [vectors, "text_shape"])
        # Every token is of the first type, so its vector is part of every position's.
        positions = self._weights["embeddings.position_embeddings.weight"] + self._weights["embeddings.token_type_embeddings.weight"][0]
        begin = self._constant("begin", np.array([0], np.int64))
        n_positions = self._node("Slice", "n_positions", ["ids_shape", self._constant("second", np.array([1], np.int64)), self._constant("third", np.array([2], np.int64))])
        positions = self._node("Slice", "positions_used", [self._constant("positions", positions), begin, n_positions])
        vectors = self._node("Add", "placed", [vectors, positions])
        vectors = self._node("Reshape", "placed_rows", [vectors, "rows"])
        norm = [self._weight("embeddings.LayerNorm.weight"), self._weight("embeddings.LayerNorm.bias")]
        self._node("Cast", "mask", ["attention_mask"], to=TensorProto.INT32)
        return self._node("LayerNormalization", "embedded", [vectors, *norm], axis=-1, epsilon=self._sizes.layer_norm_eps)

    def _layer(self, name: str, tokens: str) -> str:
        attention = self._attend(f"{name}.attention", tokens)
        product = self._product(f"{name}.attention.output.dense", attention)
        tokens = self._add_and_norm(f"{name}.attention.output", product, tokens)
        inner = self._product(f"{name}.intermediate.dense", tokens)
        inner = self._node("BiasGelu", f"{name}.gelu", [inner, self._weight(f"{name}.intermediate.dense.bias")], domain=_FUSED)
        return self._add_and_norm(f"{name}.output", self._product(f"{name}.output.dense", inner), tokens)

    def _attend(self, name: str, tokens: str) -> str:
        """Self-attention, (n, hidden) to (n, hidden); query, key and value are one product."""
        parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
        matrix = np.concatenate([self._weights[f"{part}.weight"] for part in parts])
        bias = self._constant(f"{name}.bias", np.concatenate([self._weights[f"{part}.bias"] for part in parts]))
        product = self._product(f"{name}.qkv", tokens, matrix)
        split = [f"{part}.rows" for part in parts]
        self._nodes.append(helper.make_node("Split", [product], split, name=f"{name}.split", axis=-1, num_outputs=3))
        texts = [self._node("Reshape", part, [rows, "text_shape"]) for part, rows in zip(parts, split, strict=True)]
        attended = self._node("MultiHeadAttention", f"{name}.attended", [*texts, bias, "mask"], domain=_FUSED, num_heads=self._sizes.heads)
        return self._node("Reshape", f"{name}.attended_rows", [attended, "rows"])

    def _add_and_norm(self, name: str, product: str, tokens: str) -> str:
        """Layer norm over product, its bias and what it is added to. onnxruntime's fused step takes five times as long."""
        product = self._node("Add", f"{name}.biased", [product, self._weight(f"{name}.dense.bias")])
        total = self._node("Add", f"{name}.sum", [product, tokens])
        norm = [self._weight(f"{name}.LayerNorm.{part}") for part in ("weight", "bias")]
        return self._node("LayerNormalization", name, [total, *norm], axis=-1, epsilon=self._sizes.layer_norm_eps)

    def _product(self, name: str, tokens: str, matrix: np.ndarray | None = None) -> str:
        """Tokens (n, in) times a matrix (out, in), without its bias: float32 (n, out)."""
        matrix = self._weights[f"{name}.weight"] if matrix is None else matrix
        steps = np.maximum(np.abs(matrix).max(axis=1) / WEIGHT_TOP, 1e-12).astype(np.float32)  # one a column of the product
        codes = self._constant(f"{name}.int8", np.ascontiguousarray(np.rint(matrix / steps[:, None]).astype(np.int8).T))
        top = self._node("Abs", f"{name}.sizes", [tokens])
        top = self._node("ReduceMax", f"{name}.top", [top, "last_axis"], keepdims=0)
        scale = self._node("Mul", f"{name}.bare_scale", [top, "step"])
        scale = self._node("Add", f"{name}.scale", [scale, "tiny"])
        quantised = self._node("QuantizeLinear", f"{name}.uint8", [tokens, scale, "zero_points"], axis=0)
        factors = [quantised, codes, "one", self._constant(f"{name}.steps", steps), "zero_point"]
        product = self._node("MatMulIntegerToFloat", f"{name}.unscaled", factors, domain=_FUSED)
        scale = self._node("Unsqueeze", f"{name}.scale_column", [scale, "last_axis"])
        return self._node("Mul", f"{name}.product", [product, scale])

    def _pool(self, tokens: str) -> None:
        """Mean of each text's own tokens, at unit length."""
        texts = self._node("Reshape", "texts", [tokens, "text_shape"])
        mask = self._node("Cast", "mask_float", ["attention_mask"], to=TensorProto.FLOAT)
        mask = self._node("Unsqueeze", "mask_column", [mask, "last_axis"])
        kept = self._node("Mul", "own_tokens", [texts, mask])
        total = self._node("ReduceSum", "sum", [kept, self._constant("second_axis", np.array([1], np.int64))], keepdims=0)
        # The length is scaled to one, so dividing by the number of tokens would change nothing.
        self._node("LpNormalization", "embedding", [total], axis=-1, p=2)

    def _node(self, kind: str, name: str, inputs: list[str], domain: str = "", **attributes: object) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, value: np.ndarray) -> str:
        self._constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name
