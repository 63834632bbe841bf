"""Whether a message is the name of a matter, which what it sounds like has to give way to (actions/guarding.py)."""

from __future__ import annotations

from knowledge.retrieval.judge import named_by_sign
from knowledge.retrieval.search import Searcher
from nlu.normalizer import has_diacritics

# Of the 316 held-back messages that are rightly guarded none of which the classifier is less than .9 sure is a name by
# these (docs/intents.md).
_ALL_HELD = 0.99  # share of a message's weight in the first procedure's record
_MOSTLY_NAMED = 0.6  # its match with a name
_OUTRIGHT = 0.75  # the same where wrong may be meant
_SIGN_NAMED = 1.6  # match of words and pairs, 0..2, with a name of a family or of a matter elsewhere


def names_matter(searcher: Searcher, question: str, outright: bool = False) -> bool:
    """Whether a message is the name of a matter: all its words stand in the first procedure's record and most of them in
    one name of it, or it says (nearly) all of a family's or of a matter's elsewhere.

    Args:
        outright: of a procedure's name nearly all has to be said, and every word of the message has to stand there as it
            is spelled; a message without diacritics is no name then.
    """
    found = searcher.search(question, kinds=["procedure"])
    if not found.procedures:
        return False
    first = found.procedures[0]
    is_held = first.signals["overlap"] >= _ALL_HELD
    signs = [sign for sign in (found.family, found.outside) if sign is not None and named_by_sign(sign.signals) >= _SIGN_NAMED]
    if not outright:
        return bool(signs) or (is_held and first.signals["title_match"] >= _MOSTLY_NAMED)
    if not has_diacritics(question):
        return False
    if any(searcher.is_spelled_in(question, sign.said) for sign in signs):
        return True
    is_named = is_held and first.signals["title_match"] >= _OUTRIGHT
    return is_named and searcher.is_spelled_in(question, searcher.texts_of(first.procedure.code))
