// Talks with the page that embeds the frame. Only its parent window, only from an origin the server allows.
import type { FromFrame, ToFrame } from "../protocol";

export interface HostEvents { open: () => void; ask: (text: string) => void; edge: (edge: "first" | "last") => void }

/** Returns how to speak to the page; nothing is said or heard where there is no allowed parent. */
export function joinHost(origins: string[], events: HostEvents): (message: FromFrame) => void {
  const parent = window.parent;
  if (parent === window) return () => undefined;
  const allowed = [location.origin, ...origins];
  window.addEventListener("message", (event) => {
    if (event.source !== parent || !allowed.includes(event.origin)) return;
    const heard = event.data as ToFrame;
    if (!heard || heard.hm !== 1) return;
    if (heard.type === "open") events.open();
    else if (heard.type === "edge") events.edge(heard.edge === "last" ? "last" : "first");
    else if (heard.type === "ask" && typeof heard.text === "string") events.ask(heard.text.slice(0, 2000).trim());
  });
  // Where the browser does not name the parent's origin, it still delivers to an allowed one only.
  const named = location.ancestorOrigins?.[0];
  const targets = named ? allowed.filter((origin) => origin === named) : allowed;
  return (message) => targets.forEach((origin) => post(parent, message, origin));
}

function post(parent: Window, message: FromFrame, origin: string): void {
  try {
    parent.postMessage(message, origin);
  } catch {
    // An origin the browser cannot read: the server's setting is checked at its start, so only old browsers come here.
  }
}
