/** Cuts a byte stream into SIP messages by Content-Length (RFC 3261 §18.3). */

import { headEnd, leadingBreaks, MAX_MESSAGE_BYTES } from './parse.ts';
import { trimSpace } from './text.ts';

export interface StreamFramer {
  /** Takes what came; whole messages, keep-alive pings (RFC 5626 §3.5.1: a double CRLF) and framing faults go to the handlers. */
  push(chunk: Buffer): void;
  /** True while a message has begun and not ended. */
  readonly partial: boolean;
}

export interface FramerHandlers {
  onMessage(bytes: Buffer): void;
  onPing(): void;
  /** The stream cannot be followed any more; `head` is what was read of the message at fault. */
  onBroken(head: Buffer): void;
}

const CONTENT_LENGTH = /^(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)/gim;

/** One framer per connection. A missing Content-Length counts as 0. */
export function streamFramer(handlers: FramerHandlers): StreamFramer {
  let pending: Buffer = Buffer.alloc(0);
  let scanned = 0;
  let needed = 0;
  let broken = false;

  const fail = (): void => {
    broken = true;
    const head = pending;
    pending = Buffer.alloc(0);
    handlers.onBroken(head);
  };

  const skipBreaks = (): void => {
    const breaks = leadingBreaks(pending);
    if (breaks >= 4) handlers.onPing();
    if (breaks > 0 && (breaks < pending.length || breaks >= 4)) pending = pending.subarray(breaks);
  };

  const takeOne = (): boolean => {
    if (needed === 0) {
      skipBreaks();
      const end = headEnd(pending, Math.max(0, scanned - 3));
      if (end < 0) {
        scanned = pending.length;
        if (pending.length > MAX_MESSAGE_BYTES) fail();
        return false;
      }
      const length = statedLength(pending.toString('latin1', 0, end));
      if (length === undefined || end + length > MAX_MESSAGE_BYTES) {
        fail();
        return false;
      }
      needed = end + length;
    }
    if (pending.length < needed) return false;
    const message = pending.subarray(0, needed);
    pending = pending.subarray(needed);
    needed = 0;
    scanned = 0;
    handlers.onMessage(message);
    return true;
  };

  return {
    push(chunk) {
      if (broken) return;
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      while (!broken && pending.length > 0 && takeOne());
    },
    get partial() {
      return pending.length > 0;
    },
  };
}

function statedLength(head: string): number | undefined {
  let length: number | undefined;
  for (const match of head.matchAll(CONTENT_LENGTH)) {
    const text = trimSpace(match[1]!);
    if (!/^\d{1,7}$/.test(text)) return undefined;
    if (length !== undefined && length !== Number(text)) return undefined;
    length = Number(text);
  }
  return length ?? 0;
}
