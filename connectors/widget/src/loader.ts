// The one line a portal embeds. A button in the corner opens the chat in a frame of its own origin, so that the page
// never sees the talk and neither can break the other. Nothing but this file is loaded before somebody reaches for the button.
// Plain loops on purpose: old pages change Array.prototype, and this code runs among them.
import { inkOn, readColour } from "./colour";
import { faultBox, launcherButton, make, waitBox, WORDS } from "./launcher";
import sheet from "./loader.shadow.css";
import type { FromFrame, ToFrame } from "./protocol";

const NAME = "HoiMotCua";
const TAG = "hoi-mot-cua";
const PATIENCE_MS = 10_000; // then the panel says that the frame did not come
const MAX_ASK = 2_000;
const FOR_FRAME = ["lang", "accent", "logo", "title", "greeting", "scheme", "text", "history"];
type EventName = "ready" | "open" | "close" | "answer";
type Handler = (detail: { status?: string }) => void;

(() => {
  const page = window as unknown as Record<string, unknown>;
  if (page[NAME] || document.querySelector(TAG)) {
    console.info("Hỏi Một Cửa: the widget is on this page already; the second loader does nothing.");
    return;
  }
  const script = (document.currentScript || document.querySelector('script[src*="/widget.js"]')) as HTMLScriptElement | null;
  if (!script || !script.src) return;
  const widget = createWidget(script);
  page[NAME] = widget.api;
  if (document.body) widget.mount();
  else document.addEventListener("DOMContentLoaded", widget.mount);
})();

function createWidget(script: HTMLScriptElement) {
  const given = (name: string) => script.getAttribute(`data-${name}`) || "";
  const origin = new URL(script.src).origin;
  const words = given("lang") === "en" ? WORDS.en : WORDS.vi;
  const label = given("label") || words.label;
  const host = document.createElement(TAG);
  const root = host.attachShadow({ mode: "open" });
  const box = make("div", given("position") === "left" ? "left" : "right");
  const { button: launcher, text: launcherText, badge } = launcherButton(label);
  const panel = make("div", "panel");
  const handlers: Record<string, Handler[]> = {};
  let frame: HTMLIFrameElement | null = null;
  let isReady = false;
  let isOpen = false;
  let nUnread = 0;
  let pending = "";
  let patience = 0;

  function mount(): void {
    if (host.isConnected) return;
    style();
    launcher.addEventListener("click", toggle);
    const headStart = () => frame || load(); // somebody reaches for it, by pointer, finger or keyboard
    launcher.addEventListener("pointerenter", headStart);
    launcher.addEventListener("focus", headStart);
    if (given("preload") === "idle") whenIdle(headStart);
    panel.hidden = true;
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", words.title);
    box.append(launcher, panel);
    root.append(box);
    root.addEventListener("keydown", (event) => {
      if ((event as KeyboardEvent).key === "Escape" && isOpen) close();
    });
    window.addEventListener("message", hear);
    document.body.append(host);
    paint();
    rise();
  }

  function style(): void {
    if ("adoptedStyleSheets" in Document.prototype && "replaceSync" in CSSStyleSheet.prototype) {
      const own = new CSSStyleSheet();
      own.replaceSync(sheet);
      root.adoptedStyleSheets = [own];
      return;
    }
    const node = document.createElement("style"); // older browsers; a page with a nonce hands it on
    node.nonce = script.nonce;
    node.textContent = sheet;
    root.append(node);
  }

  /** Colours and place: attributes first, then the page's CSS variables. */
  function paint(): void {
    const seen = getComputedStyle(host);
    const accent = given("accent") || seen.getPropertyValue("--hoi-mot-cua-accent").trim() || "#0b5c52";
    const colour = readColour(accent) || [11, 92, 82];
    const length = (name: string) => {
      const text = given(name) || seen.getPropertyValue(`--hoi-mot-cua-${name}`).trim();
      return /^\d{1,3}(px)?$/.test(text) ? `${parseInt(text, 10)}px` : "16px";
    };
    box.style.setProperty("--bg", `rgb(${colour[0]}, ${colour[1]}, ${colour[2]})`);
    box.style.setProperty("--ink", inkOn(colour as [number, number, number]));
    box.style.setProperty("--x", length("offset-x"));
    box.style.setProperty("--y", length("offset-y"));
  }

  /** Into the browser's top layer where there is one: no z-index of the page reaches it. */
  function rise(): void {
    const raised = host as HTMLElement & { showPopover?: () => void };
    if (!raised.showPopover) return;
    host.setAttribute("popover", "manual");
    try {
      raised.showPopover();
    } catch {
      host.removeAttribute("popover"); // then z-index alone has to do
    }
  }

  function open(): void {
    if (!host.isConnected) mount();
    isOpen = true;
    if (!frame) load();
    setUnread(0);
    panel.hidden = false;
    box.classList.add("is-open");
    if (coversScreen()) panel.setAttribute("aria-modal", "true");
    else panel.removeAttribute("aria-modal");
    launcher.setAttribute("aria-expanded", "true");
    launcherText.textContent = words.close;
    enter();
    tell("open", {});
  }

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    panel.hidden = true;
    box.classList.remove("is-open");
    launcher.setAttribute("aria-expanded", "false");
    launcherText.textContent = label;
    launcher.focus({ preventScroll: true });
    tell("close", {});
  }

  function toggle(): void {
    if (isOpen) close();
    else open();
  }

  function ask(text: string): void {
    pending = String(text).slice(0, MAX_ASK).trim();
    open();
    flush();
  }

  function load(): void {
    isReady = false;
    frame = document.createElement("iframe");
    frame.title = words.title;
    frame.allow = "clipboard-write; microphone";
    frame.src = `${origin}/embed#${settings()}`;
    panel.textContent = "";
    panel.append(edge("last"), frame, waitBox(words), edge("first"));
    clearTimeout(patience);
    patience = setTimeout(explain, PATIENCE_MS);
  }

  function settings(): string {
    let text = isOpen ? "v=1&open=1" : "v=1"; // then the field takes the focus as it is built, a round trip earlier
    for (let i = 0; i < FOR_FRAME.length; i++) {
      const name = FOR_FRAME[i];
      let value = given(name);
      if (name === "accent" && !value) value = getComputedStyle(host).getPropertyValue("--hoi-mot-cua-accent").trim();
      if (name === "logo" && value) value = new URL(value, document.baseURI).href;
      if (value) text += `&${name}=${encodeURIComponent(value)}`;
    }
    return text;
  }

  /** Where the panel covers the screen, tabbing out of the frame comes back in at its other end. */
  function edge(to: "first" | "last"): HTMLElement {
    const node = make("span", "edge");
    node.tabIndex = 0;
    node.addEventListener("focus", () => {
      if (!coversScreen()) return launcher.focus();
      if (frame) frame.focus();
      say({ hm: 1, type: "edge", edge: to });
    });
    return node;
  }

  function coversScreen(): boolean {
    return getComputedStyle(launcher).display === "none";
  }

  function enter(): void {
    if (!frame || !isReady) return;
    frame.focus();
    say({ hm: 1, type: "open" });
  }

  function explain(): void {
    if (isReady || !frame) return;
    const { box: fault, again } = faultBox(words, `${origin}/embed`, () => {
      load();
      launcher.focus();
    });
    panel.textContent = "";
    panel.append(fault);
    frame = null;
    if (isOpen) again.focus();
  }

  function hear(event: MessageEvent): void {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
    const heard = event.data as FromFrame;
    if (!heard || heard.hm !== 1) return;
    if (heard.type === "ready") {
      isReady = true;
      clearTimeout(patience);
      const wait = panel.querySelector(".wait");
      if (wait) wait.remove();
      if (isOpen) enter();
      flush();
      tell("ready", {});
    } else if (heard.type === "close") {
      close();
    } else if (heard.type === "answer") {
      if (!isOpen) setUnread(nUnread + 1);
      tell("answer", { status: String(heard.status) });
    }
  }

  function flush(): void {
    if (!isReady || !pending) return;
    say({ hm: 1, type: "ask", text: pending });
    pending = "";
  }

  function say(message: ToFrame): void {
    if (frame && frame.contentWindow && isReady) frame.contentWindow.postMessage(message, origin);
  }

  function setUnread(n: number): void {
    nUnread = n;
    badge.hidden = n === 0;
    badge.textContent = String(n);
    if (n) launcher.setAttribute("aria-label", `${label}, ${n} ${words.unread}`);
    else launcher.removeAttribute("aria-label");
  }

  function on(name: EventName, handler: Handler): void {
    const list = handlers[name] || (handlers[name] = []);
    list[list.length] = handler;
  }

  function tell(name: EventName, detail: { status?: string }): void {
    const list = handlers[name] || [];
    for (let i = 0; i < list.length; i++) {
      try {
        list[i](detail);
      } catch (error) {
        console.error("Hỏi Một Cửa: a handler of the page failed", error);
      }
    }
    document.dispatchEvent(new CustomEvent(`hoimotcua:${name}`, { detail }));
  }

  return { mount, api: { open, close, toggle, ask, on, get isOpen() { return isOpen; }, version: "1" } };
}

/** After the page was loaded and has nothing to do; not where the reader saves data. */
function whenIdle(run: () => void): void {
  const page = window as Window & { requestIdleCallback?: (run: () => void) => number };
  const line = (navigator as Navigator & { connection?: { saveData?: boolean } }).connection;
  if (line && line.saveData) return;
  const wait = () => (page.requestIdleCallback ? page.requestIdleCallback(run) : setTimeout(run, 2_000));
  if (document.readyState === "complete") wait();
  else window.addEventListener("load", wait, { once: true });
}
