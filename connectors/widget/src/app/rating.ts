// Rating an answer: one tap when it was right, a reason when it was not.
import { rate } from "./client";
import { button, el } from "./dom";
import type { Turn } from "./types";
import type { Talk } from "./talk";
import { findPrivate } from "./privacy";
import { words } from "./words";

const MAX_COMMENT = 500;

export function ratingRow(turn: Turn, talk: Talk): HTMLElement[] {
  if (turn.rated) return [el("span.rated", {}, words.thanks)];
  const group = el("span.rating", { role: "group", "aria-label": words.rateGroup });
  const done = (rating: 1 | -1) => {
    turn.rated = rating;
    talk.keep();
    const thanks = el("span.rated", { tabindex: -1, role: "status" }, words.thanks);
    group.replaceWith(thanks);
    thanks.focus({ preventScroll: true });
  };
  group.append(
    button("button.quiet", words.useful, () => void send(turn, talk, 1, "", "").then(() => done(1), () => fail(group))),
    button("button.quiet", words.wrong, () => group.parentElement!.after(reasonForm(turn, talk, () => done(-1)))),
  );
  return [group];
}

function reasonForm(turn: Turn, talk: Talk, done: () => void): HTMLElement | string {
  const open = document.getElementById(`why-${turn.id}`);
  if (open) {
    open.remove();
    return "";
  }
  const name = `reason-${turn.id}`;
  const form = el("form.why", { id: `why-${turn.id}` });
  const choices = el("fieldset", {}, el("legend", {}, words.whyWrong));
  for (const [key, label] of Object.entries(words.reasons)) {
    choices.append(el("label", {}, el("input", { type: "radio", name, value: key, required: true }), label));
  }
  const comment = el("textarea", { rows: 2, maxlength: MAX_COMMENT });
  form.append(choices, el("label.block", {}, words.comment, comment), el("div.chips", {}, el("button.primary", { type: "submit" }, words.sendReason)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const reason = new FormData(form).get(name);
    const found = findPrivate(comment.value, words.covered);
    send(turn, talk, -1, String(reason), found ? found.covered : comment.value.trim()).then(
      () => {
        form.remove();
        done();
      },
      () => fail(form),
    );
  });
  queueMicrotask(() => form.querySelector("input")?.focus());
  return form;
}

function send(turn: Turn, talk: Talk, rating: 1 | -1, reason: string, comment: string): Promise<object> {
  const reply = turn.reply!;
  return rate({
    session_id: talk.state.session, rating, reason, comment,
    procedure_code: reply.procedure?.code || "", aspect: reply.aspect || "", status: reply.status,
  });
}

function fail(beside: HTMLElement): void {
  beside.querySelector(".fault-line")?.remove();
  beside.append(el("span.fault-line", { role: "alert" }, words.notKept));
}
