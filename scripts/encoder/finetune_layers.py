"""The model cut in two for fine-tuning: frozen lower layers whose work is kept, and upper layers that learn."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from sentence_transformers import SentenceTransformer

_LOWER_BATCH_TOKENS = 1024


class UpperLayers(torch.nn.Module):
    """The layers above the cut, mean pooling and normalisation."""

    def __init__(self, layers: torch.nn.ModuleList) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Unit vectors (n, dim) of hidden states (n, tokens, dim) at the cut; ``mask`` is 1 for tokens, else 0."""
        closed = (1.0 - mask[:, None, None, :]) * torch.finfo(hidden.dtype).min
        for layer in self.layers:
            hidden = layer(hidden, closed)
        weight = mask.unsqueeze(-1)
        return torch.nn.functional.normalize((hidden * weight).sum(1) / weight.sum(1), dim=-1)

    def moved_towards(self, other: UpperLayers, share: float) -> UpperLayers:
        """Layers whose weights lie ``share`` of the way from these to the other's."""
        mixed = copy.deepcopy(self).eval()
        with torch.no_grad():
            for own, theirs in zip(mixed.parameters(), other.parameters(), strict=True):
                own.lerp_(theirs, share)
        return mixed


class Vectors:
    """Hidden states at the cut and vectors of the starting model, by text with prefix; computed once a text."""

    def __init__(self, model: SentenceTransformer, n_frozen: int, max_tokens: int) -> None:
        self._bert = model[0].auto_model.eval()
        self._tokenizer = model.tokenizer
        self._n_frozen = n_frozen
        self._max_tokens = max_tokens
        self._upper = UpperLayers(copy.deepcopy(self._bert.encoder.layer[n_frozen:])).eval()
        self._hidden: dict[str, torch.Tensor] = {}
        self._starting: dict[str, torch.Tensor] = {}

    def __len__(self) -> int:
        return len(self._hidden)

    def upper_layers(self) -> UpperLayers:
        """The starting model's upper layers."""
        return copy.deepcopy(self._upper)

    @torch.inference_mode()
    def remember(self, texts: Sequence[str]) -> None:
        """Run texts that are not known yet through the lower layers."""
        new = [text for text in dict.fromkeys(texts) if text not in self._hidden]
        ids = self._tokenizer(new, truncation=True, max_length=self._max_tokens)["input_ids"] if new else []
        order = sorted(range(len(new)), key=lambda i: len(ids[i]))
        while order:
            width = len(ids[order[0]])
            n = 1
            while n < len(order) and (n + 1) * len(ids[order[n]]) <= _LOWER_BATCH_TOKENS:
                n += 1
            batch, order = order[:n], order[n:]
            width = max(len(ids[i]) for i in batch)
            hidden, mask = self._run([ids[i] for i in batch], width)
            vectors = self._upper(hidden, mask)
            for row, i in enumerate(batch):
                self._hidden[new[i]] = hidden[row, : len(ids[i])].half()
                self._starting[new[i]] = vectors[row]

    def padded(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden states (n, tokens, dim) at the cut and their mask."""
        found = [self._hidden[text].float() for text in texts]
        hidden = torch.nn.utils.rnn.pad_sequence(found, batch_first=True)
        lengths = torch.tensor([len(one) for one in found])
        return hidden, (torch.arange(hidden.shape[1])[None, :] < lengths[:, None]).float()

    def starting(self, texts: Sequence[str]) -> torch.Tensor:
        """Vectors (n, dim) of the starting model."""
        return torch.stack([self._starting[text] for text in texts]).clone()

    @torch.inference_mode()
    def encode(self, texts: Sequence[str], upper: UpperLayers) -> torch.Tensor:
        """Vectors (n, dim) of remembered texts by these upper layers."""
        order = sorted(range(len(texts)), key=lambda i: len(self._hidden[texts[i]]))
        vectors = torch.empty(len(texts), next(iter(self._starting.values())).shape[0])
        for start in range(0, len(order), 64):
            batch = order[start : start + 64]
            vectors[batch] = upper(*self.padded([texts[i] for i in batch]))
        return vectors

    def put_back(self, model: SentenceTransformer, upper: UpperLayers) -> None:
        """Give the model these upper layers."""
        own = model[0].auto_model.encoder.layer[self._n_frozen :]
        own.load_state_dict(upper.layers.state_dict())

    def _run(self, ids: list[list[int]], width: int) -> tuple[torch.Tensor, torch.Tensor]:
        padded = torch.tensor([[*row, *[self._tokenizer.pad_token_id] * (width - len(row))] for row in ids])
        mask = torch.tensor([[1.0] * len(row) + [0.0] * (width - len(row)) for row in ids])
        hidden = self._bert.embeddings(input_ids=padded)
        closed = (1.0 - mask[:, None, None, :]) * torch.finfo(hidden.dtype).min
        for layer in self._bert.encoder.layer[: self._n_frozen]:
            hidden = layer(hidden, closed)
        return hidden, mask
