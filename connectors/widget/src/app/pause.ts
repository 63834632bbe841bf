// The operator's notice in the assistant's place: the page brings it, then it is asked for while somebody looks.
import { status } from "./client";
import type { View } from "./view";

const EVERY_MS = 30_000;

/** Returns how to look at once. */
export function watchNotice(view: View): () => void {
  const look = () => {
    if (document.hidden || !innerHeight) return; // a closed panel's frame has no height
    status().then(
      (found) => view.pause(found.notice ? String(found.notice.text) : ""),
      () => undefined, // what was last shown stays; a lost server is told where a question is sent
    );
  };
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
  return look;
}
