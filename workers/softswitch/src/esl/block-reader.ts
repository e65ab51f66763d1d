/** Reads event-socket commands: lines up to an empty one, then Content-Length bytes of body if told so (wire-protocols §B1). */

/** A command line with the headers under it; names in lower case. */
export interface CommandBlock {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Longest head and body; a client that sends more is cut off. */
export const MAX_HEAD_BYTES = 64 * 1024;
export const MAX_BODY_BYTES = 1024 * 1024;

export class BlockReader {
  private buffer: Buffer = Buffer.alloc(0);

  /** Takes received bytes; answers the blocks that are complete now. Null = over the bounds: close the connection. */
  push(data: Buffer): CommandBlock[] | null {
    this.buffer = this.buffer.length === 0 ? data : Buffer.concat([this.buffer, data]);
    const blocks: CommandBlock[] = [];
    for (;;) {
      this.skipEmptyLines();
      const head = this.headEnd();
      if (head === null) return this.buffer.length > MAX_HEAD_BYTES ? null : blocks;
      if (head.end > MAX_HEAD_BYTES) return null;
      const lines = this.buffer.toString('utf8', 0, head.end).split(/\r?\n/);
      const headers = parseHeaders(lines.slice(1));
      const length = Number(headers.get('content-length') ?? 0);
      if (!Number.isInteger(length) || length < 0 || length > MAX_BODY_BYTES) return null;
      if (this.buffer.length < head.next + length) return blocks;
      const body = this.buffer.toString('utf8', head.next, head.next + length);
      this.buffer = this.buffer.subarray(head.next + length);
      blocks.push({ command: (lines[0] ?? '').trim(), headers, body });
    }
  }

  private skipEmptyLines(): void {
    let at = 0;
    while (this.buffer[at] === 0x0a || this.buffer[at] === 0x0d) at++;
    if (at > 0) this.buffer = this.buffer.subarray(at);
  }

  private headEnd(): { end: number; next: number } | null {
    const lf = this.buffer.indexOf('\n\n');
    const crlf = this.buffer.indexOf('\r\n\r\n');
    if (lf < 0 && crlf < 0) return null;
    return crlf >= 0 && (lf < 0 || crlf < lf) ? { end: crlf, next: crlf + 4 } : { end: lf, next: lf + 2 };
  }
}

function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(':');
    if (at > 0) headers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
  return headers;
}
