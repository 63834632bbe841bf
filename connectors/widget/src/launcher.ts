// What the loader draws into the host page: the button, and what stands in the panel while there is no chat. The gallery
// draws the same. Plain loops on purpose (loader.ts).
import { mark } from "./mark";

export const WORDS = {
  vi: {
    label: "Hỏi thủ tục", close: "Đóng", title: "Hỏi Một Cửa: hỏi đáp thủ tục hành chính", unread: "có trả lời mới",
    fault: "Chưa mở được khung hỏi đáp. Có thể mạng đang yếu, máy chủ đang bảo trì, hoặc một tiện ích chặn quảng cáo đã chặn khung này.",
    again: "Thử lại", apart: "Mở ở thẻ mới", wait: "Đang mở khung hỏi đáp",
  },
  en: {
    label: "Ask about a procedure", close: "Close", title: "Hỏi Một Cửa: questions about administrative procedures", unread: "new answer",
    fault: "The chat could not be opened. The network may be weak, the service may be down, or a content blocker stopped it.",
    again: "Try again", apart: "Open in a new tab", wait: "Opening the chat",
  },
};
export type LoaderWords = typeof WORDS.vi;

export function launcherButton(label: string) {
  const button = make("button", "launcher") as HTMLButtonElement;
  const text = make("span");
  const badge = make("span", "badge");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  text.textContent = label;
  badge.hidden = true;
  button.append(mark(), text, badge);
  return { button, text, badge };
}

/** Grey lines in the shape of the chat, until it is there. */
export function waitBox(words: LoaderWords): HTMLElement {
  const wait = make("div", "wait");
  wait.setAttribute("role", "status");
  wait.setAttribute("aria-label", words.wait);
  for (let i = 0; i < 4; i++) wait.append(make("span"));
  return wait;
}

/** Why there is no chat, with a way to try again and a way around. */
export function faultBox(words: LoaderWords, address: string, retry: () => void) {
  const box = make("div", "fault");
  box.setAttribute("role", "alert");
  const text = make("p");
  text.textContent = words.fault;
  const again = make("button") as HTMLButtonElement;
  again.type = "button";
  again.textContent = words.again;
  again.addEventListener("click", retry);
  const apart = make("a") as HTMLAnchorElement;
  apart.href = address;
  apart.target = "_blank";
  apart.rel = "noopener";
  apart.textContent = words.apart;
  box.append(text, again, apart);
  return { box, again };
}

export function make(tag: string, className?: string): HTMLElement {
  const node = document.createElement(tag);
  if (className) node.className = className;
  return node;
}
