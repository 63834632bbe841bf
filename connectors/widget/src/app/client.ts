// Speaks /api/v1. Every failure is one of few kinds, so that the talk can say plainly what happened.
import type { CarryOn, Desk, Procedure, Reply, Status } from "./types";

export type FailureKind = "offline" | "server" | "too_fast" | "refused" | "unreadable" | "stopped";

export class Failure extends Error {
  constructor(readonly kind: FailureKind, message = "", readonly waitS = 0) {
    super(message);
  }
}

const TIMEOUT_MS = 30_000;
const MAX_WAIT_S = 120;

export function ask(question: string, session: string | null, stop: AbortController): Promise<Reply> {
  return call<Reply>("POST", "/ask", { question, session_id: session }, stop).then((reply) => {
    if (!reply || typeof reply.session_id !== "string" || !Array.isArray(reply.messages)) throw new Failure("unreadable");
    return reply;
  });
}

const records = new Map<string, Promise<Procedure>>();

/** A procedure's record; fetched once, a failed fetch may be tried again. */
export function procedure(code: string): Promise<Procedure> {
  let found = records.get(code);
  if (!found) {
    found = call<Procedure>("GET", `/procedures/${encodeURIComponent(code)}`);
    found.catch(() => records.delete(code));
    records.set(code, found);
  }
  return found;
}

export const rate = (body: object) => call<object>("POST", "/feedback", body);
export const status = () => call<Status>("GET", "/status");
export const desk = () => call<Desk>("GET", "/desk");
export const leaveContact = (body: object) => call<{ number: string }>("POST", "/contact", body);
export const carryOn = (session: string | null) => call<CarryOn>("POST", "/carry-on", { session_id: session });
export const takeOver = (code: string, session: string) => call<{ session_id: string }>("POST", "/carry-on/take", { code, session_id: session });
export const forget = (session: string) => call<object>("POST", "/forget", { session_id: session });

async function call<T>(method: string, path: string, body?: object, stop = new AbortController()): Promise<T> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop.abort();
  }, TIMEOUT_MS);
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body && JSON.stringify(body),
      signal: stop.signal,
      credentials: "omit", // the talk needs no cookie
    });
    return await readBody<T>(response);
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (stop.signal.aborted) throw new Failure(isLate ? "server" : "stopped");
    throw new Failure("offline");
  } finally {
    clearTimeout(timer);
  }
}

async function readBody<T>(response: Response): Promise<T> {
  const body = await response.json().catch(() => null);
  if (response.ok) {
    if (body === null) throw new Failure("unreadable");
    return body as T;
  }
  if (response.status === 429) {
    const wait = Number(response.headers.get("Retry-After"));
    throw new Failure("too_fast", "", Math.min(MAX_WAIT_S, wait > 0 ? Math.ceil(wait) : 10));
  }
  if (response.status >= 500) throw new Failure("server", String((body && body.message) || ""));
  throw new Failure("refused", String((body && body.message) || ""));
}
