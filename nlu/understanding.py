"""Text in, Understanding out: what the direct answerer uses where Rasa is away, from the same parts."""

from __future__ import annotations

from collections.abc import Callable

from nlu.aspects import aspects_asked
from nlu.courtesies import only_thanks, without_courtesies
from nlu.entities import extract_entities
from nlu.intent_classifier import IntentClassifier, QueryEncoder, Ranking
from nlu.normalizer import expand_abbreviations, normalise
from nlu.payloads import payload_entities, read_payload
from nlu.sentences import (
    asking_clause,
    asking_sentence,
    asks,
    clauses,
    sentences,
    tells_of_forgetting,
    tells_of_the_past,
)
from nlu.types import Understanding
from nlu.wrongdoing import asks_for_wrongdoing

FALLBACK_INTENT = "nlu_fallback"
#: Below this the best intent is a guess. FallbackClassifier in config.yml has the same number.
FALLBACK_THRESHOLD = 0.2
#: Intents that are answered by help, a warning or a refusal and never by a record. Which of them is meant matters
#: less than whether any is, so their chances are added up first.
GUARDED_INTENTS = frozenset({
    "manipulate", "abuse", "ask_others_data", "ask_illegal", "give_secret", "out_of_scope",
    "ask_scam", "ask_selfharm", "ask_violence", "emergency", "threaten_others",
})  # fmt: skip
#: Those answered by help, before anything else; at or above this chance together in one sentence of several.
HELP_INTENTS = frozenset({"ask_scam", "ask_selfharm", "ask_violence", "emergency", "threaten_others"})
SURELY_HELP = 0.9
#: The same for what stands between commas: of 900 ordinary questions four have a clause that sounds so.
SURELY_HELP_IN_CLAUSE = 0.95
_SURE_BY_WORDS = 0.95  # chance of wrongdoing, or of thanks, said outright
_LEAST_CLAUSE = 3  # syllables; fewer say too little
#: Those by which wrong is meant.
WRONGDOING_INTENTS = frozenset({"ask_illegal", "ask_others_data", "give_secret", "manipulate"})
#: Chance that one of them is meant from which on it is acted on. From three-fold predictions of the training data,
#: near-misses included: at .5 one ordinary message in 56 is sent away and 18 % of the guarded are not seen; at .7 it
#: is one in 99 and 25 %.
GUARD_THRESHOLD = 0.6
#: A matter that is not ours is no danger: where that is the likeliest of them, it has to be this likely by itself.
LEAST_OUT_OF_SCOPE = 0.55
#: Intents whose reply would send away somebody who only asked a question, and how sure one must be. Below that the
#: next other intent is taken. Set by reading wrong replies, not fitted.
CAREFUL_INTENTS = {
    "handoff": 0.5,
    "ask_help": 0.7,
    "track_dossier": 0.6,
    "ask_privacy": 0.85,
    "restart": 0.5,
    "goodbye": 0.4,
    "thanks": 0.6,
    "greet": 0.85,
    "smalltalk": 0.35,
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
        ranking = rank(text, lambda part: self._classifier.classify(part, self._encoder))
        intent, confidence = decide(ranking)
        return Understanding(text, intent, confidence, ranking, extract_entities(text))


#: Intents that may come of nothing but the courtesies round a question ("… trả lời giúp em với, em cảm ơn").
SOCIAL_INTENTS = frozenset({
    "greet", "thanks", "goodbye", "smalltalk", "ask_help", "ask_identity", "ask_privacy", "handoff", "restart",
    "feedback_positive", "feedback_negative", "affirm", "deny",
})  # fmt: skip

_PRAISE = frozenset({"feedback_positive", "feedback_negative"})


def rank(text: str, classify: Callable[[str], Ranking], whole: Ranking | None = None) -> Ranking:
    """The intents of a text in the order in which they are acted on (``careful``).

    A message that seems to be none but courtesy, or one to be guarded against, is read once more without its opening
    and closing, and that reading counts where it is neither. Of several sentences the one that asks counts
    (``_asked``). Phrases of wrongdoing (nlu/wrongdoing.py), and thanks with nothing besides, count more than what the
    classifier hears.

    Args:
        classify: ranks the intents of a text, best first.
        whole: what it ranks for the whole text, where that is known already.
    """
    heard = classify(text) if whole is None else whole
    if heard and only_thanks(text):
        return _said_outright("thanks", heard)
    ranking = _without_courtesies(text, classify, careful(heard))
    asked = _not_told(text, _not_praise(text, _asked(text, classify, ranking)))
    return _with_wrongdoing(asked) if asked and asks_for_wrongdoing(text) else asked


def _not_praise(text: str, ranking: Ranking) -> Ranking:
    """The ranking without praise and blame where the words ask for an aspect ("chủ trọ làm hay mình làm")."""
    if not ranking or decide(ranking)[0] not in _PRAISE or not aspects_asked(expand_abbreviations(normalise(text))):
        return ranking
    return tuple(pair for pair in ranking if pair[0] not in _PRAISE)


def _not_told(text: str, ranking: Ranking) -> Ranking:
    """The ranking without a secret that is told where the message says that it is forgotten."""
    if decide(ranking)[0] != "give_secret" or not tells_of_forgetting(text):
        return ranking
    return careful(tuple(pair for pair in ranking if pair[0] != "give_secret"))


def _with_wrongdoing(ranking: Ranking) -> Ranking:
    """The ranking of a message that asks for wrongdoing in so many words, unless it calls for help, or the classifier is as
    sure that it is to be guarded against."""
    heard = decide(ranking)[0]
    if heard in HELP_INTENTS or heard in GUARDED_INTENTS and sum(chance for intent, chance in ranking if intent in GUARDED_INTENTS) >= _SURE_BY_WORDS:
        return ranking
    return _said_outright("ask_illegal", ranking)


def _said_outright(said: str, ranking: Ranking) -> Ranking:
    """The ranking with the intent that is said in so many words before all others."""
    rest = tuple((intent, chance * (1 - _SURE_BY_WORDS)) for intent, chance in ranking if intent != said)
    return ((said, _SURE_BY_WORDS), *rest)


def _asked(text: str, classify: Callable[[str], Ranking], whole: Ranking) -> Ranking:
    """The ranking of the sentence that asks, where a message has a story round it.

    A story that calls for help by itself is heard before any question, and one of wrongdoing is not made good by what
    is asked after it.
    """
    if not whole:
        return whole
    parts = sentences(text)
    told = [(part, careful(classify(part))) for part in parts] if len(parts) > 1 else []
    for part, ranking in told:
        if decide(ranking)[0] in WRONGDOING_INTENTS or _calls_for_help(part, ranking, SURELY_HELP):
            return ranking
    within = [c for part in parts for c in clauses(part) if c != part and len(c.split()) >= _LEAST_CLAUSE and not asks(c)]
    for clause in within:
        ranking = careful(classify(clause))
        if ranking and ranking[0][0] != "ask_scam" and _calls_for_help(clause, ranking, SURELY_HELP_IN_CLAUSE):
            return ranking
    is_plain = decide(whole)[0] in SOCIAL_INTENTS | {"inform", FALLBACK_INTENT}
    asking = asking_sentence(text) or (asking_clause(text) if is_plain else "")
    asked = careful(classify(asking)) if asking else ()
    intent, _ = decide(asked)
    is_question = intent.startswith("ask_") and intent not in SOCIAL_INTENTS | GUARDED_INTENTS
    return asked if is_question else whole


def _calls_for_help(part: str, ranking: Ranking, least: float) -> bool:
    """Whether one part of a message asks for help by itself; what burnt last year is no emergency."""
    intent, _ = decide(ranking)
    is_over = intent == "emergency" and tells_of_the_past(part)
    return intent in HELP_INTENTS and not is_over and sum(c for name, c in ranking if name in HELP_INTENTS) >= least


def _without_courtesies(text: str, classify: Callable[[str], Ranking], ranking: Ranking) -> Ranking:
    """The ranking, or that of the text between its opening and its closing."""
    middle = without_courtesies(text)
    if not ranking or ranking[0][0] not in SOCIAL_INTENTS | GUARDED_INTENTS or middle == text:
        return ranking
    within = careful(classify(middle))
    intent, _ = decide(within)
    is_courtesy = intent == FALLBACK_INTENT or intent in SOCIAL_INTENTS
    both_guarded = intent in GUARDED_INTENTS and ranking[0][0] in GUARDED_INTENTS
    return ranking if is_courtesy or both_guarded else within


#: Chances of the doubtful ones together from which on it is one of them, whichever: "chào bạn nhé" greets or leaves.
SURELY_SOCIAL = 0.9


def careful(ranking: Ranking) -> Ranking:
    """The ranking in the order in which intents are acted on.

    Guarded intents stand together: before all others when their chances add up to GUARD_THRESHOLD, behind them
    when not, or when the likeliest is ``out_of_scope`` below LEAST_OUT_OF_SCOPE. Of the others, those of CAREFUL_INTENTS that are not sure enough stand behind the rest.
    """
    guarded = tuple(pair for pair in ranking if pair[0] in GUARDED_INTENTS)
    plain = _sure_ones_first(tuple(pair for pair in ranking if pair[0] not in GUARDED_INTENTS))
    chances = [confidence for _, confidence in guarded]
    is_guarded = sum(chances) >= GUARD_THRESHOLD
    if guarded and guarded[0][0] == "out_of_scope":
        is_guarded = is_guarded and chances[0] >= LEAST_OUT_OF_SCOPE
    return guarded + plain if is_guarded else plain + guarded


def _sure_ones_first(ranking: Ranking) -> Ranking:
    doubtful = tuple(pair for pair in ranking if pair[1] < CAREFUL_INTENTS.get(pair[0], 0.0))
    if not ranking or ranking[0] not in doubtful or sum(chance for _, chance in doubtful) >= SURELY_SOCIAL:
        return ranking
    return tuple(pair for pair in ranking if pair not in doubtful) + doubtful


def decide(ranking: Ranking) -> tuple[str, float]:
    """The intent to act on and its confidence."""
    if not ranking:
        return FALLBACK_INTENT, 0.0
    intent, confidence = ranking[0]
    return (intent, confidence) if confidence >= FALLBACK_THRESHOLD else (FALLBACK_INTENT, confidence)
