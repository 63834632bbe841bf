// What must not leave the browser: identity numbers, bank cards, accounts, one-time codes and passwords. A first net; the
// server masks by finer rules (nlu/privacy.py). Where a number could be either, the person is asked.

export interface Found { kinds: string[]; covered: string }

const MARK = "\u0000"; // stands for what was covered until all rules have run
const NUMBER = String.raw`(?:^|[^\w.,/-])`; // no lookbehind: Safari before 16.4 would not start the chat at all
const END = String.raw`(?![\w]|[.,/-]\d)(?!\s*(?:dong|d\b|vnd|trieu|ty\b|nghin|ngan))`;
const LINK = String.raw`(?:\s*(?:cua|toi|em|minh|con|chau|anh|chi|ban|la|so|moi|nay|do|vua|gui|ve|ngan hang|thi|the|:|=|-))*\s*`;

/** Rules run over the text without diacritics, which keeps its length; group 1 is covered where there is one. */
const RULES: [string, RegExp][] = [
  ["otp", rule(String.raw`\b(?:otp|ma (?:otp|xac thuc|xac nhan|xac minh|kich hoat|bao mat|pin)|pin|mat ma)\b` + LINK + String.raw`(\d(?:[ .-]?\d){3,7})` + END)],
  ["otp", rule(String.raw`(\b\d{4,8})\s*(?:la|chinh la)\s+(?:ma\s+)?(?:otp|xac thuc|xac nhan)`)],
  ["otp", rule(String.raw`\b(?:mat khau|password)(?:\s+(?:vneid|dich vu cong|dvc|tai khoan|ngan hang|cua|toi|em|minh))*\s*(?:la\b|:|=)\s*(?!(?:gi|sao|j|nao|the nao|bao)\b|\[(?:so )?da che\])([^\s,;?]+)`)],
  ["card", rule(NUMBER + String.raw`(9704\d{12}(?:\d{3})?|9704(?:[ -]\d{4}){3}(?:[ -]\d{3})?|[3-6]\d{3}(?:[ -]?\d{4}){3})` + END)],
  ["account", rule(String.raw`\b(?:stk|so tai khoan|so tk)\b` + LINK + String.raw`(\d(?:[ .-]?\d){5,18})` + END)],
  ["identity", rule(NUMBER + String.raw`(0\d{11}|0\d{2}([ .-])\d{3}\2\d{3}\2\d{3}|0\d{3}([ .-])\d{4}\3\d{4})` + END)],
  ["identity", rule(String.raw`\b(?:cccd|cmnd|cmt|can cuoc(?: cong dan)?|chung minh(?: thu| nhan dan)?|so dinh danh)\b` + LINK + String.raw`(\d(?:[ .-]?\d){11}|\d(?:[ .-]?\d){8})` + END)],
];

/** Kinds found and the text with them covered; null when there is nothing to cover. */
export function findPrivate(text: string, label: string): Found | null {
  const kinds: string[] = [];
  let bare = fold(text);
  let covered = text.normalize("NFC");
  if (bare.length !== covered.length) bare = covered.toLowerCase(); // an odd character: rules without diacritics only
  for (const [kind, pattern] of RULES) {
    for (let match = pattern.exec(bare); match; match = pattern.exec(bare)) {
      const start = match.index + match[0].lastIndexOf(match[1]);
      const hole = MARK.repeat(match[1].length);
      bare = bare.slice(0, start) + hole + bare.slice(start + hole.length);
      covered = covered.slice(0, start) + hole + covered.slice(start + hole.length);
      if (!kinds.includes(kind)) kinds.push(kind);
    }
    pattern.lastIndex = 0;
  }
  return kinds.length ? { kinds, covered: covered.replace(/\u0000+/g, label) } : null;
}

/** Lower case without Vietnamese diacritics, character for character. */
function fold(text: string): string {
  return [...text.normalize("NFC").toLowerCase()]
    .map((char) => (char === "đ" ? "d" : char.normalize("NFD").replace(/[\u0300-\u036f]/g, "") || char))
    .join("");
}

function rule(source: string): RegExp {
  return new RegExp(source, "g");
}
