// The on-screen keyboard. It writes into one field at the caret and tells it so by an input event.
import { withLetter, withTone, withoutLast } from "./compose.js";

const TONE_KEYS = [["sac", "sắc", "´"], ["huyen", "huyền", "`"], ["hoi", "hỏi", "?"], ["nga", "ngã", "~"], ["nang", "nặng", "."], ["", "bỏ dấu", "⌀"]];
const WIDE = { letters: ["ăâđêôơư", "qwertyuiop", "asdfghjkl", "zxcvbnm"], numbers: ["1234567890", "/-.,:?()", "+%\"'"] };
// Ten keys of 44 px do not stand in a row of 320: six do. Split, the typewriter's order is nobody's, so the letters stand as learned at school.
const NARROW = { letters: ["aăâbcd", "đeêghi", "klmnoô", "ơpqrst", "uưvxyz", "fjw"], numbers: ["123456", "7890/-", ".,:?()", "+%\"'"] };
const IS_NARROW = window.matchMedia("(max-width: 640px)"); // the same width as in kiosk.css

export function buildKeys(box, field, onEnter) {
  let isNumbers = false;

  function write(change) {
    const at = field.selectionStart ?? field.value.length;
    const end = field.selectionEnd ?? at;
    const head = change(field.value.slice(0, at), at !== end);
    const tail = field.value.slice(end);
    if (head.length + tail.length > field.maxLength) return;
    field.value = head + tail;
    field.setSelectionRange(head.length, head.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.scrollTop = field.scrollHeight;
  }

  function key(label, name, act, kind = "") {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `k-key ${kind}`.trim();
    button.textContent = label;
    if (name) button.setAttribute("aria-label", name);
    button.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps its caret
    button.addEventListener("click", act);
    return button;
  }

  function row(...keys) {
    const line = document.createElement("div");
    line.className = "k-row";
    line.append(...keys);
    return line;
  }

  const letterKey = (letter) => key(letter, "", () => write((head) => withLetter(head, letter)));
  const erase = () => key("⌫", "Xóa một chữ", () => write((head, hasChosen) => (hasChosen ? head : withoutLast(head))), "k-key-wide");

  const other = () => key(isNumbers ? "abc" : "123", isNumbers ? "Chữ" : "Số và dấu câu", () => { isNumbers = !isNumbers; draw(); }, "k-key-wide");

  function draw() {
    const layout = IS_NARROW.matches ? NARROW : WIDE;
    const lines = (isNumbers ? layout.numbers : layout.letters).map((letters) => [...letters].map(letterKey));
    const send = [key("Dấu cách", "", () => write((head) => `${head} `), "k-key-space"), key("Hỏi", "Gửi câu hỏi", onEnter, "k-key-wide k-key-go")];
    lines[lines.length - 1].push(...(IS_NARROW.matches ? [other(), erase()] : [erase()]));
    lines.push(IS_NARROW.matches ? send : [other(), ...send]);
    box.replaceChildren(...[TONE_KEYS.map((each) => toneKey(...each)), ...lines].map((keys) => row(...keys)));
  }

  function toneKey(tone, name, sign) {
    const button = key("", tone ? `Dấu ${name}` : "Bỏ dấu thanh", () => write((head) => withTone(head, tone)), "k-key-tone");
    const mark = document.createElement("span");
    mark.textContent = sign;
    mark.className = "k-key-sign";
    const word = document.createElement("span");
    word.textContent = name;
    button.append(mark, word);
    return button;
  }

  IS_NARROW.addEventListener("change", draw); // the screen was turned
  draw();
}
