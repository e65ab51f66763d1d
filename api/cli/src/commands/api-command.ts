/** `api`: any route of the API by its name, for what has no command of its own (rules, groups, profiles …). */
import { readFileSync } from 'node:fs';
import { type RouteContract, routes } from '@callwright/api-contract';
import type { Command } from 'commander';
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';

interface ApiOptions {
  readonly with: readonly string[];
  readonly body?: string;
}

const ALL = routes as Readonly<Record<string, RouteContract>>;
const collected = (value: string, before: readonly string[]): string[] => [...before, value];

export function addApiCommand(program: Command, api: () => Api, out: () => Output): void {
  program
    .command('api')
    .argument('[route]', 'name as in /docs, e.g. listRoutingRules; without it: all routes')
    .description('call any route of the API; prints its answer as JSON')
    .option('--with <name=value>', 'parameter of the path or the query', collected, [])
    .option('--body <json>', 'JSON, or @ and a file')
    .action((route: string | undefined, options: ApiOptions) =>
      route === undefined ? listRoutes(out()) : callRoute(api(), out(), route, options),
    );
}

function listRoutes(out: Output): void {
  const all = Object.values(ALL).map(({ id, method, path, summary }) => ({ id, method, path, summary }));
  out.show(all, () =>
    table([['ROUTE', 'METHOD', 'PATH', 'WHAT'], ...all.map((one) => [one.id, one.method, one.path, one.summary])]),
  );
}

async function callRoute(api: Api, out: Output, name: string, options: ApiOptions): Promise<void> {
  const route = Object.hasOwn(ALL, name) ? ALL[name] : undefined;
  if (!route) throw new CliError('CLI_NOT_FOUND', `There is no route ${name}: "callwright api" lists them.`);
  const given = new Map(options.with.map(pairOf));
  const path = route.path.replace(/:(\w+)/g, (_whole, param: string) => {
    const value = given.get(param);
    if (!value) throw new CliError('CLI_USAGE', `${name} needs --with ${param}=…`);
    given.delete(param);
    return encodeURIComponent(value);
  });
  const query = Object.fromEntries(given);
  const body = options.body === undefined ? {} : { body: bodyOf(options.body) };
  const answer: unknown = await api.ask(route.method, path, { query, ...body });
  out.show(answer, () => [typeof answer === 'string' ? answer : JSON.stringify(answer, null, 2)]);
}

function pairOf(text: string): [name: string, value: string] {
  const [, name, value] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new CliError('CLI_USAGE', '--with takes name=value.');
  return [name, value];
}

function bodyOf(text: string): unknown {
  const file = text.startsWith('@') ? text.slice(1) : null;
  try {
    return JSON.parse(file === null ? text : readFileSync(file, 'utf8'));
  } catch {
    throw new CliError('CLI_USAGE', file === null ? '--body is no JSON.' : `The file ${file} holds no JSON.`);
  }
}
