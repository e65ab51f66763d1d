/** One log file per process, bounded: when it is full it becomes `<name>.log.1` and a new one starts. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export class LogFile {
  readonly path: string;
  readonly #maxBytes: number;
  #fd: number;
  #size: number;
  #closed = false;

  constructor(path: string, maxBytes = 10 * 1024 * 1024) {
    this.path = path;
    this.#maxBytes = maxBytes;
    this.#fd = openSync(path, 'a');
    this.#size = fstatSync(this.#fd).size;
  }

  write(line: string): void {
    // what a process says while it ends; the number of a closed file may be another file's by now
    if (this.#closed) return;
    const bytes = Buffer.from(`${line}\n`);
    try {
      if (this.#size + bytes.length > this.#maxBytes && this.#size > 0) this.#turnOver();
      writeSync(this.#fd, bytes);
      this.#size += bytes.length;
    } catch {
      // a full disk must not take the calls down with it
    }
  }

  close(): void {
    if (!this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }

  #turnOver(): void {
    closeSync(this.#fd);
    renameSync(this.path, `${this.path}.1`);
    this.#fd = openSync(this.path, 'a');
    this.#size = 0;
  }
}

/** Cuts a stream of chunks into lines; a line longer than 64 KiB is passed on in parts. */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: string): void; end(): void } {
  let rest = '';
  return {
    push(chunk) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line) onLine(line);
      if (rest.length > 65_536) {
        onLine(rest);
        rest = '';
      }
    },
    end() {
      if (rest) onLine(rest);
      rest = '';
    },
  };
}
