// Every component in every state, for those who work on the chat. Served on this machine only.
import { cardParts, procedureCard } from "./app/card";
import { el } from "./app/dom";
import { Keeper } from "./app/store";
import { Panels } from "./app/panels";
import { replyParts } from "./app/reply";
import { Talk } from "./app/talk";
import { NO_SETTINGS } from "./app/store";
import type { Procedure, Reply, Turn } from "./app/types";
import { View } from "./app/view";
import { words } from "./app/words";
import { inkOn } from "./colour";
import { faultBox, launcherButton, make, waitBox, WORDS } from "./launcher";
import sheet from "./loader.shadow.css";

/** What the server would say: a body, null for a fault, "wait" for nothing yet. */
type Answers = Record<string, object | null | "wait">;
interface Fixtures { config: string; replies: Record<string, Reply>; procedure: Procedure; desk: Record<string, object>; carry_on: object }

const shelf = document.getElementById("gallery")!;
const fixtures = JSON.parse(shelf.dataset.fixtures!) as Fixtures;

const only = new URLSearchParams(location.search).get("scheme");

// Beside each other, not above the page: each in its own chat.
HTMLDialogElement.prototype.showModal = function () {
  this.setAttribute("open", "");
};

// Panels ask the server: here each is told what its state needs, and nothing is asked.
let answers: Answers = {};
window.fetch = (address) => {
  const body = answers[String(address).replace("/api/v1", "")];
  if (body === "wait") return new Promise(() => undefined);
  return body ? Promise.resolve(new Response(JSON.stringify(body))) : Promise.reject(new TypeError("gallery"));
};

for (const scheme of only ? [only] : ["light", "dark"]) {
  show("Mới mở", scheme, () => undefined);
  for (const [name, reply] of Object.entries(fixtures.replies)) {
    show(name, scheme, (talk) => answer(talk, name, reply));
  }
  show("Chờ, chậm", scheme, (talk) => {
    question(talk, "Đăng ký tạm trú cần giấy tờ gì?");
    talk.view.showWaiting("q", el("div.turn.machine.waiting", {}, el("div.bubble", {}, words.waiting, el("span.dots"))));
    talk.view.showWaiting("q", el("div.turn.machine.waiting", {}, el("div.bubble", {}, words.verySlow), el("button.chip", { type: "button" }, words.stop)));
    talk.view.busy(true);
  });
  show("Mất mạng, còn chờ gửi", scheme, (talk) => {
    question(talk, "Làm lại căn cước hết bao nhiêu tiền?");
    talk.view.note("q", words.offline, [el("button.chip", { type: "button" }, words.resend), el("button.quiet", { type: "button" }, words.edit), el("button.quiet", { type: "button" }, words.discard)]);
    talk.view.queued(2);
    talk.view.notice(words.netGone);
  });
  show("Thông báo thay cho trợ lý", scheme, (talk) => talk.view.pause("Trợ lý tạm nghỉ đến 14 giờ để bảo trì."));
  show("Chặn thông tin riêng", scheme, (talk) => {
    talk.view.write("Căn cước của tôi là 001099012345, đổi ở đâu?", false);
    talk.view.guard({ kinds: ["identity", "otp"], covered: "" }, () => undefined);
  });
  show("Thẻ thủ tục mở", scheme, (talk) => {
    question(talk, "Khai sinh cho con cần gì?");
    const card = procedureCard(fixtures.procedure.code, fixtures.procedure.name, talk);
    talk.view.add("a", "machine", [card.node]);
    (card.node as HTMLDetailsElement).append(el("div.card-body", {}, ...cardParts(fixtures.procedure, talk)));
    card.node.setAttribute("open", "");
  });
  show("Thẻ đang mở, thẻ chưa mở được", scheme, (talk) => {
    question(talk, "Khai sinh cho con cần gì?");
    for (const line of [el("p", { role: "status" }, words.cardLoading), el("p", { role: "alert" }, words.cardFault)]) {
      const card = procedureCard(fixtures.procedure.code, fixtures.procedure.name, talk).node;
      card.append(el("div.card-body", {}, line));
      talk.view.add("a", "machine", [card]);
      card.setAttribute("open", "");
    }
  });
  show("Đã đánh giá", scheme, (talk) => {
    question(talk, "Gọi tổng đài số nào?");
    talk.view.add("a", "machine", replyParts({ id: "a", who: "machine", reply: plain(), asked: "", rated: 1 }, talk));
  });
  show("Nói vì sao chưa đúng", scheme, (talk, root) => {
    question(talk, "Gọi tổng đài số nào?");
    talk.view.add("a", "machine", replyParts({ id: "a", who: "machine", reply: plain(), asked: "" }, talk));
    [...root.querySelectorAll<HTMLButtonElement>(".rating button")].pop()?.click();
  });
  show("Bảng: tùy chọn", scheme, (talk) => talk.panels.options());
  show("Bảng: gặp người, trong giờ", scheme, (talk) => talk.panels.human(), { "/desk": fixtures.desk.open });
  show("Bảng: gặp người, ngoài giờ, không nhận liên hệ", scheme, (talk) => talk.panels.human(), { "/desk": fixtures.desk.closed });
  show("Bảng: gặp người, chưa biết giờ", scheme, (talk) => talk.panels.human(), { "/desk": null });
  show("Bảng: hỏi tiếp trên điện thoại, đang tạo mã", scheme, (talk) => talk.panels.carry(), { "/carry-on": "wait" });
  show("Bảng: hỏi tiếp trên điện thoại, có mã", scheme, (talk) => talk.panels.carry(), { "/carry-on": fixtures.carry_on });
  show("Bảng: hỏi tiếp trên điện thoại, chưa tạo được mã", scheme, (talk) => talk.panels.carry(), { "/carry-on": null });
  show("Chữ rất lớn", scheme, (talk, root) => {
    answer(talk, "Nuôi ong cần giấy tờ gì?", Object.values(fixtures.replies)[0]);
    root.dataset.size = "2";
  });
  show("Chỉ chữ", scheme, (talk, root) => {
    answer(talk, "Nuôi ong cần giấy tờ gì?", Object.values(fixtures.replies)[0]);
    root.dataset.plain = "";
  });
  show("Trình duyệt không cho lưu", scheme, (talk) => talk.view.notice(words.notSaved));
  show("Bảng: xóa cuộc trò chuyện", scheme, (talk) => talk.panels.erase());
  show("Bảng: nói thay vì gõ", scheme, (talk) => talk.panels.agreeToVoice(() => undefined));
}
// The loader follows the reader's device alone.
loaderSpecimen("Nút trên cổng", "theo máy", (box) => box.append(launcherButton(WORDS.vi.label).button));
loaderSpecimen("Nút trên cổng, có trả lời mới", "theo máy", (box) => {
  const { button, badge } = launcherButton(WORDS.vi.label);
  badge.hidden = false;
  badge.textContent = "2";
  box.append(button);
});
loaderSpecimen("Khung đang mở", "theo máy", (box) => panelOf(box).append(waitBox(WORDS.vi)));
loaderSpecimen("Khung bị chặn hoặc máy chủ tắt", "theo máy", (box) => panelOf(box).append(faultBox(WORDS.vi, "/embed", () => undefined).box));
window.setTimeout(() => window.scrollTo(0, 0), 50); // panels and forms took the focus

function plain(): Reply {
  return Object.values(fixtures.replies).find((reply) => reply.status === "unanswerable_not_found")!;
}

/** A part of the loader in a shadow root of its own, held where it stands instead of in the window's corner. */
function loaderSpecimen(name: string, scheme: string, fill: (box: HTMLElement) => void): void {
  const host = el("div.loader-place");
  const root = host.attachShadow({ mode: "open" });
  const box = make("div", "right");
  const own = new CSSStyleSheet();
  own.replaceSync(`${sheet} :host { position: relative !important; width: 100% !important; height: 100% !important; transform: translate(0) !important; }`);
  root.adoptedStyleSheets = [own];
  box.style.setProperty("--bg", "#0b5c52");
  box.style.setProperty("--ink", inkOn([11, 92, 82]));
  box.style.setProperty("--x", "16px");
  box.style.setProperty("--y", "16px");
  fill(box);
  root.append(box);
  shelf.append(el("article.specimen", {}, el("h2", {}, `${name} · ${scheme}`), host));
}

function panelOf(box: HTMLElement): HTMLElement {
  const panel = make("div", "panel");
  box.append(panel);
  return panel;
}

function show(name: string, scheme: string, fill: (talk: Talk, root: HTMLElement) => void, told: Answers = {}): void {
  const root = el("section.chat", { "data-mode": "page", "data-scheme": scheme, "aria-label": `${name}, ${scheme}` });
  shelf.append(el("article.specimen", {}, el("h2", {}, `${name} · ${scheme}`), root));
  const config = JSON.parse(fixtures.config);
  const view = new View({ ...config, mode: "page" }, { root, title: "", greeting: "", logo: "" });
  const talk = new Talk(config, view, new Keeper("none"));
  talk.panels = new Panels(root, talk, { ...NO_SETTINGS }, () => undefined);
  talk.state.session = "gallery";
  talk.start();
  answers = told;
  fill(talk, root);
  root.querySelectorAll("[id]").forEach((node) => node.removeAttribute("id")); // many chats on one page
  root.querySelectorAll("[aria-labelledby], [aria-describedby]").forEach((node) => ["aria-labelledby", "aria-describedby"].forEach((each) => node.removeAttribute(each)));
  root.querySelectorAll("dialog").forEach((node) => node.setAttribute("aria-label", name));
  root.querySelectorAll(".guard").forEach((node) => node.setAttribute("aria-label", words.guardTitle));
  root.querySelectorAll(".chat-form > label").forEach((node) => node.removeAttribute("for"));
  root.querySelectorAll(".chat-form textarea").forEach((node) => node.setAttribute("aria-label", words.label));
}

function question(talk: Talk, text: string): void {
  talk.view.clear(null);
  talk.view.add("q", "person", [el("div.bubble", {}, text)]);
}

function answer(talk: Talk, name: string, reply: Reply): void {
  question(talk, name);
  const turn: Turn = { id: "a", who: "machine", reply, asked: name };
  talk.view.add("a", "machine", replyParts(turn, talk));
  talk.view.log.scrollTop = 0;
}
