/** `companies`: the owners below the key's own. */
import type { Command } from 'commander';
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';

interface OwnerView {
  readonly id: string;
  readonly number: number;
  readonly kind: string;
  readonly name: string;
  readonly suspended: boolean;
}

async function listCompanies(api: Api, out: Output): Promise<void> {
  const owners = await api.all<OwnerView>('/owners');
  out.show(owners, () =>
    table([
      ['NUMBER', 'KIND', 'NAME', 'STATE', 'ID'],
      ...owners.map((o) => [String(o.number), o.kind, o.name, o.suspended ? 'suspended' : 'active', o.id]),
    ]),
  );
}

interface NewCompany {
  readonly reseller: boolean;
  readonly parent?: string;
  readonly country?: string;
  readonly timeZone?: string;
  readonly language?: string;
}

async function addCompany(api: Api, out: Output, name: string, options: NewCompany): Promise<void> {
  const { country, timeZone, language } = options;
  const made = await api.ask<OwnerView>('POST', '/owners', {
    body: {
      kind: options.reseller ? 'reseller' : 'company',
      name,
      ...(options.parent === undefined ? {} : { parentId: options.parent }),
      settings: {
        ...(country ? { country } : {}),
        ...(timeZone ? { timeZone } : {}),
        ...(language ? { language } : {}),
      },
    },
  });
  out.show(made, () => [`${made.kind} ${made.name} made: ${made.id}`]);
}

async function ownerNamed(api: Api, name: string): Promise<OwnerView> {
  const owners = await api.all<OwnerView>('/owners');
  const found = owners.filter((o) => o.id === name || String(o.number) === name || o.name === name);
  if (found.length !== 1)
    throw new CliError(
      'CLI_NOT_FOUND',
      `There is no such company, or more than one: "callwright companies" lists them.`,
    );
  return found[0]!;
}

async function remove(api: Api, out: Output, name: string): Promise<void> {
  const owner = await ownerNamed(api, name);
  await api.ask('DELETE', `/owners/${owner.id}`);
  out.show({ id: owner.id, deleted: true }, () => [`${owner.name} is deleted`]);
}

async function suspend(api: Api, out: Output, name: string, suspended: boolean): Promise<void> {
  const { id } = await ownerNamed(api, name);
  const changed = await api.ask<OwnerView>('PATCH', `/owners/${id}`, { body: { suspended } });
  out.show(changed, () => [`${changed.name} is ${changed.suspended ? 'suspended' : 'active'}`]);
}

export function addCompanyCommands(program: Command, api: () => Api, out: () => Output): void {
  const companies = program
    .command('companies')
    .description('resellers and companies')
    .action(() => listCompanies(api(), out()));
  companies
    .command('add')
    .argument('<name>')
    .description('make a company with the built-in flows')
    .option('--reseller', 'make a reseller instead', false)
    .option('--parent <id>', 'below this owner (default: the key’s own)')
    .option('--country <code>', 'ISO 3166, e.g. FR')
    .option('--time-zone <zone>', 'IANA, e.g. Europe/Paris')
    .option('--language <code>', 'e.g. fr')
    .action((name: string, options: NewCompany) => addCompany(api(), out(), name, options));
  companies
    .command('delete')
    .argument('<name>', 'name, number or id')
    .description('delete a company, or a reseller with nothing below it')
    .action((name: string) => remove(api(), out(), name));
  for (const [verb, suspended] of [
    ['suspend', true],
    ['resume', false],
  ] as const)
    companies
      .command(verb)
      .argument('<company>', 'number, name or id')
      .description(suspended ? 'nobody of it logs in, registers or calls' : 'undo suspend')
      .action((name: string) => suspend(api(), out(), name, suspended));
}
