// A reply as elements: what was understood, the slip with its text, card, choices and sources, then what can be done next.
import { procedureCard } from "./card";
import { button, el, isWebAddress, outward } from "./dom";
import { ratingRow } from "./rating";
import { day, richText, shortened } from "./text";
import type { Button, Choice, Citation, Reply, Turn } from "./types";
import type { Talk } from "./talk";
import { canRead, onVoices, readAloud } from "./voice";
import { words } from "./words";

const MAX_CHIP = 64; // characters: two lines of a narrow screen
const REPAIR = "#khac";
const PERSON = "#nguoi";

/** The parts of a machine's turn in reading order, so that they can appear one after another. */
export function replyParts(turn: Turn, talk: Talk): HTMLElement[] {
  const reply = turn.reply!;
  const parts: HTMLElement[] = [];
  const meaning = understood(turn, reply, talk);
  if (meaning) parts.push(meaning);
  const canCorrect = !meaning && !!reply.procedure && reply.status.startsWith("answered");
  const texts = reply.messages.filter((message) => message.text);
  const choices = reply.choices || [];
  let isListed = !choices.length;
  for (const message of texts) {
    const text = withoutChoices(message.text, choices);
    parts.push(el("div.bubble", { lang: "vi" }, ...richText(text)));
    if (isListed || text === message.text) continue;
    parts.push(choiceList(choices, talk)); // in the place of the lines taken out, before what else is said
    isListed = true;
  }
  if (!isListed) parts.push(choiceList(choices, talk));
  const record = reply.procedure;
  let card: ReturnType<typeof procedureCard> | null = null;
  if (record && reply.status.startsWith("answered")) {
    card = procedureCard(record.code, record.name, talk);
    parts.push(card.node);
  } else {
    for (const message of reply.messages) if (message.card) parts.push(plainCard(message.card));
  }
  const citations = reply.citations || [];
  if (citations.length) parts.push(sources(citations, card));
  const buttons = nextButtons(reply, choices, !!meaning && !!reply.procedure);
  if (canCorrect && !buttons.some((each) => each.payload === REPAIR)) buttons.push({ title: words.notThat, payload: REPAIR });
  if (reply.status.startsWith("handoff") && talk.config.contacts) parts.push(el("div.chips", {}, button("button.chip", words.leave, () => talk.panels.human())));
  if (buttons.length) parts.push(chips(buttons, talk));
  if (texts.length) parts.push(tools(turn, reply, talk));
  return parts;
}

/** The text without the numbered lines that the buttons beneath repeat. */
function withoutChoices(text: string, choices: Choice[]): string {
  if (!choices.length) return text;
  return text.split("\n").filter((line) => !/^\s*\d+\.\s/.test(line) || !choices.some((choice) => line.includes(choice.name))).join("\n");
}

function understood(turn: Turn, reply: Reply, talk: Talk): HTMLElement | null {
  const meaning = (reply.understood || "").trim();
  const isSame = meaning.toLowerCase() === (turn.asked || "").trim().toLowerCase();
  if (!meaning || isSame) return null;
  const row = el("p.understood", {}, el("span", {}, `${words.understood} `), el("b", { lang: "vi" }, meaning));
  if (reply.procedure) row.append(" ", button("button.quiet", words.notThat, () => talk.ask(REPAIR, words.notThatShown)));
  return row;
}

/** Buttons that neither repeat a choice nor the correction beside "I understood". */
function nextButtons(reply: Reply, choices: Choice[], hasMeaning: boolean): Button[] {
  const shown = new Set(choices.map((choice) => `#tt ${choice.code}`));
  if (hasMeaning) shown.add(REPAIR);
  return reply.messages.flatMap((message) => message.buttons || []).filter((each) => !shown.has(each.payload));
}

export function choiceList(choices: Choice[], talk: Talk): HTMLElement {
  const list = el("ol.choices", { "aria-label": words.choose });
  choices.forEach((choice) => {
    const name = el("span.choice-name", { lang: "vi" }, choice.name);
    const press = button("button.choice", "", () => talk.ask(`#tt ${choice.code}`, choice.name));
    const facet = (choice.facet || "").startsWith(choice.name) ? choice.facet!.slice(choice.name.length).replace(/^[\s,:–-]+/, "") : choice.facet;
    press.append(name, facet ? el("span.choice-facet", { lang: "vi" }, facet) : "");
    list.append(el("li", {}, press));
  });
  return list;
}

export function chips(buttons: Button[], talk: Talk): HTMLElement {
  const row = el("div.chips", { role: "group", "aria-label": words.next });
  for (const given of buttons) {
    const label = shortened(given.title, MAX_CHIP);
    const attributes: Record<string, string> = { lang: "vi" };
    if (label !== given.title) attributes.title = given.title;
    row.append(button("button.chip", label, () => (given.payload === PERSON && talk.config.contacts ? talk.askPerson(label) : talk.ask(given.payload, label)), attributes));
  }
  return row;
}

/** A card of a channel-neutral reply that is not a procedure's. */
function plainCard(card: NonNullable<Reply["messages"][number]["card"]>): HTMLElement {
  const box = el("div.card.plain-card", { lang: "vi" });
  if (card.title) box.append(el("h2", {}, String(card.title)));
  if (card.text) box.append(...richText(String(card.text)));
  const list = el("dl");
  for (const row of Array.isArray(card.rows) ? card.rows : []) list.append(el("dt", {}, String(row.label ?? "")), el("dd", {}, String(row.value ?? "")));
  if (list.childElementCount) box.append(list);
  const link = outward(card.url, words.official);
  if (link) box.append(link);
  return box;
}

export function sources(citations: Citation[], card: ReturnType<typeof procedureCard> | null): HTMLElement {
  const box = el("div.sources", {}, el("p.sources-title", {}, words.sources));
  box.append(sourceList(citations.slice(0, 2), card));
  const rest = citations.slice(2);
  if (rest.length) box.append(el("details", {}, el("summary", {}, words.moreSources(rest.length)), sourceList(rest, card)));
  return box;
}

function sourceList(citations: Citation[], card: ReturnType<typeof procedureCard> | null): HTMLElement {
  const list = el("ul", { lang: "vi" });
  for (const citation of citations) {
    const title = citation.title || citation.source;
    const item = el("li", {}, isWebAddress(citation.url) ? outward(citation.url, title) : el("span.source-name", {}, title));
    if (citation.expired) item.append(" ", el("span.badge", {}, words.expired));
    const facts = [citation.number, citation.section && `${words.section} ${citation.section}`, citation.as_of && `${words.readOn} ${day(citation.as_of)}`];
    item.append(el("span.source-facts", {}, facts.filter(Boolean).join(" · ")));
    if (citation.quote) item.append(el("details.passage", {}, el("summary", {}, words.passage), el("blockquote", {}, citation.quote)));
    else if (card && citation.number === card.code) item.append(button("button.quiet", words.passage, () => card.openAt(citation.section)));
    list.append(item);
  }
  return list;
}

function tools(turn: Turn, reply: Reply, talk: Talk): HTMLElement {
  const row = el("div.turn-tools");
  const copy = button("button.quiet", words.copy, async () => {
    copy.textContent = (await copyText(plainText(reply))) ? words.copied : words.copyFailed;
    setTimeout(() => (copy.textContent = words.copy), 2500);
  });
  row.append(copy);
  row.append(readButton(reply));
  if (/^(answered|unanswerable|clarification|refused)/.test(reply.status)) row.append(...ratingRow(turn, talk));
  return row;
}

function readButton(reply: Reply): HTMLElement {
  const read = button("button.quiet", words.read, () => {
    read.textContent = words.readStop;
    readAloud(plainText(reply), () => (read.textContent = words.read));
  });
  read.hidden = !canRead();
  onVoices(() => (read.hidden = !canRead()));
  return read;
}

/** A reply as plain text with its sources, for copying, reading aloud and the file. */
export function plainText(reply: Reply): string {
  const choices = (reply.choices || []).map((choice, i) => `${i + 1}. ${choice.name}${choice.facet ? ` (${choice.facet})` : ""}`);
  const cited = (reply.citations || []).map((each) => [each.title, each.number, each.section, each.url].filter(Boolean).join(", "));
  const texts = reply.messages.map((message) => message.text).filter(Boolean);
  return [...texts, choices.join("\n"), cited.length ? `${words.sources}:\n${cited.join("\n")}` : ""].filter(Boolean).join("\n\n");
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
}

/** For browsers and frames without the clipboard API. */
function copyByHand(text: string): boolean {
  const before = document.activeElement as HTMLElement | null;
  const box = el("textarea.sr", { "aria-hidden": "true" });
  box.value = text;
  document.body.append(box);
  box.select();
  let isDone = false;
  try {
    isDone = document.execCommand("copy");
  } catch {
    isDone = false;
  }
  box.remove();
  before?.focus({ preventScroll: true });
  return isDone;
}
