/** `partner-modules`: integrations of a company with the programs of partners, and the contracts they may speak. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';

interface ModuleView {
  readonly id: string;
  readonly number: number;
  readonly contract: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
}

interface SettingSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly anyOf?: readonly SettingSchema[];
}

interface ContractView {
  readonly name: string;
  readonly label: string;
  readonly paths: readonly string[];
  readonly settings: { readonly properties?: Readonly<Record<string, SettingSchema>> };
  readonly rows: readonly { readonly lacks: { readonly state: string } | null }[];
}

interface TokenView {
  readonly token: string;
  readonly paths: readonly string[];
}

interface SettingOptions {
  readonly set: readonly string[];
  readonly settings?: string;
}

const collected = (value: string, before: readonly string[]): string[] => [...before, value];

export function addPartnerCommands(program: Command, api: () => Api, out: () => Output): void {
  const modules = program
    .command('partner-modules')
    .description('integration modules: programs of partners that may connect')
    .action(() => listModules(api(), out()));
  const settingOptions = (command: Command): Command =>
    command
      .option('--set <name=value>', 'a setting; lists with commas, an empty value empties it', collected, [])
      .option('--settings <file>', 'settings as a JSON file');
  modules
    .command('contracts')
    .argument('[contract]', 'name of one, for its settings')
    .description('contracts that are served, or the settings of one')
    .action((contract: string | undefined) => showContracts(api(), out(), contract));
  settingOptions(modules.command('add'))
    .argument('<contract>')
    .argument('<name>')
    .description('make a module and show its token')
    .action((contract: string, name: string, options: SettingOptions) =>
      addModule(api(), out(), contract, name, options),
    );
  modules
    .command('show')
    .argument('<module>', 'name, number or id')
    .description('a module with its settings')
    .action((which: string) => showModule(api(), out(), which));
  settingOptions(modules.command('change'))
    .argument('<module>', 'name, number or id')
    .option('--name <name>')
    .option('--enable', 'its token opens again')
    .option('--disable', 'its token opens nothing, and it is told nothing')
    .description('change a module; what is not named stays')
    .action((which: string, options: SettingOptions & ChangeOptions) => changeModule(api(), out(), which, options));
  modules
    .command('token')
    .argument('<module>', 'name, number or id')
    .option('--replace', 'a new one; the old one opens nothing any more', false)
    .description('show a module’s token (leaves a line in the audit log)')
    .action((which: string, { replace }: { replace: boolean }) => showToken(api(), out(), which, replace));
  modules
    .command('remove')
    .argument('<module>', 'name, number or id')
    .description('delete a module; what it was not yet told is dropped')
    .action((which: string) => removeModule(api(), out(), which));
}

async function listModules(api: Api, out: Output): Promise<void> {
  const modules = await api.all<ModuleView>('/partner-modules');
  out.show(modules, () =>
    table([
      ['NUMBER', 'NAME', 'CONTRACT', 'ENABLED', 'ID'],
      ...modules.map((m) => [String(m.number), m.name, m.contract, m.enabled ? 'yes' : 'no', m.id]),
    ]),
  );
}

const contractsOf = async (api: Api): Promise<readonly ContractView[]> =>
  (await api.ask<{ items: ContractView[] }>('GET', '/partner-contracts')).items;

async function contractOf(api: Api, name: string): Promise<ContractView> {
  const contract = (await contractsOf(api)).find((one) => one.name === name);
  if (!contract)
    throw new CliError(
      'CLI_NOT_FOUND',
      `There is no contract ${name}: "callwright partner-modules contracts" lists them.`,
    );
  return contract;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

async function showContracts(api: Api, out: Output, name?: string): Promise<void> {
  if (name === undefined) {
    const contracts = await contractsOf(api);
    const whole = ({ rows }: ContractView) => rows.filter(({ lacks }) => lacks === null).length;
    return out.show(contracts, () =>
      table([
        ['NAME', 'LABEL', 'SERVED', 'PATHS'],
        ...contracts.map((c) => [c.name, c.label, `${whole(c)}/${c.rows.length}`, c.paths.join(' ')]),
      ]),
    );
  }
  const contract = await contractOf(api, name);
  out.show(contract, () =>
    table([
      ['SETTING', 'DEFAULT', 'WHAT'],
      ...Object.entries(contract.settings.properties ?? {}).map(([setting, schema]) => [
        setting,
        cut(shown(schema.default ?? null)),
        [schema.title, schema.description].filter(Boolean).join(': '),
      ]),
    ]),
  );
}

const LONGEST = 40;
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

async function moduleOf(api: Api, which: string): Promise<ModuleView> {
  const modules = await api.all<ModuleView>('/partner-modules');
  const found = modules.filter(({ id, name, number }) => [id, name, String(number)].includes(which));
  if (found.length === 1) return found[0]!;
  throw new CliError(
    'CLI_NOT_FOUND',
    `There ${found.length === 0 ? 'is no module' : 'are several modules'} called ${which}: "callwright partner-modules" lists them.`,
  );
}

/** Settings of the options, each as its schema has it. */
function settingsOf(contract: ContractView, { set, settings }: SettingOptions): Record<string, unknown> {
  const whole: Record<string, unknown> = settings === undefined ? {} : fileOf(settings);
  for (const text of set) {
    const [, name, value] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
    const schema = contract.settings.properties?.[name ?? ''];
    if (name === undefined || value === undefined) throw new CliError('CLI_USAGE', '--set takes name=value.');
    if (!schema) throw new CliError('CLI_USAGE', `${contract.name} has no setting ${name}.`);
    whole[name] = parsed(name, schema, value);
  }
  return whole;
}

function fileOf(path: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read };
  } catch {
    // said below
  }
  throw new CliError('CLI_USAGE', `The file ${path} holds no JSON object.`);
}

function parsed(name: string, schema: SettingSchema, text: string): unknown {
  const kinds = schema.anyOf ?? [schema];
  const types = kinds.map(({ type }) => type);
  if (text === '' && types.includes('null')) return null;
  if (types.includes('array')) return text === '' ? [] : text.split(',').map((one) => one.trim());
  if (types.includes('boolean')) {
    if (text !== 'true' && text !== 'false') throw new CliError('CLI_USAGE', `${name} is true or false.`);
    return text === 'true';
  }
  if (types.includes('integer') || types.includes('number')) {
    if (text.trim() === '' || Number.isNaN(Number(text))) throw new CliError('CLI_USAGE', `${name} is a number.`);
    return Number(text);
  }
  return text;
}

/** Token and addresses, which is what the partner's program is set up with. */
const access = ({ token, paths }: TokenView): string[] => [`token: ${token}`, ...paths.map((path) => `path:  ${path}`)];

async function addModule(api: Api, out: Output, name: string, label: string, options: SettingOptions): Promise<void> {
  const settings = settingsOf(await contractOf(api, name), options);
  const body = { contract: name, name: label, settings };
  const made = await api.ask<ModuleView>('POST', '/partner-modules', { body });
  const token = await api.ask<TokenView>('GET', `/partner-modules/${made.id}/token`);
  out.show({ ...made, ...token }, () => [`module ${made.number} made: ${made.id}`, ...access(token)]);
}

async function showModule(api: Api, out: Output, which: string): Promise<void> {
  const found = await moduleOf(api, which);
  out.show(found, () => [
    `${found.number} ${found.name} (${found.contract}, ${found.enabled ? 'enabled' : 'disabled'})`,
    ...table(Object.entries(found.settings).map(([name, value]) => [`  ${name}`, shown(value)])),
  ]);
}

interface ChangeOptions {
  readonly name?: string;
  readonly enable?: boolean;
  readonly disable?: boolean;
}

async function changeModule(
  api: Api,
  out: Output,
  which: string,
  options: SettingOptions & ChangeOptions,
): Promise<void> {
  if (options.enable && options.disable) throw new CliError('CLI_USAGE', '--enable or --disable, not both.');
  const found = await moduleOf(api, which);
  const settings = settingsOf(await contractOf(api, found.contract), options);
  const body = {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.enable || options.disable ? { enabled: options.enable === true } : {}),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
  const changed = await api.ask<ModuleView>('PATCH', `/partner-modules/${found.id}`, { body });
  out.show(changed, () => [`module ${changed.number} changed`]);
}

async function showToken(api: Api, out: Output, which: string, replace: boolean): Promise<void> {
  const { id } = await moduleOf(api, which);
  const token = await api.ask<TokenView>(replace ? 'POST' : 'GET', `/partner-modules/${id}/token`);
  out.show(token, () => access(token));
}

async function removeModule(api: Api, out: Output, which: string): Promise<void> {
  const found = await moduleOf(api, which);
  await api.ask('DELETE', `/partner-modules/${found.id}`);
  out.show(found, () => [`module ${found.number} deleted`]);
}
