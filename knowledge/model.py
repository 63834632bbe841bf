"""What the assistant knows: procedures, plans, the passages cut from them and what a search returns.

Every text is Unicode NFC and stands as its source prints it: amounts, times and names are copied,
never computed or reworded. Where the source is silent a field is empty ("" or ()), and the answer
says so; nothing here is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Aspect = Literal[
    "documents", "fee", "time", "place", "online", "steps",
    "conditions", "legal_basis", "result", "form", "who", "general",
]
ASPECTS: tuple[str, ...] = (
    "documents", "fee", "time", "place", "online", "steps",
    "conditions", "legal_basis", "result", "form", "who", "general",
)
Kind = Literal["procedure", "plan", "faq"]


@dataclass(frozen=True)
class Source:
    """Where a record was read.

    Attributes:
        id: file name (with ``#code`` for one record of many) or content id; what citations name.
        title: what a person would call it ("Cổng Dịch vụ công quốc gia").
        url: public page of the record, "" when there is none.
        read_on: ISO date the source was read, or its month ("2026-07") where the day is not known.
        digest: sha256 hex of the raw record.
        origin: ``bundled`` with the product or ``imported`` at the user's site.
        is_list: it is a line of a list of procedures, thin beside a whole record.
    """

    id: str
    title: str
    url: str = ""
    read_on: str = ""
    digest: str = ""
    origin: Literal["bundled", "imported"] = "imported"
    is_list: bool = False

    @property
    def rank(self) -> str:
        """What decides between two readings of a record, the greater wins: the date read; a line of a list never wins."""
        return "" if self.is_list else self.read_on


@dataclass(frozen=True)
class Submission:
    """One way to hand in a dossier (một dòng "cách thức thực hiện").

    Attributes:
        channel: ``online``, ``post``, ``desk`` or ``other``.
        time: processing time as printed ("3 Ngày làm việc"); "" when the source gives none.
        is_time_certain: False where the source prints a number without a unit; ``time`` then holds
            the bare number and answers must say that the unit is missing.
        fees: each fee as printed ("Miễn phí", "Lệ phí: 8.000 đồng …"); () when the source gives none.
        note: the cell's remaining words, as printed.
    """

    channel: Literal["online", "post", "desk", "other"]
    time: str = ""
    is_time_certain: bool = True
    fees: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class RequiredDocument:
    """One paper of the dossier: its name as printed, quantity ("1 bản chính"), form file and case."""

    name: str
    quantity: str = ""
    form: str = ""
    case: str = ""


@dataclass(frozen=True)
class LegalBasis:
    """A law, decree, circular or decision: title and number, each as printed; either may be ""."""

    title: str
    number: str = ""


@dataclass(frozen=True)
class Procedure:
    """One *thủ tục hành chính*, whole.

    Attributes:
        code: national code, ``d.dddddd``.
        aliases: names citizens use for it, plain Vietnamese.
        levels: subset of ("Cấp bộ", "Cấp tỉnh", "Cấp huyện", "Cấp xã", "Cơ quan khác"), as printed.
        field: *lĩnh vực*.
        agency: who carries it out (cơ quan thực hiện), as printed.
        place: where the dossier is received, as printed; "" when silent.
        ministry: publishing body's display name ("Bộ Công an").
        applicants: who may apply, each label whole.
        forms: names or numbers of forms ("CT01", "Mẫu số 13-MST") found in the record.
        online_level: "toàn trình", "một phần" or "" (unknown).
        notes: sentences for the reader of ours (bundled content only): caveats with their source.
    """

    code: str
    name: str
    source: Source
    aliases: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    field: str = ""
    agency: str = ""
    place: str = ""
    authority: str = ""
    ministry: str = ""
    applicants: tuple[str, ...] = ()
    submissions: tuple[Submission, ...] = ()
    documents: tuple[RequiredDocument, ...] = ()
    steps: str = ""
    conditions: str = ""
    legal_basis: tuple[LegalBasis, ...] = ()
    result: str = ""
    forms: tuple[str, ...] = ()
    online_level: str = ""
    decision_number: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanSection:
    """A numbered part of a plan.

    Attributes:
        number: dotted number as it would be cited ("II.2.a"), "" for the preamble.
        title: the section's own heading, "" where it has none.
        path: headings from the top down to this one.
        paragraphs: text in reading order, hard wraps removed.
    """

    number: str
    title: str
    path: tuple[str, ...]
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class PlanTask:
    """Who does what by when, each as printed; "" where the plan is silent."""

    what: str
    lead: str = ""
    co_agencies: tuple[str, ...] = ()
    product: str = ""
    deadline: str = ""
    section: str = ""


@dataclass(frozen=True)
class Plan:
    """One *kế hoạch*, decision or guideline.

    Attributes:
        id: file stem or content id.
        number: "34/KH-UBND"; "" when the text does not say.
        kind: "Kế hoạch", "Quyết định", "Hướng dẫn" …
        period_from, period_to: when it applies; None when the text does not say. A plan whose
            ``period_to`` lies before today is expired and answers say so.
        signer, signer_role: name and office under the text ("Phó Chủ tịch"); "" where it is not read.
        legal_grounds: what it says it rests on ("Căn cứ …", "Thực hiện …"), as printed.
        replaces: documents that it says it replaces or repeals, as printed, with their numbers.
    """

    id: str
    title: str
    source: Source
    number: str = ""
    kind: str = ""
    authority: str = ""
    place: str = ""
    issued_on: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    sections: tuple[PlanSection, ...] = ()
    tasks: tuple[PlanTask, ...] = ()
    signer: str = ""
    signer_role: str = ""
    legal_grounds: tuple[LegalBasis, ...] = ()
    replaces: tuple[LegalBasis, ...] = ()

    def is_expired(self, today: date) -> bool:
        return self.period_to is not None and self.period_to < today


@dataclass(frozen=True)
class FamilyOption:
    """One answer to a family's question.

    Attributes:
        label: short text of the choice.
        codes: procedures it leads to, best first; at least one.
        words: short texts a person may type to mean it.
    """

    label: str
    codes: tuple[str, ...]
    words: tuple[str, ...] = ()


EVENT_PREFIX = "viec-doi-"  # how the ids of life events begin, by which a conversation knows that it asked about one


@dataclass(frozen=True)
class Family:
    """A matter that several procedures share, and the one question that tells them apart.

    Attributes:
        id: short name, unique.
        matter: what it is about, in a few words.
        ask: the question that names the facet.
        names: ways to say the matter that leave the facet open, whole questions among them.
        options: two or more.
        is_event: it is something that happens to people ("vợ mới sinh"), told without naming a procedure; the options are
            what may have to be done.
    """

    id: str
    matter: str
    ask: str
    names: tuple[str, ...]
    options: tuple[FamilyOption, ...]
    is_event: bool = False


@dataclass(frozen=True)
class OutsideMatter:
    """An administrative matter of which the knowledge holds no record.

    Attributes:
        name: as the state calls it.
        body: who is responsible ("Bộ Y tế").
        names: ways to ask for it.
        at: who handles it below that body, "" when not certain.
    """

    name: str
    body: str
    names: tuple[str, ...]
    at: str = ""


@dataclass(frozen=True)
class Passage:
    """A searchable piece.

    Attributes:
        id: unique in an index, stable for unchanged content ("1.001193#fee").
        record_id: procedure code or plan id.
        aspect: the procedure's aspect; "" for plans.
        number: procedure code or document number, as cited.
        title: name of the procedure or plan.
        section: "Lệ phí", or "II.2.a. Mục đích".
        text: the passage itself, without title.
    """

    id: str
    kind: Kind
    record_id: str
    number: str
    title: str
    section: str
    text: str
    aspect: str = ""
    source: str = ""
    url: str = ""


@dataclass(frozen=True)
class Hit:
    """A passage with its score in 0..1 (higher is better) and the raw signals it came from."""

    passage: Passage
    score: float
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class QueryForms:
    """A question in the forms search uses.

    Attributes:
        original: as typed.
        normalised: NFC, abbreviations written out.
        restored: its likeliest reading, diacritics restored.
        second: the next likeliest where the first is doubtful, else "".
    """

    original: str
    normalised: str
    restored: str
    second: str = ""


@dataclass(frozen=True)
class ProcedureHit:
    """A procedure as ranked for a query; ``signals`` hold each retriever's scaled score."""

    procedure: Procedure
    score: float
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class FamilyHit:
    """A family as found for a query; ``signals`` as in :class:`ProcedureHit`.

    ``option`` is the one that the query names best, by the lead in ``signals["facet"]``; None where it names none.
    """

    family: Family
    signals: Mapping[str, float] = field(default_factory=dict)
    option: FamilyOption | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """The ways to say the family."""
        return (self.family.matter, *self.family.names)


@dataclass(frozen=True)
class OutsideHit:
    """A matter outside the knowledge as found for a query."""

    matter: OutsideMatter
    signals: Mapping[str, float] = field(default_factory=dict)

    @property
    def said(self) -> tuple[str, ...]:
        """The ways to say the matter."""
        return (self.matter.name, *self.matter.names)


@dataclass(frozen=True)
class Verdict:
    """Chances 0..1, adding up to 1: the first procedure is meant; a family of procedures is meant and one has to
    ask; the knowledge does not hold what is meant."""

    answer: float
    ask: float
    unknown: float


@dataclass(frozen=True)
class SearchResult:
    """What one search found.

    Attributes:
        hits: passages at or above the threshold, best first.
        near_misses: the next ones, below it.
        procedures: procedures ranked for the query, best first, near misses included.
        plan_hits: plan passages ranked for the query, best first, near misses included.
        exact: True when an exact number (code, document, form) decided the order.
        confidence: 0..1 that the first procedure is right; 1 with an exact number.
        stages_ms: milliseconds by stage, in order.
        family: nearest family of procedures, None when the knowledge has none.
        outside: nearest matter outside the knowledge, None when none is listed.
        event: nearest life event, None when none is listed.
        verdict: what to do about it; None when no procedure was searched for.
    """

    query: QueryForms
    hits: tuple[Hit, ...]
    near_misses: tuple[Hit, ...]
    procedures: tuple[ProcedureHit, ...]
    exact: bool
    confidence: float
    stages_ms: Mapping[str, float]
    plan_hits: tuple[Hit, ...] = ()
    family: FamilyHit | None = None
    outside: OutsideHit | None = None
    event: FamilyHit | None = None
    verdict: Verdict | None = None
