// The conversation: questions go out one after another, answers come in beneath their question, nothing is lost on the way.
import * as client from "./client";
import { Failure } from "./client";
import { button, el, listen } from "./dom";
import { chips, replyParts } from "./reply";
import { findPrivate } from "./privacy";
import { fresh, newId, type Keeper, type State } from "./store";
import type { Panels } from "./panels";
import type { Config, Turn } from "./types";
import type { View } from "./view";
import { words } from "./words";

const RETRY_S = [2, 5, 10, 20, 30, 60];
const SLOW_MS = 4_000;
const VERY_SLOW_MS = 10_000;
const OTHER_TAB_MS = 45_000; // so long a question of another tab is left to it
const STEP_MS = 110; // between the parts of an answer that appear one after another

export class Talk {
  state: State;
  panels!: Panels; // set by main, which builds both
  onAnswer: (turn: Turn) => void = () => undefined;
  private isBusy = false;
  private isBehind = false; // another tab went on while an answer was being shown here
  private waiting: HTMLElement | null = null; // the typing notice of the question on its way
  private nTries = 0;
  private retryTimer = 0;
  private stop: AbortController | null = null;
  private readonly heardAt = new Map<string, number>(); // questions of other tabs → when this one heard of them; 0 for its own
  private generation = 0; // counts deletions: an answer to a deleted conversation is dropped

  constructor(readonly config: Config, readonly view: View, private readonly keeper: Keeper) {
    this.state = keeper.load();
    keeper.watch(() => this.reload());
    window.addEventListener("online", () => this.online());
    window.addEventListener("offline", () => view.notice(words.netGone));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.pump();
    });
  }

  start(): void {
    for (const turn of this.queue()) this.heardAt.set(turn.id, 0); // from before a reload
    this.showAll();
    if (!this.keeper.isKeeping) this.view.notice(words.notSaved);
    this.pump();
  }

  /** Ask what somebody typed; private numbers stop it until they are covered or taken out. */
  askTyped(text: string): void {
    const found = findPrivate(text, words.covered);
    if (found) this.view.guard(found, () => this.ask(found.covered, found.covered));
    else this.ask(text, text);
  }

  ask(payload: string, shown: string): void {
    const turn: Turn = { id: newId(), who: "person", text: shown, payload, state: "queued" };
    this.heardAt.set(turn.id, 0);
    this.state.turns.push(turn);
    this.keep();
    this.view.showQuestion(turn, this.personNode(turn));
    this.nTries = 0;
    this.pump();
  }

  /** A person was asked for by button: the answer says where to go, and the desk's panel opens. */
  askPerson(label: string): void {
    this.ask("#nguoi", label);
    this.panels.human();
  }

  keep(): void {
    this.keeper.save(this.state);
    this.count();
  }

  private count(): void {
    this.view.queued(this.queue().filter((turn) => turn.id !== this.sending).length);
  }

  async erase(): Promise<void> {
    const session = this.state.session;
    this.generation++;
    this.stop?.abort();
    clearTimeout(this.retryTimer);
    this.state = fresh();
    this.keeper.erase();
    this.showAll();
    const isTold = session ? await client.forget(session).then(() => true, () => false) : true;
    this.view.notice(isTold ? words.erased : words.eraseLocal);
  }

  /** Go on with a conversation of another channel by its code. */
  async takeOver(code: string): Promise<void> {
    const taken = await client.takeOver(code, this.state.session || newId());
    this.state.session = taken.session_id;
    this.keep();
    this.view.notice(words.taken);
  }

  /** Print a part of the talk ("" for all) under a title. */
  print(part: string, title: string): void {
    this.view.print(part, title);
  }

  private sending = "";

  private queue(): Turn[] {
    return this.state.turns.filter((turn) => turn.state === "queued");
  }

  /** Send the oldest question that waits, unless one is on its way. What another tab asked is left to it for a while. */
  private pump(): void {
    if (this.isBusy) return;
    const now = Date.now();
    const waiting = this.queue();
    const turn = waiting.find((each) => !this.isLeft(each, now));
    if (waiting.length) clearTimeout(this.retryTimer);
    if (!turn) {
      if (waiting.length) this.retryTimer = window.setTimeout(() => this.pump(), OTHER_TAB_MS);
      return;
    }
    this.isBusy = true;
    this.sending = turn.id;
    void this.send(turn).finally(() => {
      this.isBusy = false;
      this.sending = "";
      this.view.busy(false);
      this.count();
      if (this.isBehind) this.reload();
      if (this.nTries === 0) this.pump(); // the next in line; after a failure the timer does it
    });
  }

  private async send(turn: Turn): Promise<void> {
    const generation = this.generation;
    this.stop = new AbortController();
    this.view.busy(true);
    this.view.clearNote(turn.id);
    const waiting = this.waitingNode();
    this.waiting = waiting.node;
    this.view.showWaiting(turn.id, waiting.node);
    try {
      const reply = await client.ask(turn.payload || turn.text || "", this.state.session, this.stop);
      waiting.end();
      if (generation !== this.generation) return;
      this.nTries = 0;
      delete turn.state;
      this.state.session = reply.session_id;
      const answer: Turn = { id: newId(), who: "machine", reply, asked: turn.text };
      this.state.turns.splice(this.state.turns.indexOf(turn) + 1, 0, answer);
      this.keep();
      await this.view.showAnswer(turn.id, answer.id, replyParts(answer, this), STEP_MS);
      this.onAnswer(answer);
    } catch (error) {
      waiting.end();
      if (generation === this.generation) this.failed(turn, error);
    }
  }

  private failed(turn: Turn, error: unknown): void {
    if (!(error instanceof Failure)) {
      console.error(error);
      error = new Failure("unreadable");
    }
    const failure = error as Failure;
    if (failure.kind === "stopped") return this.giveUp(turn, words.stopped);
    if (failure.kind === "refused") return this.giveUp(turn, failure.message || words.unreadable);
    if (failure.kind === "unreadable") return this.giveUp(turn, words.unreadable);
    const waitS = failure.waitS || RETRY_S[this.nTries];
    if (!waitS) return this.giveUp(turn, words.givenUp);
    this.nTries++;
    const texts = { offline: words.offline, server: words.serverDown, too_fast: words.tooFast(waitS) };
    this.note(turn, texts[failure.kind as keyof typeof texts]);
    this.retryTimer = window.setTimeout(() => this.pump(), waitS * 1000);
    this.keep();
  }

  private giveUp(turn: Turn, text: string): void {
    this.nTries = 0;
    turn.state = "failed";
    this.keep();
    this.note(turn, text);
  }

  /** Under a question that waits or failed: why, and what can be done. */
  private note(turn: Turn, text: string): void {
    const again = button("button.chip", words.resend, () => {
      turn.state = "queued";
      this.heardAt.set(turn.id, 0);
      this.nTries = 0;
      this.pump();
    });
    const drop = button("button.quiet", words.discard, () => {
      this.remove(turn);
      this.view.focusField();
    });
    const edit = button("button.quiet", words.edit, () => {
      this.remove(turn);
      this.view.write(turn.text || "");
    });
    this.view.note(turn.id, text, turn.payload?.startsWith("#") ? [again, drop] : [again, edit, drop]);
  }

  private remove(turn: Turn): void {
    this.state.turns = this.state.turns.filter((each) => each !== turn);
    this.view.remove(turn.id);
    this.nTries = 0;
    this.keep();
    this.pump();
  }

  private online(): void {
    if (this.queue().length) this.view.notice(words.netBack);
    this.nTries = 0;
    this.pump();
  }

  /** Another tab went on with this conversation, or deleted it. A question on its way from here stays on its way. */
  private reload(): void {
    const kept = this.keeper.load();
    const own = this.state.turns.find((turn) => turn.id === this.sending);
    this.isBehind = !!own && !own.state; // its answer is being shown: afterwards
    if (this.isBehind) return;
    const at = kept.turns.findIndex((turn) => turn.id === this.sending);
    const isOver = !kept.turns.length || (at >= 0 && !kept.turns[at].state); // deleted, or answered there
    if (own && isOver) {
      this.generation++;
      this.stop?.abort();
    } else if (own) {
      kept.turns.splice(at < 0 ? kept.turns.length : at, at < 0 ? 0 : 1, own);
    }
    const now = Date.now();
    this.state = kept;
    for (const turn of this.queue()) if (!this.heardAt.has(turn.id)) this.heardAt.set(turn.id, now);
    this.showAll();
    if (own && !isOver && this.waiting) this.view.showWaiting(own.id, this.waiting);
    this.pump();
  }

  private isLeft(turn: Turn, now: number): boolean {
    const heardAt = this.heardAt.get(turn.id);
    return !!heardAt && Math.abs(now - heardAt) < OTHER_TAB_MS;
  }

  private showAll(): void {
    this.view.clear(this.state.turns.length === 0 ? this.starters() : null);
    for (const turn of this.state.turns) {
      if (turn.who === "machine") this.view.add(turn.id, "machine", replyParts(turn, this));
      else {
        this.view.add(turn.id, "person", [this.personNode(turn)]);
        if (turn.state === "failed") this.note(turn, words.stopped);
      }
    }
    if (this.state.turns.length) this.view.showLast(); // a greeting alone must not move the page
    this.count();
  }

  private starters(): HTMLElement {
    return chips(this.config.starters.map((title) => ({ title, payload: title })), this);
  }

  private personNode(turn: Turn): HTMLElement {
    return el("div.bubble", { lang: "vi" }, turn.text || "");
  }

  /** The typing notice; after a while it says that it takes longer, then offers to stop. */
  private waitingNode(): { node: HTMLElement; end: () => void } {
    const text = el("span", {}, words.waiting);
    const node = el("div.turn.machine.waiting", {}, el("div.bubble", {}, text, el("span.dots", { "aria-hidden": "true" })));
    const say = (line: string) => text.replaceChildren(el("span", {}, line)); // an element added is heard, a changed word is not
    const slow = window.setTimeout(() => say(words.slow), SLOW_MS);
    const verySlow = window.setTimeout(() => {
      say(words.verySlow);
      node.append(listen(el("button.chip", { type: "button" }, words.stop), { click: () => this.stop?.abort() }));
      this.view.showEnd();
    }, VERY_SLOW_MS);
    const end = () => {
      clearTimeout(slow);
      clearTimeout(verySlow);
      node.remove();
      this.waiting = null;
    };
    return { node, end };
  }
}
