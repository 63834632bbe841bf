// What the browser keeps: the conversation and the reader's settings. Works without storage, then until the page is left.
import type { Turn } from "./types";

export interface State { session: string | null; turns: Turn[]; ticks: Record<string, number[]>; at: number }
export interface Settings { size: number; scheme: string; plain: boolean; aloud: boolean; voiceAgreed: boolean }
/** Where the conversation is kept: for all tabs, for this tab, or not at all (kiosks, helpers). */
export type Keeping = "device" | "tab" | "none";

const STATE_KEY = "motcua.chat.v2";
const SETTINGS_KEY = "motcua.settings.v1";
const MAX_TURNS = 80;
const MAX_AGE_MS = 24 * 3600 * 1000; // a shared computer should not show yesterday's talk

export const NO_SETTINGS: Settings = { size: 0, scheme: "auto", plain: false, aloud: false, voiceAgreed: false };

export class Keeper {
  /** False once the browser has refused to save. */
  isKeeping = true;
  private readonly area: Storage | null;

  constructor(keeping: Keeping) {
    this.area = keeping === "none" ? null : areaOf(keeping);
    if (keeping !== "none" && !this.area) this.isKeeping = false;
  }

  load(): State {
    const kept = this.read(STATE_KEY) as State | null;
    if (!kept || !Array.isArray(kept.turns) || !kept.turns.every(isTurn)) return fresh();
    const age = Date.now() - Number(kept.at);
    if (age > MAX_AGE_MS) return fresh(); // a clock that was set back gives a negative age: the talk is kept
    const session = typeof kept.session === "string" && /^[\w-]{1,64}$/.test(kept.session) ? kept.session : null;
    return { session, turns: kept.turns, ticks: kept.ticks && typeof kept.ticks === "object" ? kept.ticks : {}, at: Date.now() };
  }

  save(state: State): void {
    state.turns = state.turns.slice(-MAX_TURNS);
    state.at = Date.now();
    for (let n = state.turns.length; n > 0; n = Math.floor(n / 2)) {
      if (this.write(STATE_KEY, { ...state, turns: state.turns.slice(-n) })) return; // full storage: fewer turns
    }
    this.write(STATE_KEY, { ...state, turns: [] });
  }

  erase(): void {
    try {
      this.area?.removeItem(STATE_KEY);
    } catch {
      this.isKeeping = false;
    }
  }

  settings(): Settings {
    return { ...NO_SETTINGS, ...((this.read(SETTINGS_KEY) as Partial<Settings> | null) || {}) };
  }

  saveSettings(settings: Settings): void {
    this.write(SETTINGS_KEY, settings);
  }

  /** Calls back when another tab changed the conversation. */
  watch(changed: () => void): void {
    window.addEventListener("storage", (event) => {
      if (event.key === STATE_KEY || event.key === null) changed();
    });
  }

  private read(key: string): unknown {
    try {
      return JSON.parse(this.area?.getItem(key) || "null");
    } catch {
      return null; // forbidden or damaged: begin anew
    }
  }

  private write(key: string, value: unknown): boolean {
    if (!this.area) return true;
    try {
      this.area.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      this.isKeeping = false;
      return false;
    }
  }
}

export function fresh(): State {
  return { session: null, turns: [], ticks: {}, at: Date.now() };
}

let n = 0;

export function newId(): string {
  return `${Date.now().toString(36)}-${(n++).toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
}

function areaOf(keeping: Keeping): Storage | null {
  try {
    const area = keeping === "tab" ? window.sessionStorage : window.localStorage;
    area.setItem("motcua.probe", "1");
    area.removeItem("motcua.probe");
    return area;
  } catch {
    return null;
  }
}

function isTurn(turn: Turn): boolean {
  return !!turn && typeof turn.id === "string" && (turn.who === "person" ? typeof turn.text === "string" : !!turn.reply && Array.isArray(turn.reply.messages));
}
