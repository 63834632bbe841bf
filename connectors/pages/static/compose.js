// Vietnamese by touch: tones are keys of their own and land on the right vowel, whatever was typed before or after.
// Pure functions on NFC text; no document is needed to try them.

const TONES = { huyen: "\u0300", sac: "\u0301", nga: "\u0303", hoi: "\u0309", nang: "\u0323" };
const TONE_MARKS = /[\u0300\u0301\u0303\u0309\u0323]/g;
const LETTER = /\p{L}/u;
const VOWEL = /[aăâeêioôơuưy]/i;
const MARKED = /[ăâêôơư]/i;
/** Letters that a plain one turns into when its marked key follows it at once: "u" then "ư" can only mean "ư". */
const UPGRADES = { a: "ăâ", ă: "â", â: "ă", e: "ê", o: "ôơ", ô: "ơ", ơ: "ô", u: "ư", d: "đ" };

/** Put a tone on the last word of `text`, or take it off when it is there already; "" takes any tone off. */
export function withTone(text, tone) {
  const { head, word } = lastWord(text);
  if (!word) return text;
  const bare = withoutTone(word);
  if (!tone || toneOf(word) === tone) return head + bare;
  const at = toneIndex(bare);
  if (at < 0) return text;
  const letters = [...bare];
  letters[at] = (letters[at] + TONES[tone]).normalize("NFC");
  return head + letters.join("");
}

/** Add a letter; a tone typed earlier moves to where it belongs now ("hòa" + "n" → "hoàn"). */
export function withLetter(text, letter) {
  const { head, word } = lastWord(text);
  if (!word || !LETTER.test(letter)) return text + letter;
  const tone = toneOf(word);
  const bare = withoutTone(word);
  const last = bare[bare.length - 1];
  if (letter === last && MARKED.test(letter)) return text; // never doubled
  const isUpgrade = (UPGRADES[last.toLowerCase()] ?? "").includes(letter.toLowerCase());
  const added = last === "ư" && letter === "o" ? "ơ" : letter; // "ưo" is no rhyme, "ươ" is
  const longer = isUpgrade ? bare.slice(0, -1) + added : bare + added;
  return head + (tone ? toned(longer, tone) : longer);
}

/** Take the last character away; what stays keeps its tone where it then belongs. */
export function withoutLast(text) {
  const shorter = [...text].slice(0, -1).join("");
  const { head, word } = lastWord(shorter);
  const tone = word ? toneOf(word) : "";
  return tone ? head + toned(withoutTone(word), tone) : shorter;
}

function toned(bare, tone) {
  const at = toneIndex(bare);
  if (at < 0) return bare;
  const letters = [...bare];
  letters[at] = (letters[at] + TONES[tone]).normalize("NFC");
  return letters.join("");
}

function lastWord(text) {
  const letters = [...text];
  let start = letters.length;
  while (start > 0 && LETTER.test(letters[start - 1])) start -= 1;
  return { head: letters.slice(0, start).join(""), word: letters.slice(start).join("") };
}

function toneOf(word) {
  const found = word.normalize("NFD").match(TONE_MARKS);
  return found ? Object.keys(TONES).find((name) => TONES[name] === found[0]) : "";
}

function withoutTone(word) {
  return word.normalize("NFD").replace(TONE_MARKS, "").normalize("NFC");
}

/** Which letter carries the tone: a marked vowel; else the last vowel before a consonant; else the second of three
    or the first of two ("hòa", "mía", "ngoài", "quý", "già"). -1 where there is no vowel. */
function toneIndex(bare) {
  const letters = [...bare.toLowerCase()];
  let start = letters.findIndex((letter) => VOWEL.test(letter));
  if (start < 0) return -1;
  const next = letters[start + 1];
  const isGlide = next && VOWEL.test(next) && ((letters[start] === "u" && letters[start - 1] === "q") || (letters[start] === "i" && letters[start - 1] === "g"));
  if (isGlide) start += 1;
  let end = start;
  while (end < letters.length && VOWEL.test(letters[end])) end += 1;
  for (let at = end - 1; at >= start; at -= 1) if (MARKED.test(letters[at])) return at;
  const length = end - start;
  if (end < letters.length) return end - 1;
  return length >= 3 ? start + 1 : start;
}
