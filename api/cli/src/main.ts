#!/usr/bin/env node
/** `callwright`: the installation from the command line, over its API. */
import { Command } from 'commander';
import { addCodeCommands } from './commands/add-code-commands.ts';
import { addApiCommand } from './commands/api-command.ts';
import { listCalls, placeCall, recordCall, superviseCall, trace } from './commands/call-commands.ts';
import { addCompanyCommands } from './commands/company-commands.ts';
import { addCsvCommands } from './commands/csv-commands.ts';
import { addUser, listNumbers, listUsers, showLogins } from './commands/directory-commands.ts';
import { addEraseCommand } from './commands/erase-command.ts';
import { addEventsCommand } from './commands/events-command.ts';
import { addPartnerCommands } from './commands/partner-commands.ts';
import { addQueueCommands } from './commands/queue-commands.ts';
import { type ExplainOptions, explainRoute } from './commands/route-command.ts';
import { addSteerCommands } from './commands/steer-commands.ts';
import { addTrunk, listTrunks, type NewTrunkOptions, removeTrunk } from './commands/trunk-commands.ts';
import { type Api, connect, findConnection } from './connection.ts';
import { CliError } from './errors.ts';
import { type Output, output } from './output.ts';

interface Shared {
  readonly json?: boolean;
  readonly company?: string;
}

const program = new Command('callwright');
program
  .description('Publish flows, place calls and look into them.')
  .option('--json', 'print JSON')
  .option('--company <id>', 'act on this company (default: the key’s own)')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(callwright --help lists the commands)');

const shared = (): Shared => program.opts<Shared>();
const api = (): Api => connect(findConnection(process.env, shared().company ?? null));
const out = (): Output => output(shared().json ?? false, (text) => void process.stdout.write(text));

program
  .command('publish')
  .argument('<file>', 'flow as TypeScript (default export) or JSON')
  .description('publish a flow; prompt files beside it are uploaded with it')
  .option('--number <number>', 'number that shall lead to it')
  .option('--public', 'callers without a log-in may reach that number', false)
  .option('--comment <text>', 'shown in the list of revisions', '')
  .action(async (file: string, options: { number?: string; public: boolean; comment: string }) => {
    const { publish } = await import('./commands/flow-commands.ts');
    await publish(api(), out(), file, options);
  });

program
  .command('lint')
  .argument('<file>')
  .description('all diagnostics of a flow; nothing is stored')
  .action(async (file: string) => {
    const { lint } = await import('./commands/flow-commands.ts');
    await lint(api(), out(), file);
  });

program
  .command('test')
  .argument('<file>')
  .description('take every transition of a flow once, on the production machine')
  .action(async (file: string) => {
    // loaded on demand: the other commands need no engine
    const { testFlow } = await import('./commands/test-command.ts');
    await testFlow(api, out(), file);
  });

addCodeCommands(program, api, out);

addEventsCommand(program, {
  connection: () => findConnection(process.env, shared().company ?? null),
  json: () => shared().json ?? false,
  write: (text) => void process.stdout.write(text),
});

program
  .command('call')
  .argument('<to>', 'extension, +number or sip: address')
  .description('call somebody and run a flow with whoever answers')
  .option('--flow <name>', 'flow to run', 'front-desk')
  .option('--wait', 'until the call is over', false)
  .action((to: string, options: { flow: string; wait: boolean }) => placeCall(api(), out(), to, options));

program
  .command('calls')
  .description('the newest calls')
  .option('--limit <count>', 'how many', '20')
  .action((options: { limit: string }) => {
    const most = Number(options.limit);
    if (!Number.isInteger(most) || most < 1) throw new CliError('CLI_USAGE', '--limit must be a positive number.');
    return listCalls(api(), out(), most);
  });

program
  .command('trace')
  .argument('<call>', 'number or id')
  .description('a call as a timeline, with the reason of each decision')
  .option('--events', 'the engine’s inputs, too', false)
  .action((call: string, options: { events: boolean }) => trace(api(), out(), call, options.events));

program
  .command('record')
  .argument('<call>', 'number or id')
  .argument('<act>', 'start, stop, pause or resume')
  .option('--silent', 'nobody is told', false)
  .description('record a running call')
  .action((call: string, act: string, { silent }: { silent: boolean }) => recordCall(api(), out(), call, act, !silent));

program
  .command('supervise')
  .argument('<call>', 'number or id')
  .argument('<extension>', 'whose phone is called')
  .option('--mode <mode>', 'listen, whisper, barge or end', 'listen')
  .description('let a user hear a running call')
  .action((call: string, extension: string, { mode }: { mode: string }) =>
    superviseCall(api(), out(), call, extension, mode),
  );

const users = program
  .command('users')
  .description('users and their phones')
  .action(() => listUsers(api(), out()));
users
  .command('add')
  .argument('<extension>')
  .argument('[name]', 'given and family name', '')
  .description('make a user with a phone and show its log-in')
  .action((extension: string, name: string) => addUser(api(), out(), extension, name));
users
  .command('secret')
  .argument('<extension>')
  .description('show a user’s SIP log-ins (leaves a line in the audit log)')
  .action((extension: string) => showLogins(api(), out(), extension));

const numbers = program
  .command('numbers')
  .description('numbers and where they lead')
  .action(() => listNumbers(api(), out()));
const groups = program.command('groups').description('ring groups');
const contacts = program.command('contacts').description('contacts of the company’s address books');
for (const [command, kind] of [
  [users, 'users'],
  [program.command('devices').description('phones of users'), 'devices'],
  [numbers, 'numbers'],
  [groups, 'ring-groups'],
  [contacts, 'contacts'],
] as const)
  addCsvCommands(command, kind, api, out);
addCompanyCommands(program, api, out);
addSteerCommands(program, api, out);
addEraseCommand(program, api, out);
addQueueCommands(program, api, out);
addPartnerCommands(program, api, out);
addApiCommand(program, api, out);

const trunks = program
  .command('trunks')
  .description('trunks, their state and busy lines')
  .action(() => listTrunks(api(), out()));
trunks
  .command('add')
  .argument('<name>')
  .argument('<host>', 'host name or address')
  .description('make a trunk')
  .option('--register', 'register there (else both sides know each other by address)', false)
  .option('--port <port>', 'default: by the host’s SRV records')
  .option('--user <name>', 'log-in at the carrier')
  .option('--secret-file <file>', 'file with its password')
  .action((name: string, host: string, options: NewTrunkOptions) => addTrunk(api(), out(), name, host, options));
trunks
  .command('remove')
  .argument('<trunk>', 'name or id')
  .description('delete a trunk; calls that run go on')
  .action((which: string) => removeTrunk(api(), out(), which));

program
  .command('route')
  .description('where calls go')
  .command('explain')
  .argument('<dialled>', 'number as dialled')
  .description('what would become of a call, by which rule, and what admission says; nothing is placed')
  .option('--from <extension>', 'the user who calls')
  .option('--role <role>', 'user, trunk or guest')
  .option('--calling <number>', 'calling number')
  .option('--trunk <id>', 'trunk by which the call comes')
  .option('--at <time>', 'ISO 8601 in UTC (default: now)')
  .action((dialled: string, options: ExplainOptions) => explainRoute(api(), out(), dialled, options));

try {
  await program.parseAsync();
} catch (error) {
  const expected = error instanceof CliError;
  const say = expected ? error.message : `Something went wrong: ${(error as Error).message}`;
  if (say !== '') process.stderr.write(`${say}\n`);
  process.exitCode = 1;
}
