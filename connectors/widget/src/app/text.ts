// Plain text of a reply as elements: paragraphs by blank lines, lists by "- ", links where there are addresses.
import { el, outward } from "./dom";
import { words } from "./words";

const MAX_SHOWN = 2_400; // characters; what is longer opens on demand
const ADDRESS = /https?:\/\/[^\s<>"“”]+[^\s<>"“”.,;:!?)\]]/g;

/** A bubble's content; a long text ends in a button that shows the rest. */
export function richText(text: string): HTMLElement[] {
  const parts = text.trim().split(/\n\s*\n/);
  let nShown = 0;
  let length = 0;
  while (nShown < parts.length && (nShown === 0 || length + parts[nShown].length <= MAX_SHOWN)) length += parts[nShown++].length;
  const first = parts.slice(0, nShown);
  let rest = parts.slice(nShown).join("\n\n");
  if (first.length && first[0].length > MAX_SHOWN * 1.5) {
    const cut = cutAt(first[0], MAX_SHOWN);
    rest = [first[0].slice(cut), rest].filter(Boolean).join("\n\n");
    first[0] = first[0].slice(0, cut);
  }
  const nodes = first.flatMap(paragraph);
  if (rest.trim()) nodes.push(folded(rest));
  return nodes;
}

function folded(rest: string): HTMLElement {
  const box = el("details.rest", {}, el("summary", {}, words.more(rest.length.toLocaleString("vi-VN"))));
  const fill = () => {
    if (box.childElementCount === 1) box.append(...rest.split(/\n\s*\n/).flatMap(paragraph));
  };
  box.addEventListener("toggle", fill);
  window.addEventListener("beforeprint", () => {
    fill();
    box.open = true;
  });
  return box;
}

function cutAt(text: string, limit: number): number {
  const at = Math.max(text.lastIndexOf("\n", limit), text.lastIndexOf(" ", limit));
  return at > limit / 2 ? at : limit;
}

function paragraph(part: string): HTMLElement[] {
  const nodes: HTMLElement[] = [];
  let list: HTMLUListElement | null = null;
  let lines: string[] = [];
  const flush = () => {
    if (lines.length) nodes.push(linked(el("p"), lines.join("\n")));
    lines = [];
  };
  for (const line of part.split("\n")) {
    const item = /^\s*[-•]\s+(.*)$/.exec(line);
    if (!item) {
      list = null;
      lines.push(line);
      continue;
    }
    flush();
    if (!list) nodes.push((list = el("ul")));
    list.append(linked(el("li"), item[1]));
  }
  flush();
  return nodes;
}

function linked<T extends HTMLElement>(node: T, text: string): T {
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    node.append(text.slice(end, match.index), outward(match[0], match[0])!);
    end = match.index! + match[0].length;
  }
  node.append(text.slice(end));
  return node;
}

/** Cut at the last whole word that fits, with "…". */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit);
  const end = head.lastIndexOf(" ");
  return `${(end > 0 ? head.slice(0, end) : head).replace(/[\s,;:.–-]+$/, "")} …`;
}

export function day(iso: string): string {
  return iso.split("-").reverse().join("/");
}
