// The chat's page: head, log, form. Knows elements, nothing of the server.
import { button, el, icon, ICONS, listen } from "./dom";
import { mark } from "../mark";
import type { Found } from "./privacy";
import type { Config } from "./types";
import { language, words } from "./words";

/** `focusesAtOnce`: somebody waits for the field; it is put in and focused before all else. */
export interface Parts { root: HTMLElement; title: string; greeting: string; logo: string; focusesAtOnce?: boolean }

export class View {
  readonly log: HTMLElement;
  readonly input: HTMLTextAreaElement;
  readonly menu: HTMLButtonElement;
  readonly formLine: HTMLElement;
  private readonly root: HTMLElement;
  private readonly send: HTMLButtonElement;
  private readonly status: HTMLElement;
  private readonly pauseBox = el("div.pause", { role: "status", tabindex: -1 });
  private pausedBy = "";
  private readonly left: HTMLElement;
  private readonly waitingCount: HTMLElement;
  private readonly hello: HTMLElement;
  private guardBox: HTMLElement | null = null;
  onSubmit: (text: string) => void = () => undefined;
  onClose: () => void = () => undefined;

  constructor(readonly config: Config, parts: Parts) {
    this.root = parts.root;
    this.root.lang = language;
    this.menu = iconButton(words.menu, ICONS.menu);
    this.send = el("button.send.primary", { type: "submit", id: "chat-send", "aria-label": words.send }, el("span", {}, words.send), icon(ICONS.send));
    this.input = el("textarea", { id: "chat-input", rows: 1, maxlength: config.limit, placeholder: words.placeholder, "aria-describedby": "chat-hint chat-left", autocomplete: "off", enterkeyhint: "send" });
    this.left = el("span.left", { id: "chat-left" });
    this.waitingCount = el("span.queued", { role: "status" });
    this.status = el("p.notice", { role: "status" });
    this.formLine = el("div.chat-line", {}, this.input, this.send);
    const form = this.form();
    this.root.replaceChildren(form); // alone, it is laid out in a third of the time, and keys are not lost while the rest is built
    if (parts.focusesAtOnce) this.focusField();
    this.hello = el("div.turn.machine", { id: "chat-hello" }, el("span.sr", {}, words.machine), el("div.bubble", { lang: parts.greeting ? "vi" : language }, el("p", {}, parts.greeting || words.hello), words.answersIn ? el("p", {}, words.answersIn) : null));
    this.log = el("div.chat-log", { id: "chat-log", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-busy": "false", "aria-label": words.log, tabindex: 0 }, this.hello);
    form.before(this.head(parts), this.care(), this.pauseBox, this.status, this.log);
    this.bind();
  }

  showQuestion(turn: { id: string }, node: HTMLElement): void {
    if (hasTouchKeyboard()) this.input.blur();
    this.write("", false);
    this.closeGuard();
    this.add(turn.id, "person", [node]);
    this.showChat();
    this.showEnd();
  }

  /** Add a whole turn at once. */
  add(id: string, who: "person" | "machine", parts: HTMLElement[]): HTMLElement {
    const turn = this.turnNode(id, who);
    turn.append(...parts);
    this.log.append(turn);
    return turn;
  }

  showWaiting(questionId: string, node: HTMLElement): void {
    this.after(questionId, node);
    this.showEnd();
  }

  /** Show an answer beneath its question, part by part; the log is busy until the last one stands. */
  async showAnswer(questionId: string, id: string, parts: HTMLElement[], stepMs: number): Promise<void> {
    this.log.setAttribute("aria-busy", "true"); // until busy(false): heard as one, not in pieces
    const turn = this.turnNode(id, "machine");
    const question = document.getElementById(`turn-${questionId}`);
    const first = parts.findIndex((part) => part.classList.contains("bubble")) + 1;
    turn.append(...parts.slice(0, first));
    this.after(questionId, turn);
    let place = this.reveal(turn, question);
    const isStill = document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const part of parts.slice(first)) {
      if (!isStill) await new Promise((done) => setTimeout(done, stepMs));
      turn.append(part);
      if (Math.abs(this.log.scrollTop - place) < 2) place = this.reveal(turn, question); // unless somebody scrolled
    }
  }

  /** The newest answer with its question, as after it came. */
  showLast(): void {
    const turns = this.log.querySelectorAll<HTMLElement>(".turn");
    const last = turns[turns.length - 1];
    const before = turns[turns.length - 2];
    if (last) this.reveal(last, before?.classList.contains("person") ? before : null);
  }

  note(id: string, text: string, buttons: HTMLElement[]): void {
    this.clearNote(id);
    const note = el("div.turn-note", { role: "alert" }, el("p", {}, text), el("div.chips", {}, ...buttons));
    document.getElementById(`turn-${id}`)?.append(note);
    this.showEnd();
  }

  clearNote(id: string): void {
    document.querySelector(`#turn-${CSS.escape(id)} .turn-note`)?.remove();
  }

  remove(id: string): void {
    document.getElementById(`turn-${id}`)?.remove();
  }

  /** Nothing but the greeting and, where given, first suggestions. */
  clear(starters: HTMLElement | null): void {
    this.hello.querySelector(".chips")?.remove();
    if (starters) this.hello.append(starters);
    this.log.replaceChildren(this.hello);
    this.closeGuard();
  }

  notice(text: string): void {
    this.status.textContent = text;
    window.setTimeout(() => {
      if (this.status.textContent === text) this.status.textContent = "";
    }, 8000);
  }

  /** The operator's notice takes the place of the field; "" gives the field back. What was said stays readable. */
  pause(text: string): void {
    if (text === this.pausedBy) return;
    const focused = document.activeElement;
    const hadFocus = this.formLine.contains(focused) || this.pauseBox.contains(focused);
    this.pausedBy = text;
    const lookUp = this.config.catalogue ? el("a", { href: this.config.catalogue, target: this.config.mode === "frame" ? "_blank" : null }, words.lookUp) : null;
    this.pauseBox.replaceChildren(...(text ? [el("p", { lang: "vi" }, el("strong", {}, words.pausedTitle), ` ${text}`), lookUp || ""] : []));
    this.root.toggleAttribute("data-paused", !!text);
    if (hadFocus) this.focusField();
  }

  queued(n: number): void {
    this.waitingCount.textContent = words.count(n);
  }

  busy(isBusy: boolean): void {
    this.send.disabled = isBusy;
    if (!isBusy) this.log.setAttribute("aria-busy", "false");
    const isLost = document.activeElement === document.body || document.activeElement === null;
    if (!isBusy && !hasTouchKeyboard() && isLost && document.hasFocus()) this.focusField();
  }

  /** Private numbers were found: say which, offer to cover them or to edit. Nothing has left the browser. */
  guard(found: Found, sendCovered: () => void): void {
    this.closeGuard();
    const what = found.kinds.map((kind) => words.kinds[kind]).join(", ");
    const isSecret = found.kinds.includes("otp") || found.kinds.includes("card");
    const cover = button("button.primary", words.guardSend, () => {
      this.closeGuard();
      sendCovered();
    });
    const edit = button("button.chip", words.guardEdit, () => {
      this.closeGuard();
      this.focusField();
    });
    this.guardBox = el(
      "div.guard", { role: "alertdialog", "aria-labelledby": "guard-title", "aria-describedby": "guard-text" },
      el("h2", { id: "guard-title" }, words.guardTitle),
      el("p", { id: "guard-text" }, `${words.guardFound(what)} ${isSecret ? words.guardSecret : ""}`),
      el("div.chips", {}, cover, edit),
    );
    this.formLine.before(this.guardBox);
    cover.focus();
  }

  write(text: string, isFocused = true): void {
    this.input.value = text;
    this.grow();
    if (isFocused) this.focusField();
  }

  focusField(): void {
    (this.pausedBy ? this.pauseBox : this.input).focus({ preventScroll: this.config.mode === "page" });
  }

  showEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** Print the talk, or one part of it. Pages print black on white without controls (chat.css). */
  print(part: string, title: string): void {
    const before = document.title;
    const chosen = part ? [...this.root.querySelectorAll<HTMLElement>(part)].pop() : null;
    if (chosen) {
      const sheet = el("div.print-sheet", {}, el("h1", {}, title), chosen.cloneNode(true));
      document.body.append(sheet);
      document.body.classList.add("prints-part");
      window.addEventListener("afterprint", () => {
        sheet.remove();
        document.body.classList.remove("prints-part");
      }, { once: true });
    }
    document.title = title;
    window.print();
    document.title = before;
  }

  private head(parts: Parts): HTMLElement {
    const logo = parts.logo ? el("img.chat-mark", { src: parts.logo, alt: "", width: 40, height: 40 }) : el("span.chat-mark");
    if (!parts.logo) logo.append(mark());
    const names = el("div.chat-names", {}, el(this.config.mode === "frame" ? "h1.chat-title" : "h2.chat-title", { id: "chat-title", lang: "vi" }, parts.title || words.name), el("p.chat-sub", {}, words.sub));
    const head = el("header.chat-head", {}, logo, names, this.menu);
    if (this.config.mode === "frame") head.append(listen(iconButton(words.close, ICONS.close), { click: () => this.onClose() }));
    return head;
  }

  private care(): HTMLElement {
    return el("p.chat-care", {}, el("strong", {}, words.careMachine), ` ${words.careSecret}`);
  }

  private form(): HTMLElement {
    const form = el("form.chat-form", { id: "chat-form", autocomplete: "off" }, el("label", { for: "chat-input" }, words.label), this.formLine);
    form.append(el("p.hint", {}, el("span", { id: "chat-hint" }, words.hint), this.left, this.waitingCount));
    return listen(form, {
      submit: (event) => {
        event.preventDefault();
        const text = this.input.value.trim();
        if (!text) this.focusField();
        else if (!this.send.disabled) this.onSubmit(text);
      },
    });
  }

  private bind(): void {
    listen(this.input, {
      keydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.send.click();
      },
      input: () => this.grow(),
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (this.guardBox) {
        this.closeGuard();
        this.focusField();
      } else if (this.config.mode === "frame") this.onClose();
    });
  }

  private grow(): void {
    const style = this.input.style;
    style.height = "auto";
    style.height = `${Math.min(this.input.scrollHeight + 4, 180)}px`; // the border is not in scrollHeight
    const left = this.config.limit - this.input.value.length;
    this.left.textContent = left < 200 ? words.tooLong(left) : "";
  }

  private closeGuard(): void {
    this.guardBox?.remove();
    this.guardBox = null;
  }

  private turnNode(id: string, who: "person" | "machine"): HTMLElement {
    return el(who === "person" ? "div.turn.person" : "div.turn.machine", { id: `turn-${id}` }, el("span.sr", {}, who === "person" ? words.you : words.machine));
  }

  private after(questionId: string, node: HTMLElement): void {
    const question = document.getElementById(`turn-${questionId}`);
    if (question) question.after(node);
    else this.log.append(node);
  }

  /** The question at the top of the log, the start of its answer beneath; a long question gives way. */
  private reveal(turn: HTMLElement, question: HTMLElement | null): number {
    const first = question || turn;
    if (getComputedStyle(this.log).overflowY === "visible") first.scrollIntoView(); // a very low window scrolls as one
    else this.log.scrollTop = Math.max(this.topOf(first) - 12, this.topOf(turn) - this.log.clientHeight / 2);
    return this.log.scrollTop;
  }

  private topOf(turn: HTMLElement): number {
    return turn.getBoundingClientRect().top - this.log.getBoundingClientRect().top + this.log.scrollTop;
  }

  /** The page may stand elsewhere: a topic beside the chat was pressed, or the chat is taller than the screen. */
  private showChat(): void {
    const fits = this.root.offsetHeight <= window.innerHeight;
    (fits ? this.root : this.log).scrollIntoView({ block: fits ? "nearest" : "start" });
  }
}

/** A touch screen's keyboard covers the answer: there the field is left and not entered again unasked. */
function hasTouchKeyboard(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

export function iconButton(label: string, path: string): HTMLButtonElement {
  const node = el("button.icon-button", { type: "button", "aria-label": label, title: label });
  node.append(icon(path));
  return node;
}
