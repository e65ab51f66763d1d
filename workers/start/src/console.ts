/** What the person at the terminal reads: one line per event; the full logs are files. */

/** pino's levels. */
const WARN = 40;
/** Warnings of Temporal's SDK about what our workers do on purpose: each has activities or workflows, not both. */
const EXPECTED = /No (workflows|activities) registered, not polling/;
const HIDDEN_FIELDS = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name', 'stack']);

export type Say = (text: string) => void;

/** Prints a line of the start command itself. */
export const say: Say = (text) => {
  process.stdout.write(`${clock()} ${text}\n`);
};

function clock(): string {
  return new Date().toTimeString().slice(0, 8);
}

/** A process's log line as one readable line; nothing when it is not worth the terminal (below warning, or not a log). */
export function readable(line: string): string | undefined {
  if (!line.startsWith('{') || EXPECTED.test(line)) return undefined;
  try {
    const { level, msg, ...fields } = JSON.parse(line) as { level?: number; msg?: string } & Record<string, unknown>;
    if (typeof level !== 'number' || level < WARN) return undefined;
    const shown = Object.entries(fields).filter(([key]) => !HIDDEN_FIELDS.has(key));
    const detail = shown.map(([key, value]) => `${key}=${short(value)}`).join(' ');
    return `${msg ?? ''} ${detail}`.trim();
  } catch {
    return undefined;
  }
}

function short(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message).slice(0, 200);
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 200);
}

/** Prints `text` again every five seconds until the returned function is called; for steps that may be slow. */
export function progress(text: string, tell: Say = say): () => void {
  const since = Date.now();
  const timer = setInterval(() => tell(`${text} … ${Math.round((Date.now() - since) / 1000)} s`), 5_000);
  const first = setTimeout(() => tell(`${text} …`), 2_000);
  return () => {
    clearInterval(timer);
    clearTimeout(first);
  };
}
