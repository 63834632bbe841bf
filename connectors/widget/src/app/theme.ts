// Colours and sizes: a province's accent made readable, the reader's own settings over it.
import { inkOn, readableOn, readColour, type Rgb } from "../colour";
import type { Settings } from "./store";

const SHEETS: Record<"light" | "dark", Rgb> = { light: [255, 253, 248], dark: [24, 36, 37] }; // --sheet of chat.css

export function applyAccent(root: HTMLElement, accent: string): void {
  const colour = readColour(accent);
  if (!colour) return;
  root.style.setProperty("--given", `rgb(${colour.join(", ")})`);
  root.style.setProperty("--given-ink", inkOn(colour));
  root.style.setProperty("--given-light", readableOn(colour, SHEETS.light));
  root.style.setProperty("--given-dark", readableOn(colour, SHEETS.dark));
  root.dataset.accent = "given";
}

export function applySettings(root: HTMLElement, settings: Settings): void {
  root.dataset.size = String(settings.size);
  if (settings.scheme === "light" || settings.scheme === "dark") root.dataset.scheme = settings.scheme;
  else delete root.dataset.scheme;
  if (settings.plain) root.dataset.plain = "";
  else delete root.dataset.plain;
}
