"""Where to go in a conversation: the place read, kept, asked back or said to be unknown. Units are those of today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from actions.phrases import say
from actions.place_answers import PlaceSkill, _unknown_name
from actions.reply import Choice, Context, Reply, ReplyMessage
from knowledge.model import Procedure, Source
from knowledge.places.resolver import PlaceResolver
from nlu.payloads import MAX_PAYLOAD_BYTES, read_payload
from nlu.types import Understanding

SOURCE = Source("thu.yml", "Nguồn thử")
BIRTH = Procedure("9.100001", "Đăng ký khai sinh", SOURCE, agency="Ủy ban nhân dân cấp xã", levels=("Cấp xã",))
DEATH = Procedure("9.100004", "Khai tử", SOURCE, place="Trung tâm Phục vụ hành chính công cấp xã hoặc cấp tỉnh", levels=("Cấp xã",))
HOUSING = Procedure("9.100002", "Cấp phép nhà", SOURCE, agency="Ủy ban nhân dân cấp huyện", levels=("Cấp huyện",))
PASSPORT = Procedure("9.100003", "Cấp hộ chiếu", SOURCE, agency="Công an cấp tỉnh", levels=("Cấp tỉnh",))
RECORDS = {p.code: p for p in (BIRTH, DEATH, HOUSING, PASSPORT)}


@pytest.fixture(scope="module")
def resolver() -> PlaceResolver:
    return PlaceResolver()


class Desk:
    """Answers what the record says, as the turn would, and lets the skill add the place."""

    def __init__(self, resolver: PlaceResolver) -> None:
        self.skill = PlaceSkill(resolver)
        self.context = Context()
        self.searched = ""

    def ask(self, text: str, aspect: str = "place", code: str = BIRTH.code) -> Reply:
        understanding = Understanding(text, f"ask_{aspect}", 0.9, (), ())
        note = self.skill.read(text, understanding, self.context)
        self.searched = note.question
        payload = read_payload(note.question)
        aspect = payload.aspect if payload and payload.aspect else aspect
        reply = self.skill.ask_matter(note, self.context) or _answer(code, aspect)
        reply = self.skill.add(reply, note, RECORDS.get)
        self.context = reply.context
        return reply


def _answer(code: str, aspect: str) -> Reply:
    text = f"{aspect} của {code}" + ("\n\n" + say("district") if code == HOUSING.code else "")
    return Reply(
        "answered_aspect", (ReplyMessage(text),), aspect=aspect, procedure={"code": code, "name": RECORDS[code].name},
        context=Context(procedure_code=code, aspect=aspect, last_status="answered_aspect"),
    )  # fmt: skip


@pytest.fixture
def desk(resolver: PlaceResolver) -> Iterator[Desk]:
    yield Desk(resolver)


def text_of(reply: Reply) -> str:
    return reply.messages[0].text


@pytest.mark.parametrize("place", ["phường Bến Nghé quận 1", "phuong ben nghe quan 1", "p. Bến Nghé, Q1, TPHCM"])
def test_an_old_name_is_answered_with_the_unit_of_today_and_any_centre_of_the_province(desk: Desk, place: str):
    reply = desk.ask(f"khai sinh nộp ở đâu, mình ở {place}")
    assert reply.status == "answered_aspect"
    assert "phường Sài Gòn, thành phố Hồ Chí Minh" in text_of(reply)
    assert "Trong thành phố Hồ Chí Minh, trung tâm của xã, phường nào cũng nhận hồ sơ" in text_of(reply)


def test_the_search_does_not_see_the_place(desk: Desk):
    desk.ask("khai sinh nộp ở đâu, mình ở phường Bến Nghé quận 1")
    assert "Nghé" not in desk.searched and "khai sinh" in desk.searched


@pytest.mark.parametrize(
    "typed", ["lệ phí khai sinh ở Huế", "Nhà mình ở xã Hòa Vang, Đà Nẵng. lệ phí khai sinh"], ids=["after", "before"]
)
def test_whatever_is_asked_of_a_procedure_the_search_does_not_see_the_place(desk: Desk, typed: str):
    desk.ask(typed, "fee")
    assert desk.searched.strip().endswith("lệ phí khai sinh") and desk.context.place
    assert not {"Huế", "Vang", "Nẵng"} & set(desk.searched.split())


def test_a_question_about_plans_is_searched_with_its_place(desk: Desk):
    desk.ask("kế hoạch của Huế do cơ quan nào chủ trì", "plan_agency")
    assert desk.searched == "kế hoạch của Huế do cơ quan nào chủ trì"


def test_without_a_place_the_rule_is_told_and_the_place_asked_for(desk: Desk):
    reply = desk.ask("khai sinh nộp ở đâu")
    assert "Trong cùng một tỉnh" in text_of(reply) and text_of(reply).endswith("”.") and reply.status == "answered_aspect"


@pytest.mark.parametrize("typed", ["mình ở q.LB", "q. Long Biên", "quan long bien"])
def test_an_abolished_district_is_asked_back_with_its_communes_as_buttons(desk: Desk, typed: str):
    desk.ask("khai sinh nộp ở đâu")
    reply = desk.ask(typed)
    assert reply.status == "clarification_place" and "Quận Long Biên không còn" in text_of(reply)
    options = [b for b in reply.messages[0].buttons if b.payload.startswith("#noi ")]
    assert "Phường Long Biên" in [b.title for b in options]
    assert all(len(b.payload.encode()) <= MAX_PAYLOAD_BYTES for b in options)
    chosen = desk.ask(next(b.payload for b in options if b.title == "Phường Long Biên"))
    assert chosen.status == "answered_aspect" and "phường Long Biên, thành phố Hà Nội" in text_of(chosen)


def test_a_shared_name_is_never_guessed(desk: Desk):
    desk.ask("khai sinh nộp ở đâu")
    reply = desk.ask("phường 4")
    assert reply.status == "clarification_place" and "tỉnh, thành phố nào" in text_of(reply)
    assert desk.context.place == ""


def test_the_place_stays_for_the_next_question_and_another_takes_its_turn(desk: Desk):
    desk.ask("khai sinh nộp ở đâu, mình ở phường Bến Nghé quận 1")
    assert "phường Sài Gòn" in text_of(desk.ask("cấp phép nhà nộp ở đâu", code=HOUSING.code))
    moved = desk.ask("còn ở Đà Nẵng thì sao", "place")
    assert desk.searched.startswith("#tt ") and "thành phố Đà Nẵng" in text_of(moved)


def test_a_name_is_looked_for_in_the_province_named_before_unless_it_does_not_lie_there(desk: Desk):
    desk.ask("khai sinh nộp ở đâu, mình ở Đà Nẵng")
    assert "phường Hải Châu, thành phố Đà Nẵng" in text_of(desk.ask("phường Hải Châu"))
    assert "thành phố Hồ Chí Minh" in text_of(desk.ask("còn phường Bến Nghé, quận 1 thì sao"))


def test_a_place_after_another_aspect_says_that_the_record_is_the_same_everywhere(desk: Desk):
    desk.ask("khai sinh lệ phí bao nhiêu", "fee")
    reply = desk.ask("còn ở Đà Nẵng thì sao", "place")
    assert reply.aspect == "fee" and "dùng chung cả nước" in text_of(reply)


@pytest.mark.parametrize("typed", ["phường Lạc Trôi", "em ở phường Lạc Trôi", "ở xã abc"])
def test_a_name_that_no_table_holds_is_said_to_be_unknown(desk: Desk, typed: str):
    desk.ask("khai sinh nộp ở đâu, mình ở phường Bến Nghé quận 1")
    reply = desk.ask(typed)
    assert "Mình không biết nơi tên" in text_of(reply) and "Sài Gòn" not in text_of(reply)


def test_an_unknown_commune_of_a_known_province_leaves_the_province(desk: Desk):
    reply = desk.ask("khai sinh nộp ở đâu, em ở xã Khôngcóthật tỉnh Bình Định")
    assert "“xã Khôngcóthật” ở tỉnh Gia Lai" in text_of(reply)


@pytest.mark.parametrize("typed", ["nhà ở xã hội nộp ở đâu", "khai sinh ở xã mình nộp đâu", "khai sinh ở phường nào cũng được à"])
def test_ordinary_words_behind_xa_and_phuong_are_no_names(desk: Desk, typed: str):
    assert "Mình không biết nơi" not in text_of(desk.ask(typed))


def test_a_place_told_before_anything_was_asked_is_kept_and_the_matter_asked_for(desk: Desk):
    reply = desk.ask("h. Tây Sơn", "procedure")
    assert reply.status == "clarification_topic" and "tỉnh Gia Lai" in text_of(reply)
    assert "tỉnh Gia Lai" in text_of(desk.ask("khai sinh nộp ở đâu"))


def test_a_place_told_while_a_choice_waits_shows_the_choice_again(desk: Desk):
    choices = (Choice("9.100001", "Khai sinh", "sinh"), Choice("9.100002", "Nhà", "nhà"))
    desk.context = Context(choices=choices, pending_aspect="place", last_status="clarification_procedure")
    reply = desk.ask("đà lạt", "inform")
    assert reply.status == "clarification_procedure" and "1. Khai sinh" in text_of(reply) and "Lâm Đồng" in text_of(reply)
    assert reply.context.choices == choices and reply.context.pending_aspect == "place" and reply.context.place


def test_the_commune_is_not_asked_for_where_only_the_province_matters(desk: Desk):
    assert "xã, phường nào" not in text_of(desk.ask("hộ chiếu nộp ở đâu, mình ở Huế", code=PASSPORT.code))


def test_a_record_of_the_abolished_level_says_so_once(desk: Desk):
    reply = desk.ask("cấp phép nhà nộp ở đâu, mình ở Huế", code=HOUSING.code)
    assert text_of(reply).count("cấp huyện") == 2 and say("district") not in text_of(reply) and "Độ chắc: thấp" in text_of(reply)


def test_the_context_keeps_a_code_and_no_words(desk: Desk):
    desk.ask("khai sinh nộp ở đâu, nhà mình ở số 5 phường Bến Nghé quận 1")
    assert desk.context.place.isdigit()


def test_buttons_of_procedures_pass_untouched(desk: Desk):
    desk.context = replace(desk.context, procedure_code=BIRTH.code)
    desk.ask("#tt 9.100001 place")
    assert desk.searched == "#tt 9.100001 place"


def which(codes: tuple[str, ...], aspect: str = "place") -> Reply:
    """A question back between procedures, as the turn asks it."""
    choices = tuple(Choice(code, RECORDS[code].name, "") for code in codes)
    context = Context(choices=choices, pending_aspect=aspect, last_status="clarification_procedure")
    return Reply("clarification_procedure", (ReplyMessage("Việc nào?"),), aspect=aspect, choices=choices, context=context)


def asked_back(desk: Desk, text: str, codes: tuple[str, ...], aspect: str = "place") -> Reply:
    note = desk.skill.read(text, Understanding(text, f"ask_{aspect}", 0.9, (), ()), desk.context)
    reply = desk.skill.add(which(codes, aspect), note, RECORDS.get)
    desk.context = reply.context
    return reply


@pytest.mark.parametrize("typed", ["q.LB làm khai sinh ở đâu", "q.lb lam khai sinh o dau"])
def test_where_to_go_is_told_before_the_choice_where_it_is_the_same_for_all(desk: Desk, typed: str):
    reply = asked_back(desk, typed, (BIRTH.code, DEATH.code))
    before, question = text_of(reply).split("\n\n")
    assert "Quận Long Biên không còn" in before and "Trong thành phố Hà Nội, trung tâm của xã, phường nào cũng nhận" in before
    assert question == "Việc nào?" and reply.status == "clarification_procedure"


def test_before_a_choice_between_offices_only_the_place_is_read_back(desk: Desk):
    text = text_of(asked_back(desk, "h. Tây Sơn làm giấy tờ ở đâu", (BIRTH.code, PASSPORT.code)))
    assert "tỉnh Gia Lai" in text and "trung tâm của xã" not in text and text.endswith("Việc nào?")


def test_a_choice_about_another_aspect_stays_as_it_was(desk: Desk):
    assert text_of(asked_back(desk, "khai sinh ở Huế lệ phí", (BIRTH.code, DEATH.code), "fee")) == "Việc nào?"


def test_the_communes_that_remain_are_offered_once_the_procedure_is_chosen(desk: Desk):
    asked_back(desk, "q.LB làm khai sinh ở đâu", (BIRTH.code, DEATH.code))
    desk.context = replace(desk.context, choices=())
    reply = desk.ask(f"#tt {BIRTH.code} place")
    options = [b.title for b in reply.messages[0].buttons if b.payload.startswith("#noi ")]
    assert "Phường Long Biên" in options and "Phường Bồ Đề" in options
    chosen = desk.ask(next(b.payload for b in reply.messages[0].buttons if b.title == "Phường Bồ Đề"))
    assert "phường Bồ Đề, thành phố Hà Nội" in text_of(chosen)


def test_a_split_commune_whose_name_lives_on_is_asked_back_with_its_parts(desk: Desk):
    reply = desk.ask("phường Ô Chợ Dừa làm khai sinh ở đâu")
    titles = [b.title for b in reply.messages[0].buttons if b.payload.startswith("#noi ")]
    assert reply.status == "clarification_place" and "Phường Ô Chợ Dừa" in titles and len(titles) == 2
    assert "một nơi còn giữ tên này" in text_of(reply)


@pytest.mark.parametrize("rest", ["nộp ở UBND huyện à", "nộp ở xã ạ", "nộp ở huyện đó", "lên phường ấy"])
def test_small_words_with_marks_behind_a_kind_are_no_name(rest: str) -> None:
    assert _unknown_name(rest) == ""


def test_a_name_in_capitals_with_marks_is_one() -> None:
    assert _unknown_name("nộp ở phường Ước Mơ được không") == "phường Ước Mơ"


@pytest.mark.parametrize(("aspect", "whole"), [("fee", "lệ phí khai sinh ở Huế"), ("place", "")])
def test_the_message_with_its_place_is_kept_where_a_plan_may_be_meant(resolver: PlaceResolver, aspect: str, whole: str):
    question = "lệ phí khai sinh ở Huế"
    note = PlaceSkill(resolver).read(question, Understanding(question, f"ask_{aspect}", 0.9, (), ()), Context())
    assert (note.question, note.whole) == ("lệ phí khai sinh", whole)
