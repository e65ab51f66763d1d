/** `callwright` as people run it: a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../api/cli/src/main.ts');

/** Where it runs, and all of its environment but PATH: nothing of whoever tests reaches it. */
export interface CommandPlace {
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Starts a command that goes on by itself. */
export function startCommand({ cwd, env }: CommandPlace, args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env.PATH, ...env },
  });
}

/** Runs a command to its end. */
export function runCommand(place: CommandPlace, args: readonly string[]): Promise<CommandResult> {
  const child = startCommand(place, args);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  return new Promise((done) => child.on('close', (code) => done({ code: code ?? -1, out, err })));
}
