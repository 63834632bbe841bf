"""EncoderFeaturizer and NgramFeaturizer: the classifier's two views of the prepared text.

Both give sentence features. For the sequence the encoder repeats its sentence vector at each word (one run
of the model a message), for components of Rasa's own that ask for one; n-grams have no sequence.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS, TOKENS_NAMES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.shared import PREPARED_TEXT, shared_encoder
from nlu.features import N_BUCKETS, SparseFeatures, ngram_features


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Dense features from the encoder.

    Configuration: ``encoder``, a setting of ``nlu.encoder.load_encoder``; ``featurize_training_data``: False
    where no component learns from these features (ours encodes its own training texts).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {FEATURIZER_CLASS_ALIAS: "encoder", "encoder": "bundled", "featurize_training_data": True}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        return cls(execution_context.node_name, config)

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, config)
        self._encoder = shared_encoder(config["encoder"])

    def process(self, messages: list[Message]) -> list[Message]:
        texts = [message for message in messages if message.get(PREPARED_TEXT)]
        if texts:
            self._add(texts, self._encoder.encode_queries([message.get(PREPARED_TEXT) for message in texts]))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        if self._config["featurize_training_data"]:
            self.process(training_data.training_examples)
        return training_data

    def _add(self, messages: list[Message], vectors: np.ndarray) -> None:
        for message, vector in zip(messages, vectors, strict=True):
            n_tokens = len(message.get(TOKENS_NAMES[TEXT]) or [None])
            sentence = vector[None, :]
            self.add_features_to_message(np.repeat(sentence, n_tokens, axis=0), sentence, TEXT, message)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check before the encoder is loaded; loading refuses what it does not know."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class NgramFeaturizer(SparseFeaturizer, GraphComponent):
    """Sparse features: ``nlu.features.ngram_features``."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {FEATURIZER_CLASS_ALIAS: "ngrams"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramFeaturizer:
        return cls(execution_context.node_name, config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            prepared = message.get(PREPARED_TEXT)
            if prepared:
                self.add_features_to_message(None, _row(ngram_features(prepared)), TEXT, message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing can be set."""


def _row(features: SparseFeatures) -> scipy.sparse.csr_matrix:
    starts = np.array([0, len(features.indices)])
    return scipy.sparse.csr_matrix((features.values, features.indices, starts), shape=(1, N_BUCKETS))
