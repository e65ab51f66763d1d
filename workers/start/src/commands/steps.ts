/** The checks that need no test runner: format and lint, types, freshness of generated files. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** What to do when it fails. */
  readonly remedy: string;
}

export interface StepResult {
  readonly step: Step;
  readonly passed: boolean;
  readonly seconds: number;
}

/** Scripts that write generated files; with `--check` they change nothing and fail when a file is stale. */
const GENERATORS = ['engine/scripts/generate.ts', 'flows/scripts/generate.ts'] as const;

const node = process.execPath;

/** What was checked before and has not changed is not checked again. */
const typesOf = (project: string): string[] => {
  const memory = `node_modules/.cache/types/${project.replaceAll('/', '-')}.tsbuildinfo`;
  return ['tsc', '-p', project, '--incremental', '--tsBuildInfoFile', memory];
};

/** In the order of their results; they run side by side. */
export function staticSteps(): Step[] {
  const generators = GENERATORS.filter((script) => existsSync(join(ROOT, script)));
  return [
    {
      name: 'format and lint',
      command: ['biome', 'check', '--error-on-warnings', '--diagnostic-level=warn', '.'],
      remedy: 'npx biome check --write .',
    },
    { name: 'types of the engine', command: typesOf('engine/tsconfig.json'), remedy: 'mend the types' },
    { name: 'types', command: typesOf('tsconfig.json'), remedy: 'mend the types' },
    { name: 'types of the console', command: typesOf('designer/tsconfig.json'), remedy: 'mend the types' },
    { name: 'types of partners’ pages', command: typesOf('api/partners/tsconfig.json'), remedy: 'mend the types' },
    ...generators.map((script) => ({
      name: `generated files are fresh (${script})`,
      command: [node, '--disable-warning=ExperimentalWarning', script, '--check'],
      remedy: `node ${script}`,
    })),
  ];
}

/** Runs the steps two at a time; prints one line each, and the output of those that fail. */
export async function runSteps(steps: readonly Step[]): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const waiting = [...steps];
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) results.push(await runStep(step));
  };
  await Promise.all([worker(), worker()]);
  return results;
}

async function runStep(step: Step): Promise<StepResult> {
  const since = Date.now();
  const { code, output } = await collect(step.command);
  const passed = code === 0;
  const seconds = (Date.now() - since) / 1000;
  process.stdout.write(`${passed ? 'ok  ' : 'FAIL'}  ${step.name} (${seconds.toFixed(1)} s)\n`);
  if (!passed) process.stdout.write(`${output}\n      remedy: ${step.remedy}\n`);
  return { step, passed, seconds };
}

function collect([command = '', ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-20_000);
      });
    }
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
