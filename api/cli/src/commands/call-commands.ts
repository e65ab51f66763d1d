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
export async function findCall(api: Api, name: string): Promise<CallView> {
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

interface Control {
  readonly id: string;
  readonly action: string;
}

const POLLS = 40;

/** Sends a command to a call and waits for its outcome. */
export async function commandCall(api: Api, out: Output, name: string, path: string, body: object): Promise<void> {
  const call = await findCall(api, name);
  const control = await api.ask<Control>('POST', `/calls/${call.id}/${path}`, { body });
  for (let poll = 0; poll < POLLS; poll += 1) {
    const records = await api.all<CallRecord>(`/calls/${call.id}/records`, { stream: 'fact' });
    const done = records.find(({ type, body: told }) => type === 'control.done' && told.id === control.id);
    if (done) {
      out.show(done.body, () => [`${control.action}: ${String(done.body.code)}`]);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  out.show(control, () => [`${control.action}: sent, no answer yet`]);
}

/** Starts, stops, pauses or resumes the recording of a call. */
export const recordCall = (api: Api, out: Output, name: string, act: string, announce: boolean): Promise<void> =>
  commandCall(api, out, name, 'record', { act, announce });

/** Lets the user of an extension hear a call. */
export async function superviseCall(
  api: Api,
  out: Output,
  name: string,
  extension: string,
  mode: string,
): Promise<void> {
  const { items } = await api.ask<{ items: { id: string }[] }>('GET', '/users', { query: { extension, limit: '1' } });
  const user = items[0];
  if (!user) throw new CliError('CLI_NOT_FOUND', `There is no user with the extension ${extension}.`);
  await commandCall(api, out, name, 'supervise', { mode, userId: user.id });
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
