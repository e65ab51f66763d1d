/** `erase`: takes a person out of everything that the company keeps. */
import type { Command } from 'commander';
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';

interface Erased {
  readonly id: string;
  readonly state: 'running' | 'done';
  readonly dryRun: boolean;
  readonly tables: readonly {
    readonly table: string;
    readonly deleted: number;
    readonly changed: number;
    readonly kept: number;
  }[];
  readonly recordings: number;
  readonly liveCalls: number;
}

type Subject = { type: 'user' | 'contact'; id: string } | { type: 'number'; number: string };

const LOOK_MS = 1000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const WHO =
  'Name a number (+33123456789), a user (user:101, user:ada@example.com, user:<id>) or a contact (contact:<id>).';

interface UserView {
  readonly id: string;
  readonly extension: string;
  readonly email: string | null;
}

async function subjectOf(api: Api, text: string): Promise<Subject> {
  const [, kind, name = ''] = /^(user|contact|number):(.+)$/.exec(text) ?? [];
  if (kind === 'contact' && UUID.test(name)) return { type: 'contact', id: name.toLowerCase() };
  if (kind === 'number') return { type: 'number', number: name };
  if (kind === 'user') return { type: 'user', id: UUID.test(name) ? name.toLowerCase() : await userId(api, name) };
  if (kind === undefined && /^\+[0-9 ()./-]{6,}$/.test(text)) return { type: 'number', number: text };
  throw new CliError('CLI_USAGE', WHO);
}

async function userId(api: Api, name: string): Promise<string> {
  const users = await api.all<UserView>('/users');
  const found = users.filter(
    ({ extension, email }) => extension === name || email?.toLowerCase() === name.toLowerCase(),
  );
  if (found.length !== 1) throw new CliError('CLI_NOT_FOUND', `There is no such user: ${name}.`);
  return found[0]!.id;
}

async function erase(api: Api, out: Output, text: string, dryRun: boolean): Promise<void> {
  const subject = await subjectOf(api, text);
  let done = await api.ask<Erased>('POST', '/erasures', { body: { subject, dryRun } });
  while (done.state === 'running') {
    await new Promise((resume) => setTimeout(resume, LOOK_MS));
    done = await api.ask<Erased>('GET', `/erasures/${done.id}`);
  }
  out.show(done, () => linesOf(done));
}

function linesOf({ dryRun, tables, recordings, liveCalls }: Erased): string[] {
  const rows = tables.map((one) => [one.table, String(one.deleted), String(one.changed), String(one.kept)]);
  return [
    ...(rows.length > 0 ? table([['TABLE', 'DELETED', 'ANONYMOUS', 'KEPT'], ...rows]) : ['Nothing is kept of it.']),
    ...(recordings > 0 ? [`${recordings} sound files ${dryRun ? 'would be' : 'are'} removed.`] : []),
    ...(tables.some(({ kept }) => kept > 0)
      ? ['KEPT is what the company has set up itself (flows, rules, numbers): change it there.']
      : []),
    ...(liveCalls > 0 ? [`${liveCalls} calls go on: erase again when they are over.`] : []),
    ...(dryRun ? ['Nothing was changed.'] : []),
  ];
}

/** Adds it to the program. */
export function addEraseCommand(program: Command, api: () => Api, out: () => Output): void {
  program
    .command('erase')
    .argument('<subject>', 'number, user:<extension, e-mail or id> or contact:<id>')
    .option('--dry-run', 'say what would be done', false)
    .description('erase a person from everything that the company keeps; calls stay, without name and number')
    .action((subject: string, { dryRun }: { dryRun: boolean }) => erase(api(), out(), subject, dryRun));
}
