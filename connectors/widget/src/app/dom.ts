// The one seam through which text reaches the page: always as text, never as HTML.

type Child = Node | string | null | undefined | false;
type Handlers = { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

/** An element with classes ("a.b.c" after the tag), attributes and children; strings become text nodes. */
export function el<K extends keyof HTMLElementTagNameMap>(
  selector: K | `${K}.${string}`,
  attributes: Record<string, string | number | boolean | null | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag) as HTMLElementTagNameMap[K];
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

export function button(selector: "button" | `button.${string}`, label: string, press: (event: MouseEvent) => void, attributes: Record<string, string> = {}): HTMLButtonElement {
  return listen(el(selector as "button", { type: "button", ...attributes }, label), { click: press });
}

export function listen<T extends HTMLElement>(node: T, handlers: Handlers): T {
  for (const [name, handler] of Object.entries(handlers)) node.addEventListener(name, handler as EventListener);
  return node;
}

/** A link that opens elsewhere; null for anything but a web address. */
export function outward(address: unknown, text: string): HTMLAnchorElement | null {
  if (!isWebAddress(address)) return null;
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

export function isWebAddress(address: unknown): address is string {
  return typeof address === "string" && /^https?:\/\/[^\s]+$/i.test(address);
}

const SPACE = "http://www.w3.org/2000/svg";

/** A line drawing, hidden from screen readers: its button carries the words. */
export function icon(path: string): SVGElement {
  const sign = document.createElementNS(SPACE, "svg");
  sign.setAttribute("viewBox", "0 0 24 24");
  sign.setAttribute("class", "icon");
  sign.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SPACE, "path");
  line.setAttribute("d", path);
  sign.append(line);
  return sign;
}

/** A QR code from its dark squares as an SVG path ("M0 0h1v1h-1z…"); null when the server sent something else. */
export function qrCode(path: string, size: number, label: string): SVGElement | null {
  if (!/^[MhvHVz\d .-]+$/.test(path) || !(size > 0)) return null;
  const sign = document.createElementNS(SPACE, "svg");
  sign.setAttribute("viewBox", `-4 -4 ${size + 8} ${size + 8}`);
  sign.setAttribute("class", "qr");
  sign.setAttribute("role", "img");
  sign.setAttribute("aria-label", label);
  const dark = document.createElementNS(SPACE, "path");
  dark.setAttribute("d", path);
  sign.append(dark);
  return sign;
}

export const ICONS = {
  send: "M4 12h15M13 6l6 6-6 6",
  menu: "M5 7h14M5 12h14M5 17h14",
  close: "M6 6l12 12M18 6L6 18",
  mic: "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4zM6 11.5a6 6 0 0 0 12 0M12 17.5V21",
};
