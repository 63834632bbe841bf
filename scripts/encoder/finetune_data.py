"""The data recipe of fine-tuning: pairs of what a citizen types and what a procedure is indexed under.

Pure functions, seeded: the same knowledge and the same seed give the same pairs. Procedures are split by their
code. Those kept aside give no pair, no positive and no negative; those of the validation part choose the
checkpoint. See docs/decisions/0007-fine-tuning.md.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from knowledge.chunking import ASPECT_HEADINGS, digest_of_procedure
from knowledge.content.phrasings import Phrasings
from knowledge.model import Procedure
from nlu.diacritics import Restorer, bare
from nlu.frames import matter_of
from nlu.normalizer import expand_abbreviations, normalise

Part = Literal["kept_aside", "validation", "train"]
Kind = Literal["name", "alias", "digest", "sign"]
Form = Literal["written", "bare", "restored", "noisy"]

# Shares of the forms in which queries are learned: a third lacks diacritics (half of it restored by the product's
# own restorer, errors and all: that is what search hands to the encoder), a sixth has typos and teencode.
FORM_SHARES: tuple[tuple[Form, float], ...] = (("written", 0.50), ("bare", 0.17), ("restored", 0.17), ("noisy", 0.16))
# What a query is paired with: search scores names, aliases and digests.
KIND_SHARES: tuple[tuple[Kind, float], ...] = (("name", 0.45), ("alias", 0.35), ("digest", 0.20))
# Search encodes the whole question and its matter; so part of the questions is learned without its frames.
_MATTER_SHARE = 0.4
_OFFICIAL_FRAMES = (
    "{}",
    "Hồ sơ {} gồm những gì?",
    "Thành phần hồ sơ đề nghị {} gồm những giấy tờ nào?",
    "Trình tự, thủ tục {} được thực hiện như thế nào?",
    "Thời hạn giải quyết hồ sơ {} là bao nhiêu ngày?",
    "Cơ quan nào có thẩm quyền {}?",
    "Mức phí, lệ phí {} là bao nhiêu?",
    "Tổ chức, cá nhân cần đáp ứng điều kiện gì để {}?",
    "Đề nghị cho biết trường hợp nào phải {}?",
    "Công ty chúng tôi muốn {} thì nộp hồ sơ ở đâu?",
)
_SAME_WORDS = 0.8  # names that share this part of their words are one procedure at two levels, no wrong answer
_LONGEST = 300  # characters of a record's text that become a query
# Everyday short forms; the product's normaliser writes most out again, in its own way.
_TEENCODE = {
    "không": "ko", "được": "dc", "gì": "j", "bao nhiêu": "bnhiu", "thế nào": "tn", "như": "nhu", "với": "vs",
    "rồi": "r", "mình": "mik", "vợ": "vk", "chồng": "ck", "người": "ng", "đăng ký": "đk", "giấy tờ": "gtờ",
    "biết": "bik", "muốn": "mún", "làm": "lm", "trước": "trc", "cũng": "cx", "nhưng": "nhg", "quá": "wá",
    "bây giờ": "bh", "phải": "fai", "gia đình": "gđ", "công ty": "cty", "hợp đồng": "hđ",
}  # fmt: skip
_TELEX = {"đ": "dd", "ư": "uw", "ơ": "ow", "ê": "ee", "ô": "oo", "â": "aa", "ă": "aw"}
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Pair:
    """One lesson: ``query`` should lie near ``positive`` and away from ``negative``.

    Attributes:
        code: the procedure of query and positive; negative_code that of the negative.
        group: its name without case and remarks; pairs of one group never meet in one batch.
        source: "question", "phrasing", "record", "formal", or of a signpost "family", "outside" (finetune_signs.py);
            the code of these is the family's id and the matter's name.
    """

    query: str
    positive: str
    code: str
    group: str
    kind: Kind
    source: str
    form: Form = "written"
    negative: str = ""
    negative_code: str = ""


def part_of(code: str) -> Part:
    """Which part a procedure belongs to, by its code alone: one in ten is kept aside, two validate."""
    place = int(hashlib.sha1(code.encode()).hexdigest(), 16) % 10
    return "kept_aside" if place == 1 else "validation" if place in (2, 3) else "train"


def name_key(name: str) -> str:
    """A name without case, "Thủ tục" and remarks in brackets: procedures of one key answer one question."""
    return " ".join(name.lower().split("(")[0].removeprefix("thủ tục ").split())


def make_pairs(
    procedures: Mapping[str, Procedure],
    phrasings: Mapping[str, Phrasings],
    n_record_pairs: int,
    seed: int,
    n_formal_pairs: int = 0,
    most_spoken: int = 1000,
) -> list[Pair]:
    """Pairs of the training part, queries as written, without negatives, in a shuffled order.

    Args:
        n_record_pairs: how many pairs to take from records alone, spread over all procedures.
        n_formal_pairs: how many official names, whole or cut short, in an official question.
        most_spoken: most pairs of one procedure's citizens' words.
    """
    rng = random.Random(seed)
    training = {code: p for code, p in sorted(procedures.items()) if part_of(code) == "train"}
    pairs = []
    for code, procedure in training.items():
        spoken = list(_spoken(procedure, phrasings[code], rng)) if code in phrasings else []
        pairs += rng.sample(spoken, min(most_spoken, len(spoken)))
    records = [pair for p in training.values() for pair in _from_record(p)]
    pairs += rng.sample(records, min(n_record_pairs, len(records)))
    rounds = -(-n_formal_pairs // max(1, len(training)))
    formal = [_formal(p, rng) for _ in range(rounds) for p in training.values()]
    pairs += rng.sample(formal, min(n_formal_pairs, len(formal)))
    rng.shuffle(pairs)
    return pairs


def in_form(text: str, form: Form, restorer: Restorer, rng: random.Random) -> str:
    """A query as the encoder would meet it in that form, through the product's own normaliser."""
    if form == "noisy":
        text = noisy(text, rng)
    text = expand_abbreviations(normalise(text))
    if form == "bare":
        return bare(text)
    return restorer.restore(bare(text)).text if form == "restored" else text


def noisy(text: str, rng: random.Random) -> str:
    """Teencode and slips of the finger: about one word in four is changed."""
    for word, short in _TEENCODE.items():
        if rng.random() < 0.5:
            text = re.sub(rf"(?<!\w){word}(?!\w)", short, text)
    return _WORD.sub(lambda match: _slip(match.group(), rng) if rng.random() < 0.2 else match.group(), text)


def choose_negative(pair: Pair, ranked: Sequence[str], procedures: Mapping[str, Procedure]) -> str:
    """Code of the first wrong procedure of the pair's own field.

    Args:
        ranked: codes, nearest to the query first.

    Returns:
        "" where the field has no other procedure in ``ranked``. Namesakes, near namesakes and procedures outside
        the training part are passed over.
    """
    own = procedures[pair.code]
    for code in ranked:
        other = procedures[code]
        if code != pair.code and other.field == own.field and part_of(code) == "train" and not _are_namesakes(own, other):
            return code
    return ""


def with_negative(pair: Pair, negative: Procedure, rng: random.Random) -> Pair:
    """The pair with a text of the wrong procedure of the same kind as its positive, so that style tells nothing."""
    kind = pair.kind if pair.kind != "alias" or negative.aliases else "name"
    return replace(pair, negative=_text(negative, kind, rng), negative_code=negative.code)


def choose_forms(n: int, seed: int) -> list[Form]:
    """A form for each of n queries, in the shares of FORM_SHARES."""
    rng = random.Random(seed)
    names, shares = zip(*FORM_SHARES, strict=True)
    return rng.choices(names, shares, k=n)


def batches_without_namesakes(groups: Sequence[str], size: int, seed: int) -> Iterator[list[int]]:
    """Positions in ``groups``, shuffled, in full batches in which no group stands twice: another pair of the same
    procedure would be taught as wrong. The few left over at the end are dropped."""
    waiting = list(range(len(groups)))
    random.Random(seed).shuffle(waiting)
    while waiting:
        batch: list[int] = []
        seen: set[str] = set()
        rest: list[int] = []
        for n, i in enumerate(waiting):
            if groups[i] in seen:
                rest.append(i)
                continue
            batch.append(i)
            seen.add(groups[i])
            if len(batch) == size:
                rest += waiting[n + 1 :]
                break
        if len(batch) < size:
            return
        yield batch
        waiting = rest


def _spoken(procedure: Procedure, words: Phrasings, rng: random.Random) -> Iterator[Pair]:
    queries = [("question", q) for lines in words.questions.values() for q in lines]
    queries += [("phrasing", name) for name in words.names]
    kinds, shares = zip(*KIND_SHARES, strict=True)
    for source, query in queries:
        kind = rng.choices(kinds, shares)[0]
        others = [alias for alias in procedure.aliases if bare(alias) != bare(query)]
        if kind == "alias" and not others:
            kind = "name"
        positive = rng.choice(others) if kind == "alias" else _text(procedure, kind, rng)
        if source == "question" and rng.random() < _MATTER_SHARE:
            query = matter_of(query)
        yield Pair(query, positive, procedure.code, name_key(procedure.name), kind, source)


def _from_record(procedure: Procedure) -> Iterator[Pair]:
    """What the record alone gives: an aspect asked of the name, a document or a condition that belongs to it."""
    group = name_key(procedure.name)
    subject = procedure.name.removeprefix("Thủ tục ").strip()
    for aspect in ("documents", "fee", "time", "place"):
        yield Pair(f"{ASPECT_HEADINGS[aspect]} {subject}"[:_LONGEST], digest_of_procedure(procedure), procedure.code, group, "digest", "record")
    own_words = [d.name for d in procedure.documents[:3]] + [procedure.conditions, procedure.result]
    for text in own_words:
        if len(text.split()) >= 5:
            yield Pair(" ".join(text.split())[:_LONGEST], procedure.name, procedure.code, group, "name", "record")


def official_question(procedure: Procedure, rng: random.Random) -> str:
    """The name in an official question: whole, its beginning, or with words left out."""
    words = procedure.name.removeprefix("Thủ tục ").split(" (")[0].split()
    luck = rng.random()
    if luck < 0.4:
        words = words[: max(4, round(len(words) * rng.uniform(0.5, 0.9)))]
    elif luck < 0.7:
        words = [w for w in words if rng.random() > 0.2] or words
    return rng.choice(_OFFICIAL_FRAMES).format(" ".join(words))[:_LONGEST]


def _formal(procedure: Procedure, rng: random.Random) -> Pair:
    kind = rng.choice(("digest", "digest", "name", "alias"))
    kind = "digest" if kind == "alias" and not procedure.aliases else kind
    return Pair(official_question(procedure, rng), _text(procedure, kind, rng), procedure.code, name_key(procedure.name), kind, "formal")


def _text(procedure: Procedure, kind: Kind, rng: random.Random) -> str:
    if kind == "digest":
        return digest_of_procedure(procedure)
    return rng.choice(procedure.aliases) if kind == "alias" else procedure.name[:_LONGEST]


def _are_namesakes(one: Procedure, other: Procedure) -> bool:
    first, second = set(name_key(one.name).split()), set(name_key(other.name).split())
    return len(first & second) >= _SAME_WORDS * len(first | second)


def _slip(word: str, rng: random.Random) -> str:
    """One slip: marks forgotten, neighbours swapped, a letter lost or doubled, or a Telex key left standing."""
    slip = rng.choice(("marks", "swap", "lost", "doubled", "telex"))
    if slip == "marks" or len(word) < 3:
        return bare(word)
    at = rng.randrange(len(word) - 1)
    if slip == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if slip == "lost":
        return word[:at] + word[at + 1 :]
    if slip == "doubled":
        return word[:at] + word[at] + word[at:]
    return "".join(_TELEX.get(letter, letter) for letter in word)
