"""One turn of the conversation: what was understood and what is carried over in, a whole Reply out.

Read :meth:`Assistant.answer` from top to bottom; each step either ends the turn or hands on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from actions.answers import answer_aspects, short_name
from actions.asked import Turn
from actions.choices import ask_family, ask_which, is_plain_case, plain_buttons_of
from actions.choosing import choice_meant, likeliest_first, meant_beside, numbered_choice
from actions.district_notes import note_district
from actions.follow_ups import FollowUp, choices_in_focus, read_detail, read_follow_up
from actions.law_questions import asks_fine_alone, asks_law
from actions.life_events import told_first
from actions.naming import names_matter
from actions.near_told import add_near_told
from actions.number_lists import is_told, list_for_number
from actions.numbers import is_only_number, said_of_unknown
from actions.over_time import History, TimeQuestion, answer_over_time, read_time_question
from actions.phrases import say
from actions.place_answers import PlaceSkill
from actions.plan_answers import answer_plan
from actions.plan_heads import cite_head, head_of
from actions.plan_lists import PlanLists
from actions.plan_owners import PlanOwners, all_plan_hits, asks_plans
from actions.quotes import best_paragraph, deadline_and_fine, penalty_line
from actions.reply import Button, Choice, Context, Reply, ReplyMessage
from actions.same_answer import same_for_all, told_for_all
from actions.skills import track_dossier
from actions.stories import find_topic
from actions.task_lists import TaskLists
from actions.topic import ASPECT_IN_FOCUS, MAX_CLARIFICATIONS, Topic, TopicFinder, rivals_of
from knowledge.model import Hit, Procedure
from knowledge.plan_catalogue import LiveCatalogue
from knowledge.retrieval.search import Searcher
from nlu.payloads import write_payload
from nlu.types import Understanding

PLAN_INTENTS = frozenset({"ask_plan_task", "ask_plan_deadline", "ask_plan_agency", "ask_plan_content"})
_MAX_NEAR = 3
_KEPT = 4  # procedures of earlier turns that can be gone back to
_LIKELIEST = 0.5  # confidence of a reading that was picked from several; below _CERTAIN, so the reader is told
_ASPECTS_OF_NUMBERS = frozenset({"", "general", "form", "legal_basis"})  # who names a form asks these of whatever it is for
_CERTAIN = 0.8  # confidence from which the reader need not be told how the question was read


class Assistant:
    """Answers turns from one searcher at a time; safe to call from several threads.

    Args:
        searcher: gives the live searcher; called once a turn, so an index swap never splits a turn.
        today: gives the date on which plans are judged.
        hotline: telephone number told to those who want a person.
        places: reads where people are; None makes one that loads its tables at the first question.
        history: versions of procedures; None where none are kept.
    """

    def __init__(
        self,
        searcher: Callable[[], Searcher],
        today: Callable[[], date] = date.today,
        hotline: str = "",
        places: PlaceSkill | None = None,
        history: History | None = None,
    ) -> None:
        self._history = history
        self._searcher = searcher
        self._today = today
        self._hotline = hotline
        self._catalogue = LiveCatalogue(lambda: searcher().index.plans, today)
        self._places = places or PlaceSkill()
        self._owners = PlanOwners(self._places.units)
        self._lists = TaskLists(self._catalogue, PlanLists(self._owners))

    def answer(self, question: str, understanding: Understanding, context: Context) -> Reply:
        """Answer one message.

        Args:
            question: as typed, personal data already masked.
            understanding: intent and entities of this message.
            context: what the last reply carried.
        """
        listed = self._lists.answer(question, understanding.intent, context, lambda text: self._searcher().query_forms(text).restored)
        if listed is not None:
            return replace(listed, intent=understanding.intent, context=replace(listed.context, place=context.place))
        note = self._places.read(question, understanding, context)
        if note.whole and TopicFinder(self._searcher()).find(note.whole, note.understanding, context).is_about_plans:
            note = replace(note, question=note.whole)  # a plan is known by its place
        reply = self._places.ask_matter(note, context) or self._reply(note.question, note.understanding, context)
        return note_district(self._places.add(reply, note, self._searcher().procedure), question, self._today())

    def chance_of_answer(self, question: str) -> float:
        """Chance 0..1 that the first procedure found for a message is the one meant."""
        return self._searcher().search(question, kinds=["procedure"]).confidence

    def names_matter(self, question: str, outright: bool = False) -> bool:
        """Whether a message is the name of a matter (actions/naming.py)."""
        return names_matter(self._searcher(), question, outright)

    def _reply(self, question: str, understanding: Understanding, context: Context) -> Reply:
        """The turn without what the place named in it adds."""
        searcher = self._searcher()
        turn = Turn(question, understanding, context)
        asked = read_time_question(question) if self._history else None
        topic = find_topic(TopicFinder(searcher), (asked and asked.matter) or question, understanding, context, self._today().year)
        turn = replace(turn, restored=topic.restored)
        reply = (
            (self._over_time(turn, topic, searcher, asked) if asked else None)
            or self._foreign(turn, topic)
            or self._tracked(turn, topic)
            or self._unknown_number(turn, topic)
            or self._shared_number(turn, topic)
            or self._chosen(turn, topic, searcher)
            or self._numbered(turn, topic, searcher)
            or self._planned(turn, topic, searcher)
            or self._followed(turn, topic, searcher)
            or self._beside_choices(turn, topic, searcher)
            or self._law(turn, topic, searcher)
            or self._repaired(turn, topic, searcher)
            or self._carried(turn, topic, searcher)
            or self._returned(turn, topic, searcher)
            or self._found(turn, topic, searcher)
            or self._elsewhere(turn, topic)
            or self._detailed(turn, topic, searcher)
            or self._asked_back(turn, topic, searcher)
            or self._not_found(turn, topic)
        )
        return replace(reply, intent=understanding.intent)

    def _over_time(self, turn: Turn, topic: Topic, searcher: Searcher, asked: TimeQuestion) -> Reply | None:
        """"Có gì thay đổi?", "trước đây thì sao?" of the procedure that is named, or of the one in focus."""
        code = turn.context.procedure_code if topic.is_elliptic or not asked.matter else ""
        if not code and topic.result.procedures and (topic.is_sure or topic.exact_rows):
            code = topic.result.procedures[0].procedure.code
        procedure = searcher.procedure(code) if code and not topic.is_about_plans else None
        if procedure is None:
            return None
        aspects = turn.aspects(turn.context.aspect or "general" if topic.is_elliptic else "general")
        return answer_over_time(asked, procedure, aspects, self._history, self._today(), topic.result.confidence)

    def _foreign(self, turn: Turn, topic: Topic) -> Reply | None:
        if not topic.is_foreign or topic.exact_rows or turn.context.choices:
            return None
        return self._plain("unanswerable_language", say("language"), turn)

    def _tracked(self, turn: Turn, topic: Topic) -> Reply | None:
        """"Bao giờ có kết quả?" after a dossier was asked about is still about that dossier."""
        if not topic.is_elliptic or not turn.context.last_status.startswith("tracking_"):
            return None
        return track_dossier(turn.understanding, turn.context)

    def _unknown_number(self, turn: Turn, topic: Topic) -> Reply | None:
        """A code, document or form that the knowledge does not hold is said to be unknown."""
        if not topic.unknown_numbers or topic.exact_rows or topic.named_plans:
            return None
        kind, value = topic.unknown_numbers[0]
        if kind != "procedure_code" and turn.aspect not in ("", "form", "legal_basis") and topic.is_sure:
            return None  # the form or law is a detail of a question that is clear without it
        return self._plain("unanswerable_unknown_code", said_of_unknown(kind, value, self._today(), turn.question), turn)

    def _shared_number(self, turn: Turn, topic: Topic) -> Reply | None:
        """Nothing but the number of a document that too many procedures rest on to be listed."""
        entity = turn.entity("document_number")
        if entity is None or topic.exact_rows or topic.named_plans or not is_only_number(turn.question, entity.value):
            return None
        return self._plain("clarification_topic", say("number_shared", value=entity.value), turn)

    def _chosen(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """A button that names a procedure, or an answer to "which one?"."""
        code = turn.entity("procedure_code")
        if turn.understanding.intent == "choose_procedure" and code:
            aspect = turn.context.pending_aspect if turn.context.choices else ""
            return self._procedure(searcher, code.value, [aspect or "general"], turn, confidence=1.0)
        if listed := numbered_choice(turn.understanding.entities, turn.context.listed):
            return self._procedure(searcher, listed.code, turn.aspects("general"), turn, confidence=1.0)
        if not turn.context.choices:
            return None
        asks = turn.aspect not in ("", "general")
        choice = choice_meant(searcher, topic, turn.understanding.entities, turn.context, asks, self._today().year)
        if choice is None or (asks and topic.is_sure):
            return None
        aspects = turn.aspects(turn.context.pending_aspect or "general")
        return self._procedure(searcher, choice.code, aspects, turn, confidence=1.0)

    def _beside_choices(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """The question back had left out what is meant."""
        code = meant_beside(searcher, topic, turn.context.choices)
        if not code:
            return None
        aspects = turn.aspects(turn.context.pending_aspect or "general")
        reply = self._procedure(searcher, code, aspects, turn, confidence=_LIKELIEST)
        return replace(reply, context=replace(reply.context, rivals=tuple(c.code for c in turn.context.choices)))

    def _followed(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """"Hộ kinh doanh thì sao?": the question before, put to a sibling of the procedure in focus."""
        if topic.is_sure and topic.result.confidence >= _CERTAIN:
            return None
        return self._follow_up(turn, searcher, read_follow_up(searcher, topic, turn.context))

    def _detailed(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """A detail told after an answer, or a correction, that alone finds nothing: read beside what is in focus."""
        is_told = turn.understanding.intent in ("inform", "repair", "deny")
        if not is_told or topic.family or (topic.may_ask_back and topic.is_named):
            return None
        detail = read_detail(searcher, topic, turn.context, turn.understanding.intent != "inform")
        return self._follow_up(turn, searcher, detail)

    def _follow_up(self, turn: Turn, searcher: Searcher, follow_up: FollowUp | None) -> Reply | None:
        if follow_up is None:
            return None
        aspect = turn.aspect_kept or turn.aspect or turn.context.aspect or turn.context.pending_aspect or "general"
        if len(follow_up.codes) > 1 and turn.context.n_clarifications < MAX_CLARIFICATIONS:
            return self._which(turn, *ask_which([p for code in follow_up.codes if (p := searcher.procedure(code))]), aspect=aspect)
        reply = self._procedure(searcher, follow_up.codes[0], [aspect], turn, _LIKELIEST)
        return replace(reply, context=replace(reply.context, rivals=follow_up.rivals))

    def _numbered(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """Exact numbers: one procedure is answered, several are listed unless the other words clearly tell which."""
        if not topic.exact_rows:
            return None
        hits = [h for h in topic.result.procedures if h.signals["exact"]]
        if len(hits) == 1 or turn.entity("procedure_code") or (turn.aspect not in _ASPECTS_OF_NUMBERS and is_told(hits)):
            aspects = turn.aspects("general")
            return self._procedure(searcher, hits[0].procedure.code, aspects, turn, confidence=1.0)
        return list_for_number(hits, turn, _recent(turn.context, ""))

    def _planned(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """A question about plans: by intent, by number, or because plans hold its words far better; who asks for the
        plan of one province or authority gets that one's."""
        may_be = turn.understanding.intent in PLAN_INTENTS and not (topic.is_sure and topic.result.confidence >= _CERTAIN)
        if not topic.plan_hits or not (topic.is_about_plans or may_be):
            return None
        hits, lead, is_about, catalogue = topic.plan_hits, "", topic.is_about_plans, self._catalogue()
        issuer = self._owners.named(turn.question, topic.restored, catalogue)
        if issuer and (is_about or asks_plans(turn.question, topic.restored, issuer, catalogue)):
            kept = self._owners.keep(issuer, hits, topic.named_plans, partial(all_plan_hits, searcher, turn.question))
            if not kept.hits:
                return self._owners.none_of(issuer, catalogue)
            hits, lead, is_about = kept.hits, kept.lead, topic.is_about(kept.hits, turn.understanding, turn.context)
        is_named = bool(topic.named_plans) or bool(issuer and issuer.plan_ids)
        return self._quoted(turn, hits, searcher, lead, is_named) if is_about else None

    def _quoted(self, turn: Turn, hits: Sequence[Hit], searcher: Searcher, lead: str, is_named: bool) -> Reply:
        plans, today = {p.id: p for p in searcher.index.plans}, self._today()
        plan = plans[hits[0].passage.record_id]
        newer = next(iter(self._catalogue().replaced_by(plan)), None)
        message, citations = answer_plan(hits, plans, today, turn.question, newer, lead)
        if is_named and (told := head_of(turn.question, plan, today, newer)):
            message, citations = ReplyMessage(told, message.buttons), (cite_head(plan, today, newer),)
        return Reply(
            status="answered_plan",
            messages=(message,),
            citations=citations,
            confidence=round(hits[0].score, 3),
            context=Context(plan_id=plan.id, last_status="answered_plan", recent=_recent(turn.context, "")),
        )

    def _law(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """A question of law, which no record answers unless one of its lines names the fine that is asked for."""
        if turn.context.choices or not asks_law(turn.question):
            return None
        found = topic.result.procedures[0].procedure.code if topic.is_sure else ""
        code = turn.context.procedure_code if topic.is_elliptic else found
        procedure = searcher.procedure(code) if code else None
        is_fine = asks_fine_alone(turn.question)
        if topic.outside or (topic.is_elliptic and procedure is None):
            return None
        if is_fine and procedure and penalty_line(procedure, partial(searcher.coverage, turn.question)):
            return None
        near = [procedure] if procedure else [hit.procedure for hit in topic.result.procedures[:_MAX_NEAR]]
        reply = self._not_known(turn, say("law_fine") if is_fine else say("law"), near, say("law_next"), topic.result.confidence)
        kept = replace(reply.context, procedure_code=code or turn.context.procedure_code)
        return replace(reply, status="unanswerable_law", context=replace(kept, last_status="unanswerable_law"))

    def _repaired(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """"Không phải ý tôi" without saying what was meant: the procedures that came next are offered."""
        if turn.understanding.intent != "repair" or not topic.is_elliptic:
            return None
        rivals = [p for code in turn.context.rivals if (p := searcher.procedure(code))]
        if not rivals:
            return self._plain("chitchat_repair", say("repair"), turn)
        return self._which(turn, *ask_which(rivals), aspect=turn.context.aspect)

    def _carried(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """Ellipsis: the message names no matter of its own, so the procedure in focus is meant; where a question back
        was left unanswered, its first choice, and the reader is told so."""
        if not topic.is_elliptic:
            return None
        if turn.context.procedure_code:
            fallback = ASPECT_IN_FOCUS.get(turn.understanding.intent) or turn.context.aspect or "general"
            return self._procedure(searcher, turn.context.procedure_code, turn.aspects(fallback), turn, confidence=0.9)
        if turn.context.choices and turn.aspect:
            return self._likeliest(turn, searcher, turn.context.choices, turn.aspects("general"))
        return None

    def _likeliest(
        self, turn: Turn, searcher: Searcher, choices: Sequence[Choice], aspects: Sequence[str]
    ) -> Reply:
        """The first of several choices answered as a reading that may be wrong; a tap away lie the others."""
        reply = self._procedure(searcher, choices[0].code, aspects, turn, confidence=_LIKELIEST)
        *messages, last = reply.messages
        last = replace(last, buttons=(*last.buttons, *plain_buttons_of(choices[1:])))
        rivals = tuple(c.code for c in choices[1:])
        return replace(reply, messages=(*messages, last), context=replace(reply.context, rivals=rivals))

    def _returned(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        """"Quay lại cái hộ chiếu, mấy ngày có": a procedure of some turns ago, named by a word or two."""
        if not topic.returned_to:
            return None
        aspects = turn.aspects(turn.aspect_kept or "general")
        return self._procedure(searcher, topic.returned_to, aspects, turn, _LIKELIEST)

    def _found(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        if not topic.is_sure:
            return None
        aspects = turn.aspects(turn.aspect_kept or ASPECT_IN_FOCUS.get(turn.understanding.intent) or "general")
        first, rivals = topic.result.procedures[0].procedure, rivals_of(topic.result)
        reply = self._procedure(searcher, first.code, aspects, turn, topic.result.confidence)
        reply = add_near_told(reply, topic.result.procedures, turn.question)
        return replace(reply, context=replace(reply.context, rivals=rivals))

    def _elsewhere(self, turn: Turn, topic: Topic) -> Reply | None:
        """A matter that the knowledge does not hold, but of which the responsible body is known."""
        matter = topic.outside
        if matter is None:
            return None
        where = say("elsewhere_at", at=matter.at) if matter.at else ""
        text = say("elsewhere", matter=matter.name, body=matter.body, where=where)
        person = Button(say("ask_person"), write_payload(command="handoff"))
        context = replace(turn.context, choices=(), last_status="unanswerable_elsewhere")
        return Reply(
            status="unanswerable_elsewhere",
            messages=(ReplyMessage(text, (person,)),),
            confidence=topic.result.confidence,
            context=context,
        )

    def _asked_back(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply | None:
        if topic.is_elliptic and not topic.may_ask_back:
            return self._plain("clarification_topic", say("topic"), turn)
        if topic.family is not None:
            return self._family(turn, topic, searcher)
        if not topic.may_ask_back:
            return None
        near = [h.procedure for h in topic.candidates]
        message, choices = ask_which(near)
        if topic.is_named and is_plain_case(near):
            return self._likeliest(turn, searcher, choices, turn.aspects(turn.aspect_kept or "general"))
        return self._which(turn, message, choices, turn.aspect, topic.result.confidence)

    def _family(self, turn: Turn, topic: Topic, searcher: Searcher) -> Reply:
        """Ask a family's question. Who only tells what happened ("tôi mới mua đất") often has to do several of its
        things, so the likeliest is told and the others are offered; after a life event all are listed first."""
        message, choices = ask_family(topic.family)
        aspect = turn.aspect or turn.aspect_kept
        if turn.understanding.intent == "inform" and topic.family.is_event:
            return told_first(self._likeliest(turn, searcher, choices, ["general"]), message, choices)
        likely = choices_in_focus(searcher, topic.family, choices, turn.context)
        if likely or turn.understanding.intent == "inform":
            return self._likeliest(turn, searcher, likely or likeliest_first(choices, topic), [aspect or "general"])
        procedures = [p for choice in choices if (p := searcher.procedure(choice.code))]
        is_one = turn.aspects(aspect) == [aspect] and len(procedures) == len(choices)
        if is_one and topic.names_family and same_for_all(procedures, aspect):
            reply = self._likeliest(turn, searcher, choices, [aspect])
            return told_for_all(reply, topic.family, choices, topic.result.verdict)
        reply = self._which(turn, message, choices, aspect, topic.result.confidence)
        return replace(reply, context=replace(reply.context, family=topic.family.id))

    def _which(
        self, turn: Turn, message: ReplyMessage, choices: tuple[Choice, ...], aspect: str = "", confidence: float = 0.0
    ) -> Reply:
        return Reply(
            status="clarification_procedure",
            messages=(message,),
            aspect=aspect or None,
            choices=choices,
            confidence=confidence,
            context=Context(
                choices=choices,
                pending_aspect=aspect,
                last_status="clarification_procedure",
                n_clarifications=turn.context.n_clarifications + 1,
                recent=_recent(turn.context, ""),
            ),
        )

    def _not_found(self, turn: Turn, topic: Topic) -> Reply:
        near = [hit.procedure for hit in topic.result.procedures[:_MAX_NEAR]]
        return self._not_known(turn, say("not_found"), near, say("not_found_next"), topic.result.confidence)

    def _not_known(self, turn: Turn, head: str, near: Sequence[Procedure], tail: str, confidence: float) -> Reply:
        """What is not known, the nearest procedures as such, and a person to turn to."""
        lines = [head, *([say("not_found_near"), *(f"- {p.name}" for p in near)] if near else []), tail]
        buttons = tuple(Button(short_name(p), write_payload(procedure_code=p.code)) for p in near)
        person = Button(say("ask_person"), write_payload(command="handoff"))
        context = replace(turn.context, choices=(), n_clarifications=0, last_status="unanswerable_not_found")
        return Reply(
            status="unanswerable_not_found",
            messages=(ReplyMessage("\n".join(lines), (*buttons, person)),),
            confidence=confidence,
            context=context,
        )

    def _procedure(
        self, searcher: Searcher, code: str, aspects: Sequence[str], turn: Turn, confidence: float
    ) -> Reply:
        """Answer aspects of one procedure; the code must exist in the index."""
        procedure = searcher.procedure(code)
        if procedure is None:  # a button from before an index swap
            text = say("unknown_code", kind=say("unknown_kinds.procedure_code"), value=code)
            return self._plain("unanswerable_unknown_code", text, turn)
        coverage = partial(searcher.coverage, turn.question)
        lead = deadline_and_fine(turn.question, procedure, coverage)
        message, citations, is_silent = answer_aspects(
            procedure, aspects, best_paragraph(procedure, coverage), self._today(), lead
        )
        status = "answered_silent" if is_silent else "answered_overview" if aspects == ["general"] else "answered_aspect"
        understood = ""
        if confidence < _CERTAIN:
            understood = say("understood", name=short_name(procedure), aspect=say(f"aspects.{aspects[0]}"))
            other = Button(say("not_meant"), write_payload(command="repair"))
            message = replace(message, buttons=(*message.buttons[:-1], other, *message.buttons[-1:]))
        return Reply(
            status=status,
            messages=(message,),
            aspect=aspects[0],
            understood=understood,
            procedure={"code": procedure.code, "name": procedure.name},
            citations=citations,
            confidence=round(confidence, 3),
            context=Context(
                procedure_code=code, aspect=aspects[0], last_status=status, recent=_recent(turn.context, code)
            ),
        )

    def _plain(self, status: str, text: str, turn: Turn) -> Reply:
        context = replace(turn.context, choices=(), last_status=status)
        return Reply(status=status, messages=(ReplyMessage(text),), context=context)


def _recent(context: Context, code: str) -> tuple[str, ...]:
    """Procedures of earlier turns once ``code`` has come into focus."""
    earlier = dict.fromkeys((context.procedure_code, *context.recent))
    return tuple(c for c in earlier if c and c != code)[:_KEPT]
