/** The samples of a guide as they stand: fenced blocks, a shell that runs them one after the other, and what they are said to print. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Sample {
  /** First word behind the fence. */
  readonly language: string;
  /** The rest of that line, e.g. a file's name. */
  readonly label: string;
  readonly text: string;
}

export function samplesOf(guide: string): Sample[] {
  return [...readFileSync(guide, 'utf8').matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, language, label, text]) => ({ language: language!, label: label!, text: text! }),
  );
}

/** Whether a text is the printed one up to its numbers and tokens; lines may end in any way. */
export function isAsPrinted(actual: string, printed: string): boolean {
  const pattern = printed
    .trim()
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\b[0-9a-f]{32}\b/g, '[0-9a-f]{32}')
    .replace(/(?<![\d{[])\d{2,}/g, '\\d+')
    .replaceAll('\n', '\\r?\\n');
  return new RegExp(`^${pattern}$`).test(actual.trim());
}

/** One shell in a folder, so that what a sample sets is there for the next. */
export class SampleShell {
  private readonly shell: ChildProcess;
  private readonly programs: ChildProcess[] = [];
  private printed = '';
  readonly folder: string;

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.shell = spawn('bash', ['-e'], { cwd: folder, env: { PATH: process.env.PATH, ...env } });
    this.shell.stdout!.on('data', (chunk) => {
      this.printed += String(chunk);
    });
  }

  /** What the sample prints. Throws when one of its commands fails. */
  async run(text: string): Promise<string> {
    this.printed = '';
    this.shell.stdin!.write(`${text}\necho\necho '--done--'\n`);
    while (!this.printed.includes('--done--\n')) {
      if (this.shell.exitCode !== null) throw new Error(`the sample failed: ${this.printed}`);
      await sleep(20);
    }
    return this.printed.slice(0, this.printed.indexOf('--done--\n'));
  }

  /** Starts a program of the guide and waits until it takes connections. */
  async start(name: string, text: string, port: number): Promise<void> {
    writeFileSync(join(this.folder, name), text);
    this.programs.push(spawn(process.execPath, [name], { cwd: this.folder, stdio: 'inherit' }));
    for (;;) {
      const open = await new Promise<boolean>((done) => {
        const socket = connect(port, '127.0.0.1');
        socket.once('connect', () => done(true)).once('error', () => done(false));
        socket.unref();
      });
      if (open) return;
      await sleep(50);
    }
  }

  close(): void {
    for (const child of [this.shell, ...this.programs]) child.kill('SIGKILL');
  }
}
