"""Each figure on a case small enough to be worked out by hand; the working stands beside it."""

from __future__ import annotations

import pytest

from knowledge.evaluation import metrics
from knowledge.evaluation.outcome import Asked, Found, FoundPassage, Outcome
from knowledge.evaluation.questions import Question


def outcome(
    status: str = "answered_aspect",
    *,
    gold: tuple[str, ...] = ("A",),
    ranked: tuple[str, ...] = (),
    code: str = "",
    expect: str = "answer",
    confidence: float | None = None,
    aspect: str = "",
    asked_aspect: str = "",
    dialogue: str = "",
    **question: object,
) -> Outcome:
    asked_fields = {key: question.pop(key) for key in ("text", "choices", "sources", "took_ms") if key in question}
    found_fields = {key: question.pop(key) for key in ("hits", "near_misses", "stages_ms") if key in question}
    asked = Asked(status, aspect=asked_aspect, code=code, **asked_fields)
    found = Found(ranked, confidence, **found_fields)
    fields = {"id": "q", "text": "?", "kind": "citizen", "set_name": "s", "variant": "plain"} | question
    return Outcome(Question(expect=expect, gold=gold, aspect=aspect, **fields), found, asked, dialogue)


def test_recall_counts_any_gold_code_and_mrr_its_first_place() -> None:
    rows = [
        outcome(gold=("A", "B"), ranked=("B", "A")),  # rank 1
        outcome(ranked=("X", "Y", "A")),  # rank 3
        outcome(ranked=tuple("UVWXYZ") + ("A",)),  # rank 7
        outcome(ranked=tuple("BCDEFGHIJK") + ("A",)),  # rank 11: too late
        outcome(gold=(), ranked=("A",)),  # no gold: not counted
    ]
    figures = metrics.retrieval(rows)
    assert figures == {"n": 4, "r1": 0.25, "r5": 0.5, "r10": 0.75, "mrr10": pytest.approx(0.369, abs=1e-4)}
    # MRR@10 = (1 + 1/3 + 1/7 + 0) / 4 = 1.47619 / 4


def test_answering_counts_procedure_aspect_and_facts_over_all_questions() -> None:
    must = (("8.000 đồng", "miễn phí"),)
    rows = [
        outcome(code="A", aspect="fee", asked_aspect="fee", answer_must=must, text="Lệ phí 8,000 đồng"),
        outcome(code="A", aspect="fee", asked_aspect="general", aspect_alt=("general",), answer_must=must, text="18.000 đồng"),
        outcome(code="B", aspect="fee", asked_aspect="time", answer_must=must, text="Miễn phí"),
        outcome("clarification_procedure", code="", aspect="fee", asked_aspect="fee", answer_must=must, text="miễn phí?"),
    ]
    figures = metrics.answering(rows)
    assert (figures["answered"], figures["over_ask"]) == (0.75, 0.25)
    assert (figures["procedure"], figures["procedure_of_answered"]) == (0.5, pytest.approx(2 / 3, abs=1e-4))
    assert (figures["aspect"], figures["aspect_exact"]) == (0.75, 0.5)
    assert figures["aspect_of_answered"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["must"] == 0.5  # the first and the third; a clarification tells nothing
    assert figures["must_and_procedure"] == 0.25  # the third tells it of another procedure
    assert figures["chars"] == pytest.approx((17 + 11 + 8) / 3, abs=1e-4)


def test_an_aspect_outside_the_product_is_not_judged() -> None:
    figures = metrics.answering([outcome(aspect="definition", asked_aspect="general")])
    assert (figures["aspect_n"], figures["aspect"]) == (0, None)


def test_clarifying_tells_asking_back_from_asking_needlessly() -> None:
    ambiguous = [
        outcome("clarification_procedure", expect="clarify", siblings=("A", "B"), choices=("X", "B")),
        outcome("clarification_topic", expect="clarify", siblings=("A", "B")),
        outcome("answered_aspect", expect="clarify", siblings=("A", "B"), code="A"),
        outcome("unanswerable_not_found", expect="clarify", siblings=("A", "B")),
    ]
    control = [outcome("clarification_procedure"), outcome(), outcome(), outcome(), outcome()]
    figures = metrics.clarifying(ambiguous, control)
    assert (figures["clarify"], figures["offers_sibling"]) == (0.5, 0.5)
    assert (figures["answered_a_sibling"], figures["over_ask"]) == (0.25, 0.2)


def test_out_of_scope_counts_any_answer_as_wrong_and_names_the_bait() -> None:
    rows = [
        outcome("answered_aspect", expect="abstain", gold=(), code="X", bait=("X",)),
        outcome("answered_plan", expect="abstain", gold=(), bait=("X",)),
        outcome("unanswerable_not_found", expect="abstain", gold=()),
        outcome("clarification_procedure", expect="abstain", gold=()),
        outcome("refused_illegal", expect="refuse", gold=()),
    ]
    figures = metrics.out_of_scope(rows)
    assert (figures["as_expected"], figures["asked_back"], figures["wrong_answer"]) == (0.4, 0.2, 0.4)
    assert (figures["bait_n"], figures["bait_answered"]) == (2, 0.5)


@pytest.mark.parametrize(
    ("fields", "is_right"),
    [
        ({"code": "A", "aspect": "fee", "asked_aspect": "fee"}, True),
        ({"code": "A", "aspect": "fee", "asked_aspect": "general", "aspect_alt": ("general",)}, True),
        ({"code": "A", "aspect": "fee", "asked_aspect": "time"}, False),
        ({"code": "B", "aspect": "fee", "asked_aspect": "fee"}, False),
        ({"status": "clarification_procedure", "code": "A", "aspect": "fee", "asked_aspect": "fee"}, False),
        ({"status": "clarification_topic", "expect": "clarify", "gold": ()}, True),
        ({"status": "tracking_need_code", "act": "track", "gold": ()}, True),
        ({"status": "answered_aspect", "act": "track", "gold": ()}, False),
        ({"status": "feedback_negative", "expect": "chitchat", "gold": ()}, True),
        ({"status": "refused_out_of_scope", "expect": "abstain", "gold": ()}, True),
        ({"status": "refused_illegal", "expect": "abstain", "gold": ()}, False),
        ({"status": "error_internal", "expect": "chitchat", "gold": ()}, False),
    ],
)
def test_a_turn_is_right_by_family_procedure_and_aspect(fields: dict, is_right: bool) -> None:
    assert outcome(**fields).is_turn_right is is_right


def test_a_dialogue_is_right_only_when_every_turn_is() -> None:
    right = {"code": "A", "aspect": "fee", "asked_aspect": "fee"}
    rows = [
        outcome(dialogue="d1", **right),
        outcome(dialogue="d1", **right),
        outcome(dialogue="d2", **right),
        outcome("error_internal", dialogue="d2"),
    ]
    assert metrics.dialogues(rows) == {"n_turns": 4, "turns": 0.75, "n_dialogues": 2, "dialogues": 0.5}


def test_lookups_want_rank_one_and_unknown_numbers_said_to_be_unknown() -> None:
    rows = [
        outcome(ranked=("A",), code="A"),
        outcome(ranked=("B", "A"), code="B"),
        outcome("unanswerable_unknown_code", gold=(), ranked=("B",)),
    ]
    figures = metrics.lookups(rows)
    assert (figures["n"], figures["rank1"], figures["answered"]) == (2, 0.5, 0.5)
    assert (figures["n_unknown"], figures["said_unknown"]) == (1, 1.0)


def test_plans_want_the_right_record_and_every_word_in_the_first_passage() -> None:
    question = {"kind": "plan", "source": "ha-noi-2020", "must": ("bố trí kinh", "phí"), "gold": ()}
    right = FoundPassage("ha-noi-2020-tuyen-truyen", "", "Sở Tài chính bố trí\nkinh phí")
    wrong_record = FoundPassage("hung-yen-2023", "plans/hung-yen-2023.txt", "bố trí kinh phí")
    cited = ("plans/ha-noi-2020.txt",)
    rows = [
        outcome("answered_plan", hits=(right,), text="“bố trí kinh phí”", sources=cited, **question),
        outcome("answered_plan", hits=(wrong_record, right), text="“bố trí kinh phí”", sources=("hung-yen-2023.txt",), **question),
        outcome("answered_aspect", near_misses=(right,), text="bố trí kinh phí", sources=cited, **question),
        outcome("answered_plan", hits=(FoundPassage("ha-noi-2020", "", "bố trí kinh"),), text="bố trí kinh", sources=cited, **question),
    ]
    figures = metrics.plans(rows)
    assert figures == {"n": 4, "top_passage": 0.25, "top_ranked": 0.5, "answer": 0.25}


def test_the_abstention_curve_falls_from_the_surest_answer_down() -> None:
    rows = [
        outcome(ranked=("A",), confidence=0.9),
        outcome(ranked=("A",), confidence=0.8),
        outcome(ranked=("B",), confidence=0.6),
        outcome("unanswerable_not_found", gold=(), ranked=("A",), confidence=0.4, expect="abstain"),
    ]
    points = metrics.abstention_curve(rows)
    assert [(p.threshold, p.coverage, round(p.wrong, 4)) for p in points] == [
        (0.9, 0.25, 0.0), (0.8, 0.5, 0.0), (0.6, 0.75, 0.3333), (0.4, 1.0, 0.5)
    ]  # fmt: skip


def test_equal_confidences_are_one_point() -> None:
    points = metrics.abstention_curve([outcome(ranked=("A",), confidence=0.7), outcome(ranked=("B",), confidence=0.7)])
    assert [(p.coverage, p.wrong) for p in points] == [(1.0, 0.5)]


def test_abstention_sums_the_curve_up() -> None:
    rows = [
        outcome(ranked=("A",), code="A", confidence=0.9),
        outcome(ranked=("B",), code="B", confidence=0.8),
        outcome("clarification_procedure", ranked=("A",), confidence=0.6),
        outcome("unanswerable_not_found", gold=(), ranked=("A",), confidence=0.2, expect="abstain"),
    ]
    figures = metrics.abstention(rows, 0.5)
    assert figures["aurc"] == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4, abs=1e-4)
    assert figures["auc"] == 0.75  # of right (.9, .6) against wrong (.8, .2): three of four pairs in order
    assert figures["at_threshold"] == {"threshold": 0.5, "coverage": 0.75, "wrong": pytest.approx(1 / 3, abs=1e-4)}
    assert figures["as_answered"] == {"coverage": 0.5, "wrong": 0.5}


def test_a_threshold_is_included() -> None:
    figures = metrics.abstention([outcome(ranked=("A",), confidence=0.5), outcome(ranked=("A",), confidence=0.49)], 0.5)
    assert figures["at_threshold"]["coverage"] == 0.5


def test_without_a_search_confidence_only_a_reply_that_speaks_of_a_search_counts() -> None:
    answered = Outcome(outcome().question, Found(), Asked("answered_aspect", confidence=0.8))
    greeted = Outcome(outcome().question, Found(), Asked("chitchat_greeting", confidence=0.99))
    assert (answered.confidence, greeted.confidence) == (0.8, 0.0)


def test_latencies_add_stages_and_interpolate_percentiles() -> None:
    rows = [outcome(stages_ms={"encode": float(n), "rank": 1.0}, took_ms=10.0 * n) for n in (1, 2, 3)]
    figures = metrics.latencies(rows)
    assert figures["search_encode"] == {"n": 3, "p50": 2.0, "p95": 2.9}
    assert figures["search"] == {"n": 3, "p50": 3.0, "p95": 3.9}
    assert figures["ask"] == {"n": 3, "p50": 20.0, "p95": 29.0}


def test_a_figure_over_nothing_is_none() -> None:
    assert metrics.retrieval([])["r1"] is None
    assert metrics.percentiles([]) == {"n": 0, "p50": None, "p95": None}
    assert metrics.abstention([], 0.5)["aurc"] is None
