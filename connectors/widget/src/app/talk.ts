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
const STEP_MS = 110; // between the parts of an answer that appear one after another

export class Talk {
  state: State;
  panels!: Panels; // set by main, which builds both
  onAnswer: (turn: Turn) => void = () => undefined;
  private isBusy = false;
  private nTries = 0;
  private retryTimer = 0;
  private stop: AbortController | null = null;
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

  /** Send the oldest question that waits, unless one is on its way. */
  private pump(): void {
    const turn = this.queue()[0];
    if (!turn || this.isBusy) return;
    clearTimeout(this.retryTimer);
    this.isBusy = true;
    this.sending = turn.id;
    void this.send(turn).finally(() => {
      this.isBusy = false;
      this.sending = "";
      this.view.busy(false);
      this.count();
      if (this.nTries === 0) this.pump(); // the next in line; after a failure the timer does it
    });
  }

  private async send(turn: Turn): Promise<void> {
    const generation = this.generation;
    this.stop = new AbortController();
    this.view.busy(true);
    this.view.clearNote(turn.id);
    const waiting = this.waitingNode();
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

  /** Another tab went on with this conversation. */
  private reload(): void {
    if (this.isBusy) return;
    this.state = this.keeper.load();
    this.showAll();
  }

  private showAll(): void {
    this.view.clear(this.state.turns.length === 0 ? this.starters() : null);
    for (const turn of this.state.turns) {
      if (turn.who === "machine") this.view.add(turn.id, "machine", replyParts(turn, this));
      else {
        this.view.add(turn.id, "person", [this.personNode(turn)]);
        if (turn.state === "failed") this.note(turn, words.stopped);
        else if (turn.state === "queued" && turn.id !== this.sending) this.note(turn, words.offline);
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
    const slow = window.setTimeout(() => (text.textContent = words.slow), SLOW_MS);
    const verySlow = window.setTimeout(() => {
      text.textContent = words.verySlow;
      node.append(listen(el("button.chip", { type: "button" }, words.stop), { click: () => this.stop?.abort() }));
      this.view.showEnd();
    }, VERY_SLOW_MS);
    const end = () => {
      clearTimeout(slow);
      clearTimeout(verySlow);
      node.remove();
    };
    return { node, end };
  }
}
