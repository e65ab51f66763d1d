/** The commands of flows as code, on the program. Each is loaded on demand: the other commands need no engine. */
import type { Command } from 'commander';
import type { Api } from '../connection.ts';
import type { Output } from '../output.ts';
import type { PullOptions } from './code-commands.ts';
import type { ReplayOptions } from './replay-command.ts';

export function addCodeCommands(program: Command, api: () => Api, out: () => Output): void {
  program
    .command('pull')
    .argument('[flow]', 'name of a flow')
    .description('write the draft of a flow as TypeScript, and where its nodes stand beside it')
    .option('--dir <dir>', 'where to', '.')
    .option('--all', 'every flow of the company', false)
    .option('--force', 'write over what was changed here', false)
    .action(async (flow: string | undefined, options: PullOptions) => {
      const { pull } = await import('./code-commands.ts');
      await pull(api(), out(), flow, options);
    });
  program
    .command('push')
    .argument('<file>', 'flow as TypeScript or JSON')
    .description('save a flow as the draft that the canvas shows; nothing is published')
    .option('--force', 'over what was changed on the canvas', false)
    .action(async (file: string, { force }: { force: boolean }) => {
      const { push } = await import('./code-commands.ts');
      await push(api(), out(), file, force);
    });
  program
    .command('diff')
    .argument('<from>', 'file, FLOW@draft, FLOW@published or FLOW@<revision>')
    .argument('[to]', 'default: how the file differs from the draft')
    .description('what changed in meaning: nodes, settings, wires, variables')
    .option('--check', 'fail when something did', false)
    .action(async (from: string, to: string | undefined, { check }: { check: boolean }) => {
      const { diff } = await import('./code-commands.ts');
      await diff(api, out(), from, to, check);
    });
  program
    .command('dev')
    .argument('[dir]', 'where the flows are', '.')
    .description('keep the flows of a directory and their drafts alike, both ways, until stopped')
    .action(async (dir: string) => {
      const { dev } = await import('./dev.ts');
      await dev(api(), dir, (line) => void process.stdout.write(`${line}\n`), untilStopped());
    });
  program
    .command('replay')
    .argument('<flow>', 'name of a flow')
    .description('take calls that are over through the draft, and list who would now go elsewhere')
    .option('--against <revision>', 'number of a revision instead of the draft', 'draft')
    .option('--from <time>', 'ISO 8601 in UTC (default: a day before the end)')
    .option('--to <time>', 'ISO 8601 in UTC (default: now)')
    .option('--limit <count>', 'calls at most, newest first', '1000')
    .option('--check', 'fail when somebody would go elsewhere', false)
    .action(async (flow: string, options: ReplayOptions) => {
      const { replay } = await import('./replay-command.ts');
      await replay(api(), out(), flow, options, (done) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${done} calls`);
      });
    });
}

function untilStopped(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}
