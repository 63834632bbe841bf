// Every state of the lobby's and the volunteer's screens, built from their own page and script. Nothing is asked of the assistant.
import { Conversation } from "./kiosk-ask.js";
import { buildKeys } from "./kiosk-keys.js";

const shelf = document.getElementById("gallery");
const fixtures = JSON.parse(shelf.dataset.fixtures);
const pages = { kiosk: await read("/kiosk"), helper: await read("/ho-tro") };
const NEVER = () => new Promise(() => {});
let n = 0;

for (const mode of ["kiosk", "helper"]) {
  const who = mode === "kiosk" ? "Màn hình chạm" : "Người hỗ trợ";
  const add = (name, fill) => { for (const scheme of ["light", "dark"]) show(mode, scheme, `${who}: ${name}`, fill); };
  add("bắt đầu", () => "home");
  add("có thông báo thay cho trợ lý", (at, root) => {
    at("#k-notice").textContent = "Trợ lý tạm nghỉ đến 14 giờ.";
    at("#k-notice").hidden = false;
    root.classList.add("k-paused");
    return "home";
  });
  add("mất kết nối", (at) => { at("#k-offline").hidden = false; return "home"; });
  add("sắp xóa vì không ai dùng", (at) => { at("#k-left").textContent = "20"; at("#k-idle").setAttribute("open", ""); return "home"; });
  add("đang mở danh sách", (at) => { at("#k-procedure").append(note("Đang mở danh sách giấy tờ…")); return "procedure"; });
  add("chưa mở được danh sách", (at) => { at("#k-procedure").append(note("Chưa mở được danh sách này. Quay lại thử lần nữa, hoặc hỏi cán bộ tại quầy.")); return "procedure"; });
  add("danh sách giấy tờ", (at) => { at("#k-procedure").innerHTML = fixtures.procedure; return "procedure"; });
  add("mới mở ô hỏi", () => "ask");
  if (mode === "helper") {
    for (const [name, html] of Object.entries({ "tìm thấy": fixtures.found, "không tìm thấy": fixtures.none, "mã bí mật": fixtures.secret })) {
      add(name, (at) => { at("#k-found").innerHTML = html; return "home"; });
    }
    add("đã che số", (at) => talk(at, "căn cước 001099012345, nuôi ong", async () => Object.values(fixtures.replies)[0]));
  } else {
    add("số và dấu câu", (at) => { at('[aria-label="Số và dấu câu"]').click(); return "ask"; });
  }
  add("đang tìm, rồi tìm lâu", (at) => talk(at, "Nuôi ong cần gì?", NEVER));
  add("máy chủ không trả lời", (at) => talk(at, "Nuôi ong cần gì?", () => Promise.reject(new TypeError("gallery"))));
  for (const [name, reply] of Object.entries(fixtures.replies)) add(name, (at) => talk(at, name, async () => reply));
}
shelf.dataset.state = "ready";

async function read(address) {
  return new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
}

/** A screen of its own. `fill` changes it and names the section that is shown. */
function show(mode, scheme, name, fill) {
  const root = document.createElement("section");
  root.className = `specimen kiosk mode-${mode} scheme-${scheme}`;
  root.setAttribute("aria-label", `${name}, ${scheme}`);
  const title = document.createElement("h2");
  title.className = "specimen-name";
  title.textContent = `${name} · ${scheme}`;
  const body = document.createElement("div");
  body.className = "k-body";
  body.append(...pages[mode].getElementById("kiosk").cloneNode(true).childNodes);
  root.append(title, body);
  shelf.append(root);
  const at = (selector) => root.querySelector(selector);
  if (at("#k-keys")) buildKeys(at("#k-keys"), at("#k-input"), () => {});
  const chosen = fill(at, root);
  for (const screen of root.querySelectorAll("[data-screen]")) if (screen.dataset.screen !== chosen) screen.remove();
  root.classList.toggle("k-asking", chosen === "ask");
  if (!at("dialog[open]")) at("dialog").remove();
  const shown = at("[data-screen]");
  shown.hidden = false;
  at("#k-back").hidden = chosen === "home";
  tellApart(root);
}

function talk(at, question, send) {
  const conversation = new Conversation(at("#k-log"), at("#k-keys") ? "ông/bà" : "bạn", () => {});
  conversation.send = send;
  void conversation.ask(question);
  at("#k-keys")?.remove(); // answers have the room, as on the screen itself
  return "ask";
}

function note(text) {
  const line = document.createElement("p");
  line.className = "k-note";
  line.textContent = text;
  return line;
}

/** Many screens on one page: names that others refer to are told apart. */
function tellApart(root) {
  n += 1;
  root.querySelector("main")?.replaceWith(...asDiv(root.querySelector("main")));
  for (const attribute of ["for", "aria-labelledby"]) {
    for (const node of root.querySelectorAll(`[${attribute}]`)) {
      const named = root.querySelector(`#${CSS.escape(node.getAttribute(attribute))}`);
      if (named) named.id = `${named.id}-${n}`;
      node.setAttribute(attribute, `${node.getAttribute(attribute)}-${n}`);
    }
  }
}

function asDiv(main) {
  const box = document.createElement("div");
  box.className = main.className;
  box.append(...main.childNodes);
  return [box];
}
