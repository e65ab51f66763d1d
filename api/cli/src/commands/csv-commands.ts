/** `import` and `export` below `users`, `numbers`, `groups` and `contacts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import type { Output } from '../output.ts';

interface Report {
  readonly dryRun: boolean;
  readonly lines: number;
  readonly created: number;
  readonly updated: number;
  readonly errors: readonly { readonly line: number; readonly column: string | null; readonly message: string }[];
}

/** Tries the file first, so that every fault is printed with its line; then imports it, unless only a trial was asked for. */
async function importFile(api: Api, out: Output, kind: string, file: string, dryRun: boolean): Promise<void> {
  let csv: Buffer;
  try {
    csv = readFileSync(file);
  } catch (error) {
    throw new CliError('CLI_USAGE', `${file} cannot be read: ${(error as Error).message}`);
  }
  const send = (dry: boolean) =>
    api.ask<Report>('POST', `/imports/${kind}`, { csv, query: { dryRun: dry ? 'true' : 'false' } });
  const trial = await send(true);
  if (trial.errors.length > 0) {
    const lines = trial.errors.map(
      ({ line, column, message }) => `  line ${line}${column ? `, ${column}` : ''}: ${message}`,
    );
    throw new CliError('CLI_REFUSED', [`Nothing was imported from ${file}:`, ...lines].join('\n'));
  }
  const done = dryRun ? trial : await send(false);
  const verb = dryRun ? 'would be' : 'were';
  out.show(done, () => [`${done.created} ${verb} made, ${done.updated} ${verb} changed`]);
}

async function exportFile(api: Api, kind: string, file: string | undefined): Promise<void> {
  const csv = await api.ask<string>('GET', `/exports/${kind}`);
  if (file === undefined) process.stdout.write(csv);
  // the mark by which spreadsheets see that it is UTF-8 got lost when the answer was read
  else writeFileSync(file, `\ufeff${csv}`);
}

/** Adds both to a command. */
export function addCsvCommands(parent: Command, kind: string, api: () => Api, out: () => Output): void {
  parent
    .command('import')
    .argument('<file>', 'CSV; the columns are those of the export')
    .description('make and change them from a file: all of it, or nothing')
    .option('--dry-run', 'only say what would happen', false)
    .action((file: string, options: { dryRun: boolean }) => importFile(api(), out(), kind, file, options.dryRun));
  parent
    .command('export')
    .argument('[file]', 'default: standard output')
    .description('write all of them as CSV')
    .action((file: string | undefined) => exportFile(api(), kind, file));
}
