// What the host page's loader and the frame say to each other. Each side checks window and origin of every message.

export type FromFrame =
  | { hm: 1; type: "ready" }
  | { hm: 1; type: "close" }
  | { hm: 1; type: "answer"; status: string }; // no words: the page never learns what was asked

export type ToFrame =
  | { hm: 1; type: "open" }
  | { hm: 1; type: "ask"; text: string }
  | { hm: 1; type: "edge"; edge: "first" | "last" };

export type Language = "vi" | "en";
