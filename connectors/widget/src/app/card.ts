// The card of a procedure: documents as a checklist, fees and times as a table, where, and the record's other sections.
import { procedure } from "./client";
import { button, el, outward } from "./dom";
import { richText } from "./text";
import type { Procedure } from "./types";
import type { Talk } from "./talk";
import { words } from "./words";

/** Section headings of citations (knowledge/chunking.py) → part of the card. */
const SECTIONS: Record<string, string> = {
  "Thành phần hồ sơ": "documents", "Phí, lệ phí": "fee", "Thời hạn giải quyết": "fee", "Nơi nộp hồ sơ": "place",
  "Cách thức nộp, dịch vụ công trực tuyến": "fee", "Trình tự thực hiện": "steps", "Yêu cầu, điều kiện": "conditions",
  "Căn cứ pháp lý": "legal", "Kết quả": "result", "Mẫu đơn, tờ khai": "forms", "Đối tượng thực hiện": "who",
};

export interface CardHandle { node: HTMLElement; code: string; openAt: (section: string) => Promise<void> }

/** Closed at first; the record is fetched when the card is opened or a source points into it. */
export function procedureCard(code: string, name: string, talk: Talk): CardHandle {
  const node = el("details.card", {}, el("summary", {}, el("span.card-kind", {}, words.cardTitle), el("span.card-name", { lang: "vi" }, name), el("span.card-code", {}, code)));
  let filled: Promise<void> | null = null;
  const fill = () => (filled ||= load(node, code, talk).catch(() => void (filled = null)));
  let isLed = false; // a source opens the card and goes to the part itself
  node.addEventListener("toggle", async () => {
    if (!node.open) return;
    if (!node.querySelector(".card-body")) await fill();
    if (!isLed) node.scrollIntoView({ block: "nearest" }); // what opened is below the edge otherwise
    isLed = false;
  });
  const openAt = async (section: string) => {
    isLed = !node.open;
    node.open = true;
    await fill();
    const part = node.querySelector<HTMLElement>(`[data-part="${SECTIONS[section] || "documents"}"]`) || node;
    if (part instanceof HTMLDetailsElement) part.open = true;
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
    part.scrollIntoView({ block: "nearest" });
  };
  return { node, code, openAt };
}

async function load(node: HTMLDetailsElement, code: string, talk: Talk): Promise<void> {
  node.querySelector(".card-body")?.remove();
  const body = el("div.card-body", {}, el("p", { role: "status" }, words.cardLoading));
  node.append(body);
  try {
    const record = await procedure(code);
    body.replaceChildren(...cardParts(record, talk));
  } catch (error) {
    const again = button("button.chip", words.again, () => void load(node, code, talk).catch(() => undefined));
    body.replaceChildren(el("p", { role: "alert" }, words.cardFault), again);
    throw error;
  }
}

export function cardParts(record: Procedure, talk: Talk): HTMLElement[] {
  const parts = [checklist(record, talk), feeTable(record), place(record)];
  parts.push(
    section("conditions", words.conditions, record.conditions),
    section("steps", words.steps, record.steps),
    section("result", words.result, record.result),
    section("who", words.who, record.applicants.join("\n")),
    section("forms", words.forms, record.forms.join("\n")),
    section("legal", words.legal, record.legal_basis.map((basis) => `- ${[basis.title, basis.number].filter(Boolean).join(" ")}`).join("\n")),
  );
  return [...parts, actions(record, talk)].filter((part): part is HTMLElement => part !== null);
}

function checklist(record: Procedure, talk: Talk): HTMLElement | null {
  if (!record.documents.length) return null;
  const ticked = new Set(talk.state.ticks[record.code] || []);
  const count = el("p.count", { role: "status" });
  const tell = () => (count.textContent = words.ticked(ticked.size, record.documents.length));
  const box = el("fieldset.checklist", { "data-part": "documents", lang: "vi" }, el("legend", {}, words.documents), count);
  let lastCase = "";
  record.documents.forEach((document, i) => {
    if (document.case && document.case !== lastCase) box.append(el("p.case", {}, `${words.when} ${(lastCase = document.case)}`));
    const tick = el("input", { type: "checkbox", checked: ticked.has(i) });
    tick.addEventListener("change", () => {
      if (tick.checked) ticked.add(i);
      else ticked.delete(i);
      talk.state.ticks[record.code] = [...ticked].sort((a, b) => a - b);
      talk.keep();
      tell();
    });
    const details = [document.quantity, document.form].filter(Boolean).join(" · ");
    box.append(el("label", {}, tick, el("span", {}, document.name, details ? el("small", {}, details) : null)));
  });
  tell();
  return box;
}

function feeTable(record: Procedure): HTMLElement | null {
  if (!record.submissions.length) return null;
  const head = el("tr", {}, ...[words.channel, words.time, words.fee].map((label) => el("th", { scope: "col" }, label)));
  const rows = record.submissions.map((way) => {
    const time = way.time ? (way.is_time_certain ? way.time : `${way.time} ${words.noUnit}`) : words.silent;
    return el(
      "tr", {},
      el("th", { scope: "row" }, words.channels[way.channel] || words.channels.other),
      el("td", {}, time),
      el("td", {}, way.fees.join("\n") || words.silent),
    );
  });
  const table = el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows));
  return el("div.card-part", { "data-part": "fee", lang: "vi" }, el("h2", {}, words.feeTime), el("div.table-box", { tabindex: 0, role: "group", "aria-label": words.feeTime }, table));
}

function place(record: Procedure): HTMLElement | null {
  const where = record.place || record.agency;
  if (!where) return null;
  return el("div.card-part", { "data-part": "place", lang: "vi" }, el("h2", {}, words.place), ...richText(where));
}

function section(part: string, title: string, text: string): HTMLElement | null {
  if (!text.trim()) return null;
  return el("details.card-part", { "data-part": part, lang: "vi" }, el("summary", {}, title), ...richText(text));
}

function actions(record: Procedure, talk: Talk): HTMLElement | null {
  const isOnline = Boolean(record.online_level) || record.submissions.some((way) => way.channel === "online");
  const label = isOnline ? `${words.online}${record.online_level ? ` (${record.online_level})` : ""}` : words.official;
  const link = outward(record.source.url, label);
  const row = el("div.chips");
  if (link) {
    link.className = isOnline ? "primary" : "chip";
    row.append(link);
  }
  if (record.documents.length) row.append(button("button.chip", words.printCard, () => talk.print(`[data-part="documents"]`, record.name)));
  return row.childElementCount ? row : null;
}
