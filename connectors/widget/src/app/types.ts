// Shapes of /api/v1 as the chat uses them.

export interface Button { title: string; payload: string }
export interface Card { title?: unknown; text?: unknown; rows?: { label?: unknown; value?: unknown }[]; url?: unknown }
export interface Message { text: string; buttons?: Button[]; card?: Card | null }
export interface Choice { code: string; name: string; facet?: string }
export interface Citation {
  kind: string; source: string; title: string; number: string; section: string; quote: string; url: string; as_of: string; expired: boolean;
}
export interface Reply {
  session_id: string; status: string; aspect?: string | null; understood?: string;
  procedure?: { code: string; name: string } | null; choices?: Choice[]; messages: Message[]; citations?: Citation[]; degraded?: boolean;
}
export interface Submission { channel: string; time: string; is_time_certain: boolean; fees: string[]; note: string }
export interface Procedure {
  code: string; name: string; agency: string; place: string; online_level: string; steps: string; conditions: string; result: string;
  source: { url: string; title: string; read_on: string };
  submissions: Submission[];
  documents: { name: string; quantity: string; form: string; case: string }[];
  legal_basis: { title: string; number: string }[];
  applicants: string[]; forms: string[];
}
export interface Status { notice: { text: string } | null }
export interface Desk { is_open: boolean; hours: string; hotline: string; takes_contacts: boolean }
export interface CarryOn { code: string; minutes: number; links: { title: string; url: string; qr: string; size: number }[] }

/** One turn as it is kept. ``state`` of a question: "queued" until it was answered, "failed" when given up. */
export interface Turn {
  id: string;
  who: "person" | "machine";
  text?: string; // as shown, personal data covered
  payload?: string; // as sent
  state?: "queued" | "failed";
  reply?: Reply;
  asked?: string;
  rated?: 1 | -1;
}

export interface Config {
  mode: "frame" | "page";
  limit: number;
  origins: string[];
  hotline: string;
  starters: string[];
  voice: boolean;
  contacts: boolean;
  carry_on: boolean;
  catalogue: string; // path of the pages without chat, "" where there are none
  notice: string; // what the operator says in the assistant's place, "" while it answers
}
