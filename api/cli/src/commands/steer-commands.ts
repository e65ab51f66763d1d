/** `steer`: a running call looked into and led on: skip, say, transfer, hang up. */
import type { Command } from 'commander';
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';
import { commandCall, findCall, targetOf } from './call-commands.ts';

interface Party {
  readonly role: string;
  readonly coordinates: { readonly number: string; readonly name: string };
  readonly left: boolean;
  readonly leg: { readonly id: string; readonly state: string; readonly holds: boolean } | null;
}

interface State {
  readonly life: string;
  readonly flow: {
    readonly node: string;
    readonly outcomes: readonly string[];
    readonly variables: readonly { readonly name: string; readonly value: unknown; readonly masked: boolean }[];
  } | null;
  readonly parties: readonly Party[];
}

const partyState = ({ left, leg }: Party): string => {
  if (left) return 'left';
  return leg ? `${leg.state}${leg.holds ? ', on hold' : ''}` : '';
};

/** Node, outcomes, variables and legs of a running call. */
async function showState(api: Api, out: Output, name: string): Promise<void> {
  const call = await findCall(api, name);
  const { state } = await api.ask<{ state: State | null }>('GET', `/calls/${call.id}/state`);
  out.show(state, () => {
    if (!state) return ['The records of this call do not tell where it stands.'];
    const { flow, parties } = state;
    const variables = flow?.variables.map((one) => [one.name, one.masked ? '(hidden)' : JSON.stringify(one.value)]);
    return [
      flow ? `at ${flow.node}, to be left by ${flow.outcomes.join(', ')}` : `in no flow (${state.life})`,
      ...table([
        ['PARTY', 'ROLE', 'STATE', 'LEG'],
        ...parties.map((one) => {
          const { number, name: called } = one.coordinates;
          return [called ? `${called} (${number})` : number, one.role, partyState(one), one.leg?.id ?? ''];
        }),
      ]),
      ...(variables && variables.length > 0 ? table([['VARIABLE', 'VALUE'], ...variables]) : []),
    ];
  });
}

interface SayOptions {
  readonly leg?: string;
  readonly both: boolean;
  readonly prompt: boolean;
  readonly language?: string;
}

function sayBody(text: string, { leg, both, prompt, language }: SayOptions): object {
  const said = prompt ? { type: 'prompt', name: text } : { type: 'text', text, ...(language ? { language } : {}) };
  return { both, say: said, ...(leg ? { leg } : {}) };
}

/** The commands on the program. */
export function addSteerCommands(program: Command, api: () => Api, out: () => Output): void {
  const steer = program.command('steer').description('look into a running call and lead it on');
  const on = (name: string, about: string): Command =>
    steer.command(name).argument('<call>', 'number or id').description(about);
  on('show', 'where the call stands: node, variables, parties and legs').action((call: string) =>
    showState(api(), out(), call),
  );
  on('skip', 'leave the running node of the flow')
    .argument('[outcome]', 'by which outcome (default: the node’s first)')
    .option('--node <node>', 'only while the call is there')
    .action((call: string, outcome: string | undefined, { node }: { node?: string }) =>
      commandCall(api(), out(), call, 'skip', { outcome: outcome ?? null, node: node ?? null }),
    );
  on('say', 'let a party hear a text, or a prompt of the company')
    .argument('<text>', 'what is said; with --prompt the name of a prompt')
    .option('--leg <leg>', 'whose party hears it (default: whoever the call serves)')
    .option('--both', 'both sides of a conversation hear it', false)
    .option('--prompt', 'the text names a prompt', false)
    .option('--language <language>', 'of the text (default: the call’s)')
    .action((call: string, text: string, options: SayOptions) =>
      commandCall(api(), out(), call, 'say', sayBody(text, options)),
    );
  on('transfer', 'send the caller, or a leg, elsewhere')
    .argument('<to>', 'extension or +number')
    .option('--leg <leg>', 'whose party goes (default: whoever the call serves)')
    .action((call: string, to: string, { leg }: { leg?: string }) => {
      const target = targetOf(to);
      const id = target.extension ?? target.number;
      if (id === undefined) throw new CliError('CLI_USAGE', 'Transfer to an extension or a number.');
      return commandCall(api(), out(), call, 'redirect', { leg: leg ?? null, destination: { type: 'number', id } });
    });
  on('hang-up', 'end the call, or one leg of it')
    .option('--leg <leg>', 'this leg only')
    .action((call: string, { leg }: { leg?: string }) =>
      commandCall(api(), out(), call, 'hangup', { leg: leg ?? null }),
    );
}
