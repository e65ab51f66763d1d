/** Framing of drachtio's TCP protocol: `<decimal byte length>#<payload>` (wire-protocols A1). */

/** Most length digits a frame may have, as in the real server. */
const MAX_LENGTH_DIGITS = 5;
const HASH = 0x23;
const ZERO = 0x30;
const NINE = 0x39;

export interface FrameReader {
  push(chunk: Buffer): void;
}

/** Reads frames split or joined anywhere; `onBroken` once when the bytes are no framing. */
export function frameReader(onFrame: (payload: Buffer) => void, onBroken: () => void): FrameReader {
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = -1;
  let broken = false;

  const fail = (): void => {
    broken = true;
    chunks = [];
    onBroken();
  };

  /** Takes the length and the `#` off the front; undefined while they are incomplete. */
  const takeLength = (bytes: Buffer): Buffer | undefined => {
    let length = 0;
    for (let i = 0; i <= MAX_LENGTH_DIGITS && i < bytes.length; i++) {
      const c = bytes[i]!;
      if (c === HASH && i > 0) {
        needed = length;
        return bytes.subarray(i + 1);
      }
      if (c < ZERO || c > NINE || i === MAX_LENGTH_DIGITS) {
        fail();
        return undefined;
      }
      length = length * 10 + c - ZERO;
    }
    return undefined;
  };

  const drain = (): void => {
    let bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    while (!broken && bytes.length > 0) {
      if (needed < 0) {
        const rest = takeLength(bytes);
        if (!rest) break;
        bytes = rest;
      }
      if (bytes.length < needed) break;
      const payload = bytes.subarray(0, needed);
      bytes = bytes.subarray(needed);
      needed = -1;
      onFrame(payload);
    }
    chunks = broken || bytes.length === 0 ? [] : [bytes];
    held = broken ? 0 : bytes.length;
  };

  return {
    push(chunk) {
      if (broken) return;
      chunks.push(chunk);
      held += chunk.length;
      if (needed < 0 || held >= needed) drain();
    },
  };
}

/** One frame: a line of tokens and, after CRLF, the raw SIP message. Text is binary (one character per byte). */
export function writeFrame(line: string, sip?: Buffer): Buffer {
  const length = line.length + (sip ? sip.length + 2 : 0);
  const head = sip ? `${length}#${line}\r\n` : `${length}#${line}`;
  if (!sip) return Buffer.from(head, 'latin1');
  const bytes = Buffer.allocUnsafe(head.length + sip.length);
  bytes.write(head, 0, 'latin1');
  sip.copy(bytes, head.length);
  return bytes;
}
