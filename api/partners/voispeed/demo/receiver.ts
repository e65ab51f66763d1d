/** What the receivers of this installation were sent for our token, as it comes: the live half of a partner's web server. */
import { useEffect, useRef, useState } from 'react';

const BASE = '/partners/voispeed';
const AGAIN_MS = 1_000;
/** Of lines, to know those that come again after the stream was cut. */
const REMEMBERED = 2_000;

export interface Line {
  /** ISO 8601. */
  readonly at: string;
  readonly receiver: string;
  /** Query string as it came. */
  readonly text: string;
  readonly query: URLSearchParams;
}

export interface Receiver {
  readonly name: string;
  /** Whole address, to be typed into the settings. */
  readonly url: string;
}

const authorization = (token: string) => ({ authorization: `Bearer ${token}` });

/** Our receivers' addresses; null: the token opens nothing. */
export async function receiversOf(token: string): Promise<Receiver[] | null> {
  const response = await fetch(`${BASE}/receivers`, { headers: authorization(token) });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const { items } = (await response.json()) as { items: { name: string; path: string }[] };
  return items.map(({ name, path }) => ({ name, url: `${location.origin}${path}` }));
}

/** Reads the stream until it ends, a line at a time (WHATWG HTML §9.2). */
async function read(token: string, signal: AbortSignal, opened: () => void, take: (data: string) => void) {
  const response = await fetch(`${BASE}/stream`, { headers: authorization(token), signal });
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
  opened();
  let rest = '';
  for await (const part of chunks(response.body.pipeThrough(new TextDecoderStream()))) {
    const blocks = (rest + part).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const data = block.split('\n').find((row) => row.startsWith('data: '));
      if (data) take(data.slice('data: '.length));
    }
  }
}

/** Streams are not everywhere iterable. */
async function* chunks(stream: ReadableStream<string>): AsyncGenerator<string> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Gives each line to `take` once and in order, also after the stream was cut. Answers whether it is open. */
export function useLines(token: string, take: (line: Line) => void): boolean {
  const [open, setOpen] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const controller = new AbortController();
    const seen = new Set<string>();
    const once = (data: string): void => {
      const { n, at, receiver, query } = JSON.parse(data) as { n: number; at: string; receiver: string; query: string };
      const key = `${n} ${at}`;
      if (seen.has(key)) return;
      seen.add(key);
      if (seen.size > REMEMBERED) seen.delete(seen.values().next().value!);
      latest.current({ at, receiver, text: query, query: new URLSearchParams(query) });
    };
    const follow = async (): Promise<void> => {
      while (!controller.signal.aborted) {
        await read(token, controller.signal, () => setOpen(true), once).catch(() => {});
        setOpen(false);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    };
    void follow();
    return () => controller.abort();
  }, [token]);
  return open;
}
