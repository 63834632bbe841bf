// Contrast by WCAG 2.2 (relative luminance), for colours that a province gives.

export type Rgb = [number, number, number];

/** "#rgb", "#rrggbb" or "rgb(…)" as numbers; null for anything else. */
export function readColour(text: string): Rgb | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim());
  if (hex) {
    const digits = hex[1].length === 3 ? hex[1].replace(/./g, "$&$&") : hex[1];
    const value = parseInt(digits, 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }
  const rgb = /^rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)$/i.exec(text.trim());
  return rgb ? [+rgb[1], +rgb[2], +rgb[3]] : null;
}

export function contrast(one: Rgb, other: Rgb): number {
  const a = luminance(one);
  const b = luminance(other);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** White or near-black, whichever reads better on this colour. */
export function inkOn(colour: Rgb): string {
  return contrast(colour, [255, 255, 255]) >= contrast(colour, [16, 24, 24]) ? "#fff" : "#101818";
}

/** The colour, moved towards black or white until it reads on the ground (4.5:1). */
export function readableOn(colour: Rgb, ground: Rgb): string {
  const goal = luminance(ground) > 0.18 ? 0 : 255;
  let now = colour;
  for (let step = 0; step < 20 && contrast(now, ground) < 4.6; step++) {
    now = [0, 1, 2].map((i) => Math.round(now[i] + (goal - now[i]) * 0.12)) as Rgb;
  }
  return `rgb(${now[0]}, ${now[1]}, ${now[2]})`;
}

function luminance(colour: Rgb): number {
  const part = (value: number) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * part(colour[0]) + 0.7152 * part(colour[1]) + 0.0722 * part(colour[2]);
}
