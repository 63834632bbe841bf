"""Text in, Understanding out: what the direct answerer uses where Rasa is away, from the same parts."""

from __future__ import annotations

from nlu.entities import extract_entities
from nlu.intent_classifier import IntentClassifier, QueryEncoder, Ranking
from nlu.payloads import payload_entities, read_payload
from nlu.types import Understanding

FALLBACK_INTENT = "nlu_fallback"
#: Below this the best intent is a guess. FallbackClassifier in config.yml has the same number.
FALLBACK_THRESHOLD = 0.25
#: Intents whose reply would shock or send away somebody who only asked a question, and how sure one must be.
#: Below that the next other intent is taken. Set by reading wrong replies, not fitted.
CAREFUL_INTENTS = {
    "emergency": 0.8,
    "ask_illegal": 0.5,
    "ask_others_data": 0.5,
    "give_secret": 0.5,
    "out_of_scope": 0.4,
    "handoff": 0.5,
    "ask_help": 0.5,
    "ask_privacy": 0.5,
    "abuse": 0.5,
    "restart": 0.5,
    "goodbye": 0.4,
    "thanks": 0.4,
    "greet": 0.4,
}


class Understander:
    """Reads one text at a time. Thread-safe."""

    def __init__(self, classifier: IntentClassifier, encoder: QueryEncoder) -> None:
        """
        Raises:
            ModelError: the encoder is not the one the classifier was trained with.
        """
        classifier.check_encoder(encoder)
        self._classifier = classifier
        self._encoder = encoder

    def parse(self, text: str) -> Understanding:
        """Understand a text as typed: a button's payload, else intent and entities.

        Returns:
            ``nlu_fallback`` as the intent, with the ranking kept, when the best one stays below the
            threshold; with confidence 0 and no ranking when the text has no words.
        """
        payload = read_payload(text)
        if payload is not None:
            intent = payload.intent
            return Understanding(text, intent, 1.0, ((intent, 1.0),), payload_entities(payload, text))
        ranking = careful(self._classifier.classify(text, self._encoder))
        intent, confidence = decide(ranking)
        return Understanding(text, intent, confidence, ranking, extract_entities(text))


def careful(ranking: Ranking) -> Ranking:
    """The ranking with intents of CAREFUL_INTENTS that are not sure enough moved behind the others."""
    doubtful = [pair for pair in ranking if pair[1] < CAREFUL_INTENTS.get(pair[0], 0.0)]
    if not ranking or ranking[0] not in doubtful:
        return ranking
    return tuple(pair for pair in ranking if pair not in doubtful) + tuple(doubtful)


def decide(ranking: Ranking) -> tuple[str, float]:
    """The intent to act on and its confidence."""
    if not ranking:
        return FALLBACK_INTENT, 0.0
    intent, confidence = ranking[0]
    return (intent, confidence) if confidence >= FALLBACK_THRESHOLD else (FALLBACK_INTENT, confidence)
