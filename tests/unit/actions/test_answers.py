"""Answers are filled with the record's own words, say what the record leaves open and cite their source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.answers import (
    MAX_DOCUMENTS,
    MAX_FORMS,
    answer_aspects,
    aspect_body,
    card_of,
    cite,
    next_buttons,
)
from actions.phrases import phrases, say
from actions.plan_answers import answer_plan
from knowledge.chunking import ASPECT_HEADINGS
from knowledge.model import ASPECTS, Hit, LegalBasis, Plan, Procedure, RequiredDocument, Submission
from knowledge.retrieval.search import Searcher
from nlu.payloads import read_payload
from tests.fakes import BIRTH, LIVE_PLAN, MARRIAGE, OLD_PLAN, PASSPORT, PLANS, QUARRY, TODAY


def text_of(procedure: Procedure, *aspects: str) -> str:
    return answer_aspects(procedure, aspects)[0].text


def lacks(*names: str) -> Procedure:
    """BIRTH without some fields."""
    return replace(BIRTH, **{name: type(getattr(BIRTH, name))() for name in names})


WORDS_OF_ASPECT = {
    "documents": [d.name for d in BIRTH.documents] + ["1 bản chính", "TK11"],
    "fee": ["Miễn phí", "Lệ phí: 8.000 đồng một bản sao"],
    "time": ["Trong 1 ngày làm việc", "Trong 2 ngày làm việc"],
    "place": [BIRTH.agency, BIRTH.place],
    "online": ["toàn trình"],
    "steps": BIRTH.steps.split("\n"),
    "conditions": [BIRTH.conditions],
    "legal_basis": ["Luật Hộ tịch", "60/2030/QH16", "123/2030/NĐ-CP"],
    "result": [BIRTH.result],
    "form": ["TK11"],
    "who": ["Công dân Việt Nam"],
    "general": [BIRTH.code, BIRTH.agency, "Miễn phí", "Giấy chứng sinh do trạm y tế cấp"],
}


def test_every_aspect_is_tried() -> None:
    assert set(WORDS_OF_ASPECT) == set(ASPECTS)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_an_answer_copies_the_record_and_names_the_procedure(aspect: str) -> None:
    message, citations, is_silent = answer_aspects(BIRTH, [aspect])
    for words in (*WORDS_OF_ASPECT[aspect], BIRTH.name):
        assert words in message.text
    assert is_silent is False
    assert len(citations) == 1


@pytest.mark.parametrize(
    ("aspect", "fields"),
    [
        ("documents", ["documents"]), ("fee", ["submissions"]), ("time", ["submissions"]), ("online", ["submissions"]),
        ("place", ["agency", "place"]), ("steps", ["steps"]), ("conditions", ["conditions"]),
        ("legal_basis", ["legal_basis"]), ("result", ["result"]), ("form", ["forms", "documents"]), ("who", ["applicants"]),
    ],
)  # fmt: skip
def test_a_silent_aspect_is_called_silent_and_still_cited(aspect: str, fields: list[str]) -> None:
    procedure = lacks(*fields)
    message, citations, is_silent = answer_aspects(procedure, [aspect])
    assert is_silent is True
    assert say("silent", name=procedure.name, aspect=say(f"aspects.{aspect}")) in message.text
    assert [(c.source, c.section, c.url) for c in citations] == [
        (procedure.source.id, ASPECT_HEADINGS[aspect], procedure.source.url)
    ]


def test_one_silent_aspect_beside_a_known_one_does_not_make_the_answer_silent() -> None:
    message, citations, is_silent = answer_aspects(lacks("steps"), ["steps", "result"])
    assert is_silent is False
    assert BIRTH.result in message.text
    assert [c.section for c in citations] == [ASPECT_HEADINGS["steps"], ASPECT_HEADINGS["result"]]


FILED = "Người dân nộp hồ sơ tại Ủy ban nhân dân cấp xã nơi đang ở.\nTrong thời hạn 4 ngày làm việc, cán bộ trình ký."


def test_an_empty_place_or_time_is_told_by_the_steps_and_said_to_be_empty() -> None:
    bare = replace(lacks("agency", "place", "submissions"), steps=FILED)
    for aspect, line in (("place", FILED.split("\n")[0]), ("time", FILED.split("\n")[1])):
        message, _, is_silent = answer_aspects(bare, [aspect])
        assert is_silent is False
        assert say("field_empty", name=BIRTH.name, aspect=say(f"aspects.{aspect}")) in message.text
        assert f"“{line}”" in message.text


def test_the_steps_narrow_a_place_down_but_do_not_repeat_it() -> None:
    vague = replace(BIRTH, place="", steps=FILED)
    assert FILED.split("\n")[0] in text_of(vague, "place")
    assert FILED.split("\n")[0] not in text_of(replace(vague, place="Ủy ban nhân dân cấp xã nơi thường trú"), "place")
    assert FILED.split("\n")[1] not in text_of(replace(BIRTH, steps=FILED), "time")


def test_where_conditions_are_silent_what_is_known_follows() -> None:
    text = text_of(lacks("conditions"), "conditions")
    assert text.index(say("silent", name=BIRTH.name, aspect=say("aspects.conditions"))) < text.index(BIRTH.result)
    assert BIRTH.result not in text_of(lacks("steps"), "steps")


def test_fees_stand_beside_their_way_of_handing_in() -> None:
    body = aspect_body(BIRTH, "fee")
    assert f"{say('channels.desk')}: Miễn phí" in body
    assert f"{say('channels.online')}: Lệ phí: 8.000 đồng một bản sao" in body


def test_what_is_the_same_everywhere_is_said_once() -> None:
    same = replace(BIRTH, submissions=tuple(Submission(c, "3 ngày", fees=("5.000 đồng",)) for c in ("online", "post", "desk")))
    for aspect, words in (("fee", "5.000 đồng"), ("time", "3 ngày")):
        body = aspect_body(same, aspect)
        assert body.count(words) == 1
        assert say("same_everywhere") in body


def test_ways_without_a_fee_are_left_out() -> None:
    procedure = replace(BIRTH, submissions=(Submission("desk", fees=("9.000 đồng",)), Submission("post")))
    assert say("channels.post") not in aspect_body(procedure, "fee")


def test_the_cells_note_is_shown_once() -> None:
    note = "Trong đó có một ngày chờ xác minh"
    procedure = replace(BIRTH, submissions=(Submission("desk", "3 ngày", note=note), Submission("post", "5 ngày", note=note)))
    assert aspect_body(procedure, "time").count(note) == 1


@pytest.mark.parametrize("aspect", ["time", "general"])
def test_a_time_without_unit_says_so_and_stays_as_printed(aspect: str) -> None:
    assert say("no_unit", time="8") in text_of(MARRIAGE, aspect)
    assert say("no_unit", time="8") not in text_of(BIRTH, aspect)


@pytest.mark.parametrize(
    ("fees", "is_contradiction"),
    [
        (("Miễn phí", "Lệ phí: 200.000 đồng"), True),
        (("Miễn phí", "Lệ phí : 50 USD"), True),
        (("Miễn phí",), False),
        (("Lệ phí: 200.000 đồng",), False),
        (("Miễn phí", "Phí: 0 đồng"), False),
        (("Miễn phí cho trẻ em", "10.000 đồng"), False),
    ],
)
def test_free_beside_an_amount_is_named_a_contradiction(fees: tuple[str, ...], is_contradiction: bool) -> None:
    procedure = replace(PASSPORT, submissions=(Submission("desk", fees=fees),))
    text = text_of(procedure, "fee")
    assert (say("contradiction") in text) is is_contradiction
    for fee in fees:
        assert fee in text


def test_free_one_way_and_paid_another_is_no_contradiction() -> None:
    assert say("contradiction") not in text_of(BIRTH, "fee")


@pytest.mark.parametrize(
    ("procedure", "is_warned"),
    [
        (QUARRY, True),
        (BIRTH, False),
        (replace(BIRTH, agency="UBND quận Hoa Sen"), True),
        (replace(BIRTH, agency="Phòng Tư pháp huyện Lũng Ngà"), True),
        (replace(BIRTH, levels=("Cấp xã", "Cấp huyện")), True),
    ],
)
def test_a_record_that_speaks_of_districts_is_warned_about(procedure: Procedure, is_warned: bool) -> None:
    assert ("không còn" in text_of(procedure, "place")) is is_warned


@pytest.mark.parametrize(
    ("note", "under", "not_under"),
    [
        ("Bản sao thu lệ phí 8.000 đồng.", "fee", "documents"),
        ("Chờ thêm 3 ngày làm việc khi phải xác minh.", "time", "fee"),
        (BIRTH.notes[0], "documents", "fee"),
    ],
)
def test_a_note_of_the_editors_stands_under_what_it_speaks_of(note: str, under: str, not_under: str) -> None:
    procedure = replace(BIRTH, notes=(note,))
    assert note in text_of(procedure, under)
    assert note in text_of(procedure, "general")
    assert note not in text_of(procedure, not_under)


def test_a_long_list_of_papers_is_counted_to_the_end() -> None:
    many = replace(BIRTH, documents=tuple(RequiredDocument(f"Giấy thứ {n}.") for n in range(1, MAX_DOCUMENTS + 4)))
    text = text_of(many, "documents")
    assert f"Giấy thứ {MAX_DOCUMENTS}." in text
    assert f"Giấy thứ {MAX_DOCUMENTS + 1}." not in text
    assert say("more_documents", n=3) in text
    assert say("more_documents", n=3) not in text_of(BIRTH, "documents")


def test_papers_of_one_case_stand_under_it_once() -> None:
    documents = (RequiredDocument("A"), RequiredDocument("B", case="Con nuôi"), RequiredDocument("C", case="Con nuôi"))
    text = text_of(replace(BIRTH, documents=documents), "documents")
    assert text.index("- A") < text.index(say("case", case="Con nuôi")) < text.index("- B") < text.index("- C")
    assert text.count("Con nuôi") == 1


def test_long_steps_are_cut_at_a_sentence_and_marked() -> None:
    text = aspect_body(replace(BIRTH, steps="Người dân nộp hồ sơ. " * 200), "steps")
    assert text.endswith(" …")
    assert text.removesuffix(" …").rstrip().endswith(("hồ sơ", "hồ sơ."))


def test_online_says_whether_it_can_be_done() -> None:
    assert say("online_yes") in text_of(BIRTH, "online")
    assert say("online_no") in text_of(MARRIAGE, "online")


def test_a_passage_that_holds_the_question_is_quoted_unless_it_stands_there_already() -> None:
    quote = "Trẻ chưa từng được khai sinh ở nơi khác."
    assert quote in answer_aspects(BIRTH, ["fee"], quote)[0].text
    assert answer_aspects(BIRTH, ["conditions"], quote)[0].text.count(quote) == 1


def test_papers_that_are_filled_in_are_named_with_their_forms_and_other_forms_follow() -> None:
    papers = (
        RequiredDocument("Đơn xin nuôi ong trên mái"),
        RequiredDocument("- Sơ đồ mái theo mẫu", form="M7.docx"),
        RequiredDocument("Căn cước của người nuôi"),
    )
    assert aspect_body(replace(BIRTH, documents=papers, forms=("M7", "M9")), "form").split("\n") == [
        "- Đơn xin nuôi ong trên mái",
        "- Sơ đồ mái theo mẫu (M7.docx)",
        "- M9",
    ]
    assert aspect_body(replace(BIRTH, documents=papers[2:], forms=()), "form") == ""


def test_more_forms_than_fit_are_counted() -> None:
    papers = tuple(RequiredDocument(f"Đơn số {n}") for n in range(MAX_FORMS + 3))
    lines = aspect_body(replace(BIRTH, documents=papers, forms=()), "form").split("\n")
    assert len(lines) == MAX_FORMS + 1 and lines[-1] == say("more_documents", n=3)


# Sources, buttons, cards.


@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_citation_is_complete(aspect: str) -> None:
    citation = cite(BIRTH, aspect)
    assert citation.kind == "procedure"
    assert citation.source == BIRTH.source.id
    assert (citation.title, citation.number) == (BIRTH.name, BIRTH.code)
    assert citation.section == ASPECT_HEADINGS[aspect]
    assert citation.url == BIRTH.source.url
    assert citation.as_of == "2031-05"
    assert citation.quote
    assert citation.expired is False


def test_buttons_offer_what_was_not_asked_and_a_person() -> None:
    buttons = next_buttons(BIRTH, ["fee"])
    payloads = [read_payload(b.payload) for b in buttons]
    assert all(payloads)
    aspects = [p.aspect for p in payloads if p.procedure_code == BIRTH.code]
    assert "fee" not in aspects and "documents" in aspects
    assert payloads[-1].command == "handoff"
    assert {b.title for b in buttons} <= {*phrases()["aspects"].values(), say("ask_person")}


def test_a_card_shows_code_agency_and_link() -> None:
    card = card_of(BIRTH)
    assert card["title"] == BIRTH.name
    assert {row["value"] for row in card["rows"]} == {BIRTH.code, BIRTH.agency}
    assert card["url"] == BIRTH.source.url
    assert [row["value"] for row in card_of(lacks("agency"))["rows"]] == [BIRTH.code]


def test_a_legal_ground_that_has_ended_is_marked_with_what_stands_now() -> None:
    procedure = replace(BIRTH, legal_basis=(LegalBasis("Luật Bảo hiểm xã hội", "58/2014/QH13"),))
    told = answer_aspects(procedure, ["legal_basis"], today=date(2026, 11, 22))[0].text
    assert "đã hết hiệu lực từ 01/07/2025, nay là Luật Bảo hiểm xã hội số 41/2024/QH15" in told
    assert "hết hiệu lực" not in answer_aspects(procedure, ["legal_basis"], today=date(2025, 6, 30))[0].text
    assert "hết hiệu lực" not in answer_aspects(procedure, ["fee"], today=date(2026, 11, 22))[0].text


# Plans.

BY_ID = {plan.id: plan for plan in PLANS}


def plan_hits(town: Searcher, plan: Plan) -> list[Hit]:
    return [Hit(p, 0.9) for p in town.index.passages if p.record_id == plan.id]


def test_a_plan_answer_quotes_and_names_document_section_and_date(town: Searcher) -> None:
    message, citations = answer_plan(plan_hits(town, OLD_PLAN)[1:], BY_ID, TODAY)
    for words in (OLD_PLAN.sections[1].paragraphs[0], "41/KH-UBND", OLD_PLAN.authority, "II. Nhiệm vụ", "03/02/2029"):
        assert words in message.text
    (citation,) = citations
    assert (citation.kind, citation.number, citation.section) == ("plan", "41/KH-UBND", "II. Nhiệm vụ")
    assert (citation.source, citation.as_of, citation.url) == (OLD_PLAN.source.id, OLD_PLAN.source.read_on, OLD_PLAN.source.url)
    assert citation.quote == OLD_PLAN.sections[1].paragraphs[0]


@pytest.mark.parametrize(("plan", "is_expired"), [(OLD_PLAN, True), (LIVE_PLAN, False), (replace(OLD_PLAN, period_to=TODAY), False)])
def test_a_plan_whose_period_has_passed_says_so(town: Searcher, plan: Plan, is_expired: bool) -> None:
    message, citations = answer_plan(plan_hits(town, plan), {plan.id: plan}, TODAY)
    assert (say("plan_expired", to="31/12/2029") in message.text) is is_expired
    assert {c.expired for c in citations} == {is_expired}


def test_further_passages_are_cited_from_the_same_plan_only(town: Searcher) -> None:
    old, live = plan_hits(town, OLD_PLAN), plan_hits(town, LIVE_PLAN)
    _, citations = answer_plan([old[0], *live, old[1]], BY_ID, TODAY)
    assert [c.source for c in citations] == [OLD_PLAN.source.id] * 2


def test_a_plan_without_number_is_named_by_its_title(town: Searcher) -> None:
    plan = replace(LIVE_PLAN, number="", issued_on=None)
    message, citations = answer_plan(plan_hits(town, plan), {plan.id: plan}, TODAY)
    assert plan.title in message.text
    assert citations[0].as_of == plan.source.read_on


# Phrases.


def test_every_aspect_and_channel_has_its_phrases() -> None:
    assert set(phrases()["aspects"]) == set(phrases()["heads"]) == set(ASPECTS)
    assert set(phrases()["channels"]) == {"online", "post", "desk", "other"}


def test_an_unknown_phrase_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("heads.nonsense")


@pytest.mark.parametrize(("today", "is_told"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False)])
def test_a_fee_rule_beside_the_amount_is_told_up_to_its_last_day(today: date, is_told: bool) -> None:
    row = Submission("desk", "3 ngày", True, ("70.000 đồng",), "Phí thu một lần. Từ 01/7/2025 đến hết 31/12/2026 thu 50% mức này. Nộp tiền mặt.")
    message, _, _ = answer_aspects(replace(BIRTH, submissions=(row,)), ["fee"], today=today)
    assert ("50%" in message.text) is is_told
    assert "70.000 đồng" in message.text and "Phí thu một lần." in message.text and "Nộp tiền mặt." in message.text
