/** `call`, `calls`, `trace`. */
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';
import { timeline } from '../timeline.ts';

interface Party {
  readonly number: string;
  readonly name?: string;
}

interface CallView {
  readonly id: string;
  readonly number: number;
  readonly state: string;
  readonly direction: string;
  readonly calling: Party;
  readonly called: Party;
  readonly disposition: string | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly cdr: { readonly talkMs: number } | null;
}

export interface CallRecord {
  readonly n: number;
  readonly at: string;
  readonly stream: 'fact' | 'event';
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly masked: boolean;
}

/** Whom a word on the command line means. */
export function targetOf(to: string): Readonly<Record<string, string>> {
  if (/^sips?:/.test(to)) return { type: 'sip', uri: to };
  if (to.startsWith('+')) return { type: 'number', number: to };
  return { type: 'extension', extension: to };
}

const POLL_MS = 500;

export interface CallOptions {
  readonly flow: string;
  readonly wait: boolean;
}

/** Calls somebody and runs a flow with whoever answers; with `wait` until the call is over. */
export async function placeCall(api: Api, out: Output, to: string, { flow, wait }: CallOptions): Promise<void> {
  let call = await api.ask<CallView>('POST', '/calls', { body: { to: targetOf(to), flow } });
  while (wait && call.endedAt === null) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    call = await api.ask<CallView>('GET', `/calls/${call.id}`);
  }
  out.show(call, () => [`call ${call.number} (${call.id}) ${call.disposition ?? call.state}`]);
}

export async function listCalls(api: Api, out: Output, most: number): Promise<void> {
  const calls = await api.all<CallView>('/calls', {}, most);
  out.show(calls, () =>
    table([
      ['CALL', 'WHEN', 'FROM', 'TO', 'STATE', 'TALK', 'ID'],
      ...calls.map((c) => [
        String(c.number),
        c.createdAt.replace('T', ' ').slice(0, 19),
        c.calling.number,
        c.called.number,
        c.disposition ?? c.state,
        c.cdr ? `${Math.round(c.cdr.talkMs / 1000)} s` : '',
        c.id,
      ]),
    ]),
  );
}

/** A call by id or by its number. */
async function findCall(api: Api, name: string): Promise<CallView> {
  if (!/^[0-9]+$/.test(name)) return api.ask<CallView>('GET', `/calls/${encodeURIComponent(name)}`);
  // the cursor is the number after the one wanted
  const { items } = await api.ask<{ items: CallView[] }>('GET', '/calls', {
    query: { cursor: String(Number(name) + 1), limit: '1' },
  });
  const call = items[0];
  if (!call || call.number !== Number(name))
    throw new CliError('CLI_NOT_FOUND', `There is no call ${name}: "callwright calls" lists them.`);
  return call;
}

/** The call as a readable timeline: facts with the reason of each decision; with `events` the engine's inputs, too. */
export async function trace(api: Api, out: Output, name: string, events: boolean): Promise<void> {
  const call = await findCall(api, name);
  const records = await api.all<CallRecord>(`/calls/${call.id}/records`, events ? {} : { stream: 'fact' });
  out.show({ call, records }, () => [
    `call ${call.number} (${call.id}) ${call.direction}, ${call.calling.number} to ${call.called.number}: ${call.disposition ?? call.state}`,
    ...timeline(call.createdAt, records),
  ]);
}
