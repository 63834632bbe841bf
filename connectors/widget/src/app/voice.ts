// Speech where the browser offers it: typing by voice, and reading aloud with a Vietnamese voice.

interface Recognition {
  lang: string; interimResults: boolean; continuous: boolean; processLocally?: boolean;
  onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }>> }) => void) | null;
  onerror: (() => void) | null; onend: (() => void) | null;
  start(): void; stop(): void;
}
type RecognitionClass = new () => Recognition;

export function canListen(): boolean {
  return Boolean(recognitionClass());
}

/** Listen to one question. Returns how to stop. */
export function listenOnce(heard: (text: string) => void, ended: (isFault: boolean) => void): () => void {
  const recognition = new (recognitionClass()!)();
  let isFault = false;
  recognition.lang = "vi-VN";
  recognition.interimResults = true;
  recognition.continuous = false;
  recognition.onresult = (event) => heard(Array.from(event.results, (result) => result[0].transcript).join(" ").trim());
  recognition.onerror = () => (isFault = true);
  recognition.onend = () => ended(isFault);
  try {
    recognition.start();
  } catch {
    ended(true);
  }
  return () => recognition.stop();
}

/** Only with a voice for Vietnamese: another one reads noise. */
export function canRead(): boolean {
  return Boolean(window.speechSynthesis && vietnameseVoice());
}

/** Chromium names its voices only some time after it was first asked for them. */
export function onVoices(came: () => void): void {
  window.speechSynthesis?.addEventListener?.("voiceschanged", came);
}

/** Read a text aloud; called again while reading, it stops. */
export function readAloud(text: string, ended: () => void): void {
  const speech = window.speechSynthesis;
  if (speech.speaking) {
    speech.cancel();
    return ended();
  }
  const said = new SpeechSynthesisUtterance(text.replace(/https?:\S+/g, ""));
  said.lang = "vi-VN";
  said.voice = vietnameseVoice() || null;
  said.onend = said.onerror = ended;
  speech.speak(said);
}

function vietnameseVoice(): SpeechSynthesisVoice | undefined {
  return window.speechSynthesis.getVoices().find((voice) => /^vi\b/i.test(voice.lang));
}

function recognitionClass(): RecognitionClass | undefined {
  const page = window as unknown as Record<string, RecognitionClass | undefined>;
  return page.SpeechRecognition || page.webkitSpeechRecognition;
}
