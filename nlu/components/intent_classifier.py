"""IntentClassifierComponent: ``nlu.intent_classifier`` inside Rasa's graph."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import intent_classifier
from nlu.components.featurizers import EncoderFeaturizer, NgramFeaturizer
from nlu.components.shared import PREPARED_TEXT, shared_encoder
from nlu.encoder import Encoder
from nlu.errors import ModelError
from nlu.features import SparseFeatures
from nlu.normalizer import has_diacritics
from nlu.understanding import rank

#: Folder of a classifier trained already (the direct answerer's); taken over when data and encoder are the same.
MODEL_AT_HAND = "MOTCUA_INTENT_MODEL"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifierComponent(IntentClassifier, GraphComponent):
    """Ranks intents from the features of EncoderFeaturizer and NgramFeaturizer.

    A model that cannot be loaded, or was trained with another encoder, stops Rasa's start with a ModelError.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [EncoderFeaturizer, NgramFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"encoder": "bundled", "dense": "encoder", "sparse": "ngrams", "ranking_length": 10, "random_seed": 1}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        classifier: intent_classifier.IntentClassifier | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._classifier = classifier

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifierComponent:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifierComponent:
        try:
            with model_storage.read_from(resource) as folder:
                classifier = intent_classifier.load(folder)
        except ValueError as exc:  # Rasa's word for "nothing of this component in the archive"
            raise ModelError(f"the Rasa model holds no intent classifier ({exc}); train again (motcua train)") from exc
        classifier.check_encoder(shared_encoder(config["encoder"]))
        return cls(config, model_storage, resource, classifier)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [
            (example.get(TEXT), example.get(INTENT))
            for example in training_data.intent_examples
            if example.get(TEXT) and example.get(INTENT)
        ]
        encoder = shared_encoder(self._config["encoder"])
        self._classifier = _at_hand(examples, encoder) or intent_classifier.train(
            [text for text, _ in examples], [intent for _, intent in examples], encoder, self._config["random_seed"]
        )
        with self._model_storage.write_to(self._resource) as folder:
            intent_classifier.save(self._classifier, folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = [
                {INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: confidence}
                for intent, confidence in self._ordered(message)[: self._config["ranking_length"]]
            ]
            best = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            message.set(INTENT, dict(best), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ordered(self, message: Message) -> intent_classifier.Ranking:
        """As ``nlu.understanding.rank`` does; the message's own features save it a look at the whole text."""
        encoder = shared_encoder(self._config["encoder"])
        return rank(message.get(TEXT) or "", lambda part: self._classifier.classify(part, encoder), self._rank(message))

    def _rank(self, message: Message) -> intent_classifier.Ranking:
        """Nothing for a message without features: it holds no words, or it is a button."""
        if self._classifier is None:
            raise ModelError("expected a trained intent classifier, got none; train again (motcua train)")
        _, dense = message.get_dense_features(TEXT, [self._config["dense"]])
        _, sparse = message.get_sparse_features(TEXT, [self._config["sparse"]])
        if dense is None or sparse is None:
            return ()
        row = sparse.features.tocsr()
        vector = dense.features[0] if has_diacritics(message.get(PREPARED_TEXT)) else None
        return self._classifier.rank(SparseFeatures(row.indices, row.data), vector)


def _at_hand(examples: list[tuple[str, str]], encoder: Encoder) -> intent_classifier.IntentClassifier | None:
    folder = os.environ.get(MODEL_AT_HAND)
    return intent_classifier.load_if_current(Path(folder), examples, encoder) if folder else None
