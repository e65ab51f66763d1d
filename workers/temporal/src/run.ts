/** Runs a command to its end within a time limit. */
import { spawn } from 'node:child_process';
import { TemporalError } from './errors.ts';

export interface RunOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Standard output of the command; a failure or time-out is a `TMP_ATTEMPT_FAILED` with the last line it said. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(new TemporalError('TMP_ATTEMPT_FAILED', `${command} ${args[0] ?? ''}: ${why}`, { cause }));
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let tail = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      tail = (tail + chunk).slice(-2000);
    });
    child.on('error', (error) => fail(error.message, error));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else if (signal === 'SIGKILL') fail(`not finished after ${Math.round(options.timeoutMs / 1000)} s`);
      else fail(tail.trim().split('\n').at(-1) || `exit code ${code}`);
    });
  });
}
