/**
 * The steps of a predictive dialer as the partner's guide has them (V-064): all numbers are called at once through a gateway with free lines,
 * an operator for each at the same time; where a number and its operator both wait at a responder, the operator takes the responder's place.
 */
import { expect } from 'vitest';
import type { PhoneCall } from '../phone/call.ts';
import type { Carrier } from '../phone/carrier.ts';
import { expectTalking } from './talk.ts';
import type { World } from './world.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };

export interface DialerStage {
  readonly world: World;
  readonly carrier: Carrier;
  /** Name of the gateway that leads to the carrier. */
  readonly gateway: string;
  ask(params: Readonly<Record<string, string | number>>): Promise<string>;
  /** Extended events so far. */
  events(): readonly URLSearchParams[];
}

export interface Lead {
  readonly number: string;
  /** Of the operator. */
  readonly extension: string;
}

const tag = (body: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? '';
const elements = (body: string, name: string) =>
  [...body.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map(([, one]) => one!);

interface Entities {
  readonly gateway: string;
  readonly responder: string;
  readonly operators: ReadonlyMap<string, string>;
}

/** Two calls that wait, by what their events told. */
interface Waiting {
  readonly lead: Lead;
  readonly ids: { readonly number: string; readonly operator: string };
  readonly com1: URLSearchParams;
  readonly com2: URLSearchParams;
  readonly far: PhoneCall;
  readonly near: PhoneCall;
}

/** Dials all leads at once; `meanwhile` runs while the first pair talks. */
export async function dialAtOnce(
  stage: DialerStage,
  leads: readonly Lead[],
  meanwhile: (callId: string) => Promise<void>,
): Promise<void> {
  expect(await lines(stage)).toEqual([String(leads.length), '0']);
  const entities = await find(stage, leads);
  const waiting = await Promise.all(leads.map((lead) => dial(stage, entities, lead)));
  expect(await lines(stage)).toEqual([String(leads.length), String(leads.length)]);
  await Promise.all(waiting.map((one) => transfer(stage, one)));
  for (const { far, near } of waiting) await expectTalking(far, near);
  await meanwhile(waiting[0]!.com1.get('call_id')!);
  await Promise.all(
    waiting.map(async ({ com1, far, near }) => {
      await stage.ask({ service: 'call_terminate', call_id: com1.get('call_id')! });
      await Promise.all([far.until('ended', 20_000), near.until('ended', 20_000)]);
    }),
  );
  for (const one of waiting) await settled(stage, entities, one);
}

async function lines({ ask, gateway }: DialerStage): Promise<string[]> {
  const listed = elements(await ask({ service: 'get_entities', entity_type: 2 }), 'gateway');
  const own = listed.find((one) => tag(one, 'name') === gateway)!;
  return [tag(own, 'lines'), tag(own, 'busy_lines')];
}

async function find({ ask, gateway }: DialerStage, leads: readonly Lead[]): Promise<Entities> {
  const list = async (type: number, element: string) =>
    elements(await ask({ service: 'get_entities', entity_type: type }), element);
  const users = await list(0, 'user');
  const operators = new Map(
    leads.map(({ extension }) => {
      const user = users.find((one) => tag(one, 'extension') === extension)!;
      return [extension, tag(user, 'id')] as const;
    }),
  );
  const named = (all: readonly string[], name: string) => tag(all.find((one) => tag(one, 'name') === name)!, 'id');
  return {
    gateway: named(await list(2, 'gateway'), gateway),
    responder: named(await list(3, 'ivr'), 'tone-menu'),
    operators,
  };
}

async function dial(stage: DialerStage, entities: Entities, lead: Lead): Promise<Waiting> {
  const { ask, world, carrier } = stage;
  const { number, extension } = lead;
  const ids = { number: `lead-${number}`, operator: `operator-${number}` };
  const phone = await world.phoneOf(extension);
  const rung = [
    carrier.phone.nextIncoming(30_000, (call) => call.invite!.startLine.includes(number.slice(-8))),
    phone.nextIncoming(30_000),
  ] as const;
  const responder = { called_id: entities.responder, called_type: 3 };
  const from = { calling_id: entities.gateway, calling_type: 2, calling_number: number, called_number: '0155500000' };
  await ask({ service: 'call_request_ext', ...from, ...responder, extid: ids.number });
  const by = {
    calling_id: entities.operators.get(extension)!,
    calling_type: 0,
    called_number: extension,
    auto_answer: 1,
  };
  await ask({ service: 'call_request_ext', ...by, ...responder, extid: ids.operator });
  const [far, near] = [await (await rung[0]).until('answered'), await (await rung[1]).until('answered')];
  const responses = (id: string) => of(stage, id).filter((one) => one.get('event_name') === 'call_response');
  await expect.poll(() => [ids.number, ids.operator].map((id) => responses(id).length), PATIENCE).toEqual([2, 2]);
  return { lead, ids, com1: responses(ids.number).at(-1)!, com2: responses(ids.operator)[0]!, far, near };
}

const of = ({ events }: DialerStage, extid: string) => events().filter((one) => one.get('extid') === extid);

/** Step 10: with what the logger has noted. */
const transfer = ({ ask }: DialerStage, { com1, com2 }: Waiting) =>
  ask({
    service: 'call_transfer_ext',
    replace_com_id: com1.get('call_id')!,
    replace_type: 3,
    replace_id: com1.get('sender_id')!,
    replace_local_id: com1.get('local_id')!,
    recipient_com_id: com2.get('call_id')!,
    recipient_type: 0,
    recipient_id: com2.get('sender_id')!,
    recipient_call_id: com2.get('local_id')!,
  });

const BOTH_WAIT = ['call_out', 'call_progress', 'call_response', 'call_out', 'call_response'];

/** The events of both calls are exactly those of V-063, the second call and both legs of the responder are gone, the report says how it went. */
async function settled(stage: DialerStage, { gateway, responder, operators }: Entities, one: Waiting): Promise<void> {
  const { ids, com1, com2, lead } = one;
  const names = (extid: string) => of(stage, extid).map((event) => event.get('event_name'));
  await expect.poll(() => names(ids.number).at(-1), PATIENCE).toBe('call_terminated');
  expect(names(ids.number)).toEqual([
    ...BOTH_WAIT,
    ...['disconnect_out', 'call_transfer', 'disconnect_out', 'disconnect_out', 'call_terminated'],
  ]);
  expect(names(ids.operator)).toEqual([...BOTH_WAIT, 'disconnect_out', 'call_terminated']);
  const gone = [ids.number, ids.operator].map(
    (id) => of(stage, id).find((event) => event.get('event_name') === 'disconnect_out')!,
  );
  expect(gone.map((event) => [event.get('recipient_type'), event.get('recipient_id')])).toEqual([
    ['3', responder],
    ['3', responder],
  ]);
  const transferred = of(stage, ids.number).find((event) => event.get('event_name') === 'call_transfer')!;
  expect(Object.fromEntries(transferred)).toMatchObject({
    sender_id: responder,
    sender_type: '3',
    recipient_id: operators.get(lead.extension),
    recipient_type: '0',
    refer_id: com2.get('call_id')!,
  });
  const line = () =>
    stage.ask({
      service: 'get_call_report',
      extid: ids.number,
      calling_type: 2,
      calling_id: gateway,
      connected_type: 0,
    });
  await expect.poll(line, PATIENCE).toContain('<call>');
  const report = await line();
  expect([
    tag(report, 'id'),
    tag(report, 'call_ref_id'),
    tag(report, 'connected_id'),
    tag(report, 'calling_number'),
  ]).toEqual([com1.get('call_id'), com2.get('call_id'), operators.get(lead.extension), lead.number]);
}
