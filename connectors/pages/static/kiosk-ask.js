// One person's conversation with the assistant. Everything shown is text; nothing is ever read as markup.
// No lookbehind in patterns and no AbortSignal.any without asking: Safari before 16.4 and 17.4 has none, and volunteers
// bring their own telephones.
import { findPrivate } from "/static/widget/privacy.js";

const PATIENCE_MS = 20_000;
const SLOW_MS = 2_500;
/** Nine digits and more, also in groups: an identity number, a telephone, an account. Not a procedure's code: 1.001193, or
 * 1.001193.000.00.00.H01 as the national portal used to write it. */
const PERSONAL = /(^|[^\p{L}\d.])(?!\d\.\d{6}(?:\.\d{3}\.\d{2}\.\d{2}(?:\.[Hh]\d{2})?)?(?!\d|[.-]\d))\d(?:[ .-]?\d){8,}/gu;
const YOU = /(^|\P{L})(\p{L}+ )?([Bb])ạn(?!\p{L})(?! (?:bè|đời|đọc|gái|trai|hàng))/gu;
const NOT_YOU = /^(?:người|tình|kết|đánh|hai|nhóm|một) $/iu; // "người bạn", "kết bạn": a friend, not the reader
const COVERED = "[số đã che]";

/** The assistant says "bạn"; a lobby's readers are addressed as ông/bà. */
export function addressed(text, you) {
  if (you === "bạn") return text;
  return text.replace(YOU, (whole, edge, before = "", first) => {
    if (NOT_YOU.test(before)) return whole;
    return edge + before + (first === "B" ? you[0].toUpperCase() + you.slice(1) : you);
  });
}

/** Long numbers, one-time codes, passwords, cards and accounts covered: a screen many use asks nobody first. */
export function withoutPersonalNumbers(text) {
  const covered = findPrivate(text, COVERED)?.covered ?? text;
  return covered.replace(PERSONAL, `$1${COVERED}`);
}

/** A signal that ends with `other` or after so many milliseconds. */
export function patience(ms, other) {
  if (AbortSignal.any && AbortSignal.timeout) return AbortSignal.any([other, AbortSignal.timeout(ms)]);
  const own = new AbortController();
  setTimeout(() => own.abort(), ms);
  if (other.aborted) own.abort();
  else other.addEventListener("abort", () => own.abort(), { once: true });
  return own.signal;
}

export function newSessionId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Conversation {
  /** `openProcedure(code)` shows a checklist. Screen readers follow the log itself. */
  constructor(log, you, openProcedure) {
    this.log = log;
    this.you = you;
    this.openProcedure = openProcedure;
    this.sessionId = newSessionId();
    this.aborter = new AbortController();
    this.isBusy = false;
    this.hasAsked = false;
  }

  /** Ask and show; a second question waits for the first. */
  async ask(question, shown = question) {
    if (this.isBusy || !question.trim()) return false;
    const safe = withoutPersonalNumbers(question);
    this.isBusy = this.hasAsked = true;
    const turn = element("div", "k-turn");
    turn.append(element("p", "k-question", withoutPersonalNumbers(shown)));
    if (safe !== question) turn.append(element("p", "k-note", addressed("Máy đã che dãy số trong câu hỏi. Hỏi thủ tục thì bạn không cần gõ số giấy tờ, số điện thoại hay mật khẩu, mã OTP.", this.you)));
    const waiting = element("p", "k-waiting", "Đang tìm…");
    turn.append(waiting);
    this.log.append(turn);
    this.reveal(turn);
    const slow = setTimeout(() => { waiting.textContent = addressed("Vẫn đang tìm, bạn chờ thêm một chút…", this.you); }, SLOW_MS);
    try {
      const reply = await this.send(safe);
      waiting.remove();
      this.showReply(turn, reply);
    } catch (fault) {
      if (this.aborter.signal.aborted) return false; // the person has left
      waiting.remove();
      this.showFault(turn, fault, question, shown);
    } finally {
      clearTimeout(slow);
      this.isBusy = false;
    }
    this.reveal(turn);
    return true;
  }

  /** Forget the person: nothing that is still under way may be shown, and the server forgets the session, words and all. */
  end() {
    this.aborter.abort();
    this.log.replaceChildren();
    if (!this.hasAsked) return;
    const body = JSON.stringify({ session_id: this.sessionId });
    fetch("/api/v1/forget", { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: true }).catch(() => {});
  }

  async send(question) {
    const signal = patience(PATIENCE_MS, this.aborter.signal);
    const body = JSON.stringify({ question, session_id: this.sessionId });
    const response = await fetch("/api/v1/ask", { method: "POST", headers: { "Content-Type": "application/json" }, body, signal });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.message || "");
    return answer;
  }

  showReply(turn, reply) {
    const choices = reply.choices ?? [];
    let isListed = !choices.length;
    const list = () => {
      turn.append(group(choices.map((choice) => this.choice(choice)), "k-list"));
      isListed = true;
    };
    for (const message of reply.messages) {
      turn.append(this.prose(message.text));
      if (!isListed && choices.every((choice) => message.text.includes(choice.name))) list(); // beneath the question it belongs to
      const buttons = (message.buttons ?? []).map((button) => this.chip(button.title, button.payload));
      if (buttons.length) turn.append(group(buttons));
    }
    if (!isListed) list();
    if (reply.procedure) turn.append(group([this.opener(reply.procedure)]));
    const sources = [...new Set((reply.citations ?? []).map((cited) => [cited.title, cited.number, cited.expired ? "đã hết thời gian áp dụng" : ""].filter(Boolean).join(" · ")))];
    if (sources.length) turn.append(element("p", "k-source", `Nguồn: ${sources.slice(0, 3).join("; ")}`));
  }

  showFault(turn, fault, question, shown) {
    const isOwn = fault instanceof Error && fault.name === "Error" && fault.message;
    const words = isOwn ? fault.message : "Máy chủ chưa trả lời. Bạn thử lại, hoặc hỏi cán bộ tại quầy nhé.";
    const box = element("p", "k-answer k-fault", addressed(words, this.you));
    const again = element("button", "k-button", "Thử lại");
    again.type = "button";
    again.addEventListener("click", () => { turn.remove(); this.ask(question, shown); });
    turn.append(box, group([again]));
  }

  prose(text) {
    const box = element("div", "k-answer");
    let list = null;
    for (const line of addressed(text, this.you).split("\n")) {
      if (line.startsWith("- ")) {
        list ??= box.appendChild(element("ul", ""));
        list.append(element("li", "", line.slice(2)));
      } else if (line.trim()) {
        list = null;
        box.append(element("p", "", line));
      }
    }
    return box;
  }

  chip(title, payload) {
    const button = element("button", "k-button", addressed(title, this.you));
    button.type = "button";
    button.addEventListener("click", () => this.ask(payload, button.textContent));
    return button;
  }

  choice(choice) {
    const button = element("button", "k-choice");
    button.type = "button";
    button.append(element("span", "", choice.name));
    if (choice.facet) button.append(element("span", "k-small", choice.facet));
    button.addEventListener("click", () => this.ask(`#tt ${choice.code}`, choice.name));
    return button;
  }

  opener(procedure) {
    const button = element("button", "k-button k-go", "Xem giấy tờ cần mang, mã QR");
    button.type = "button";
    button.addEventListener("click", () => this.openProcedure(procedure.code));
    return button;
  }

  reveal(turn) {
    this.log.scrollTop = turn.offsetTop - this.log.offsetTop;
  }
}

function group(parts, name = "k-chips") {
  const box = element("div", name);
  box.append(...parts);
  return box;
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}
