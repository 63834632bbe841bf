// The lobby's screen and the volunteer's: screens, idle time, wiping, locks. One document a person; a fresh one ends it.
import { Conversation, patience, withoutPersonalNumbers } from "./kiosk-ask.js";
import { buildKeys } from "./kiosk-keys.js";

const STATUS_EVERY_MS = 5_000;
const ANEW_EVERY_MS = 3_000; // how often a wiped screen asks whether the server is back
const root = document.getElementById("kiosk");
const at = (id) => document.getElementById(id);
const isHelper = root.dataset.mode === "helper";
const screens = new Map([...document.querySelectorAll("[data-screen]")].map((screen) => [screen.dataset.screen, screen]));
const trail = ["home"];
const conversation = new Conversation(at("k-log"), root.dataset.you, openProcedure);
let openCode = "";
let hasLeft = false;

start();

function start() {
  wipeStores();
  root.hidden = false;
  if (!isHelper) lock();
  if (at("k-keys")) buildKeys(at("k-keys"), at("k-input"), submitQuestion);
  listen();
  watchIdle(Number(root.dataset.idleS) * 1000, Number(root.dataset.warningS) * 1000);
  watchServer();
}

function listen() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-event], [data-code]");
    if (button?.dataset.event) show(`event-${button.dataset.event}`);
    else if (button?.dataset.code) openProcedure(button.dataset.code);
  });
  at("k-end").addEventListener("click", leave);
  at("k-leave").addEventListener("click", leave);
  at("k-back").addEventListener("click", back);
  at("k-size").addEventListener("click", (event) => {
    const isLarge = document.documentElement.classList.toggle("k-larger");
    event.currentTarget.setAttribute("aria-pressed", String(isLarge));
  });
  for (const kind of ["focus", "pointerdown"]) at("k-input").addEventListener(kind, () => document.body.classList.remove("k-reading"));
  at("k-open-ask")?.addEventListener("click", () => show("ask"));
  at("k-ask-more").addEventListener("click", () => {
    show("ask");
    read();
    if (openCode) conversation.ask(`#tt ${openCode}`, at("k-procedure").querySelector("h1")?.textContent ?? openCode);
  });
  at("k-print")?.addEventListener("click", () => window.print());
  at("k-form").addEventListener("submit", (event) => { event.preventDefault(); submitQuestion(); });
  at("k-input").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submitQuestion(); }
  });
  at("k-search")?.addEventListener("submit", (event) => { event.preventDefault(); search(at("k-q").value); });
}

async function submitQuestion() {
  const field = at("k-input");
  const question = field.value.trim();
  if (!question || conversation.isBusy) return;
  field.value = "";
  read();
  await conversation.ask(question);
}

/** Answers need the room: the keyboard goes until the field is touched again. */
function read() {
  if (!at("k-keys")) return;
  document.body.classList.add("k-reading");
  at("k-log").focus({ preventScroll: true });
}

function show(name, isBack = false) {
  if (!screens.has(name)) return;
  if (!isBack && trail[trail.length - 1] !== name) trail.push(name);
  for (const [each, screen] of screens) screen.hidden = each !== name;
  at("k-back").hidden = trail.length < 2;
  document.body.classList.toggle("k-asking", name === "ask");
  window.scrollTo(0, 0);
  if (name === "ask") at("k-input").focus();
  else screens.get(name).querySelector("h1, [tabindex='-1']")?.focus({ preventScroll: true });
}

function back() {
  trail.pop();
  show(trail[trail.length - 1] ?? "home", true);
}

async function openProcedure(code) {
  const box = at("k-procedure");
  openCode = code;
  box.replaceChildren(words("Đang mở danh sách giấy tờ…"));
  at("k-actions").hidden = true;
  show("procedure");
  const html = await fetchHtml(`/kiosk/thu-tuc/${encodeURIComponent(code)}`);
  if (openCode !== code || hasLeft) return; // somebody tapped on; the later one wins
  if (html === null) {
    box.replaceChildren(words("Chưa mở được danh sách này. Quay lại thử lần nữa, hoặc hỏi cán bộ tại quầy."));
    return;
  }
  box.innerHTML = html; // our own server's, escaped there; the policy lets no script run from it
  at("k-actions").hidden = false;
  box.focus({ preventScroll: true });
}

async function search(q) {
  if (!q.trim()) return;
  const box = at("k-found");
  box.replaceChildren(words("Đang tìm…"));
  const safe = withoutPersonalNumbers(q);
  const body = JSON.stringify({ q: safe });
  const html = await fetchHtml("/kiosk/tim", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (hasLeft) return;
  if (html === null) { box.replaceChildren(words("Máy chủ chưa trả lời. Bạn thử lại sau ít giây.")); return; }
  box.innerHTML = html;
  if (safe !== q) box.prepend(words("Máy đã che dãy số trước khi tìm. Đừng gõ số giấy tờ, số điện thoại, mật khẩu hay mã OTP của người dân."));
  const ask = document.createElement("button");
  ask.type = "button";
  ask.className = "k-button k-ask-this";
  ask.textContent = "Hỏi trợ lý câu này";
  ask.addEventListener("click", () => { show("ask"); conversation.ask(q); });
  box.append(ask);
}

async function fetchHtml(address, options = {}) {
  try {
    const response = await fetch(address, { ...options, signal: patience(15_000, conversation.aborter.signal) });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

function words(text) {
  const line = document.createElement("p");
  line.className = "k-note";
  line.textContent = text;
  return line;
}

/** End this person: what is under way is dropped, stores are emptied, and a fresh document replaces this one. */
function leave() {
  if (hasLeft) return;
  hasLeft = true;
  conversation.end();
  wipeStores();
  document.body.replaceChildren();
  void beginAnew();
}

/** The browser's own error page has no way back from a touch screen: while the server is away, wait here and say so. */
async function beginAnew() {
  while (!(await isServerThere())) {
    if (!document.body.childElementCount) document.body.append(words("Máy đang mất kết nối với máy chủ và đã xóa hết thông tin của lượt trước. Màn hình tự mở lại khi có kết nối; trong lúc đó, hỏi cán bộ tại quầy nhé."));
    await new Promise((done) => setTimeout(done, ANEW_EVERY_MS));
  }
  location.replace(location.pathname);
}

async function isServerThere() {
  try {
    return (await fetch(location.pathname, { method: "HEAD", cache: "no-store", signal: patience(4_000, new AbortController().signal) })).ok;
  } catch {
    return false;
  }
}

function wipeStores() {
  for (const name of ["sessionStorage", "localStorage"]) {
    try { window[name].clear(); } catch { /* refused by the browser: then there is nothing in it */ }
  }
}

/** Warn before the time is up, and leave when nobody answers. A touched home screen with nothing on it just stays. */
function watchIdle(idleMs, warningMs) {
  const dialog = at("k-idle");
  let last = performance.now();
  const touch = () => { if (!dialog.open) last = performance.now(); };
  for (const kind of ["pointerdown", "keydown", "scroll", "input"]) document.addEventListener(kind, touch, { capture: true, passive: true });
  at("k-stay").addEventListener("click", () => { dialog.close(); last = performance.now(); });
  dialog.addEventListener("cancel", () => { last = performance.now(); });
  setInterval(() => {
    if (hasLeft) return;
    const leftMs = idleMs - (performance.now() - last);
    if (isUntouched()) { last = performance.now(); return; }
    if (leftMs <= 0) leave();
    else if (leftMs <= warningMs) {
      at("k-left").textContent = String(Math.ceil(leftMs / 1000));
      if (!dialog.open) dialog.showModal();
    }
  }, 250);
}

function isUntouched() {
  const isEmpty = !at("k-input").value && !(at("k-q")?.value) && !(at("k-found")?.childElementCount);
  return trail.length === 1 && !conversation.hasAsked && isEmpty && !document.documentElement.classList.contains("k-larger") && window.scrollY === 0;
}

/** The operator's notice and a lost server are told wherever the person is. */
function watchServer() {
  async function look() {
    try {
      const response = await fetch("/api/v1/status", { signal: patience(4_000, conversation.aborter.signal) });
      const status = response.ok ? await response.json() : {};
      if (hasLeft) return;
      at("k-notice").textContent = status.notice?.text ?? "";
      at("k-notice").hidden = !status.notice;
      document.body.classList.toggle("k-paused", Boolean(status.notice));
      at("k-offline").hidden = true;
    } catch {
      if (!hasLeft) at("k-offline").hidden = false;
    }
  }
  look();
  setInterval(look, STATUS_EVERY_MS);
}

/** No way out of this page by touch or keyboard, and nothing into the clipboard for the next person; the rest is the browser's kiosk mode (docs/kiosk.md). */
function lock() {
  for (const kind of ["contextmenu", "dragstart", "drop", "auxclick"]) document.addEventListener(kind, (event) => event.preventDefault());
  document.addEventListener("click", (event) => { if (event.target.closest("a[href]")) event.preventDefault(); }, { capture: true });
  document.addEventListener("keydown", (event) => {
    const isShortcut = event.ctrlKey || event.metaKey || event.altKey || /^F\d+$/.test(event.key) || event.key.startsWith("Browser");
    if (isShortcut && !["a", "z"].includes(event.key.toLowerCase())) event.preventDefault();
  }, { capture: true });
  window.open = () => null;
}
