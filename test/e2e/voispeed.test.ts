/** VOIspeed's interface on a whole installation: a telephone bar, and the steps of a predictive dialer, with the events a receiver gets. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Carrier } from '../phone/carrier.ts';
import { header } from '../phone/message.ts';
import { ERROR_HZ, OK_HZ, publishPinCheck, ROOT_HZ, type ScriptServer, scriptServer } from './responder.ts';
import { expectMusic, expectTalking, expectTone, talk } from './talk.ts';
import { dialAtOnce } from './voispeed-dialer.ts';
import { describePrograms } from './voispeed-programs.ts';
import { World } from './world.ts';

const PATIENCE = { timeout: 20_000, interval: 50 };

let world: World;
let receiver: Server;
let token: string;
/** API key of another company, with users 201 and 202 and a module of its own. */
let others: string;
let script: ScriptServer;
const told: URLSearchParams[] = [];
/** What the module of another company is told. */
const toldOthers: URLSearchParams[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://receiver');
    (pathname === '/others.php' ? toldOthers : told).push(searchParams);
    response.end();
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const url = `${base}/logger.php`;
  script = await scriptServer();
  world = await World.start({ env: { CALLWRIGHT_ALLOW_URLS: `${base}/,${script.url},sip:127.0.0.1` } });
  const module = await world.must<{ id: string }>('POST', '/partner-modules', {
    contract: 'voispeed',
    name: 'Telephone bar',
    settings: { extendedLevel: true, notificationUrl: url },
  });
  token = (await world.must<{ token: string }>('GET', `/partner-modules/${module.id}/token`)).token;
  await world.addUser('103');
  others = await anotherCompany(`${base}/others.php`);
}, 120_000);
afterEach(async () => {
  await world?.closePhones();
  // what ends late would be told in the next test
  await world?.idle().catch(() => {});
  told.splice(0);
  toldOthers.splice(0);
  script?.asked.splice(0);
});
afterAll(async () => {
  await world?.stop();
  receiver?.closeAllConnections();
  receiver?.close();
  script?.close();
});

async function anotherCompany(notificationUrl: string): Promise<string> {
  const company = await world.must<{ id: string }>('POST', '/owners', {
    kind: 'company',
    name: 'Others',
    settings: { country: 'IT', language: 'en', timeZone: 'Europe/Rome' },
  });
  const { key } = await world.must<{ key: string }>('POST', '/api-keys', { ownerId: company.id, name: 'test' });
  await asOthers(key, async () => {
    for (const extension of ['201', '202']) await world.addUser(extension);
    const settings = { extendedLevel: true, notificationUrl };
    await world.must('POST', '/partner-modules', { contract: 'voispeed', name: 'Theirs', settings });
  });
  return key;
}

async function asOthers<T>(key: string, act: () => Promise<T>): Promise<T> {
  const own = world.key;
  world.key = key;
  return act().finally(() => {
    world.key = own;
  });
}

async function ask(params: Readonly<Record<string, string | number>>): Promise<string> {
  const query = new URLSearchParams(
    Object.entries({ token, ...params }).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const body = await (await fetch(`${world.installation.url}/PBX/seri_endpoint.php?${query}`)).text();
  if (!body.includes('<outcome>0</outcome>')) throw new Error(body);
  return body;
}

const events = (level: '1' | '2', ext?: string, all = told) =>
  all.filter((one) => one.get('event_type') === level && (ext === undefined || one.get('ext') === ext));
const names = (level: '1' | '2', ext?: string, all = told) =>
  events(level, ext, all).map((one) => one.get('event_name'));
const named = (level: '1' | '2', name: string) => events(level).find((one) => one.get('event_name') === name)!;
const tag = (body: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? '';

describe('a telephone bar', () => {
  it('makes a call, holds and retrieves it, ends it, and is told each step in order', async () => {
    const [mine, other] = [await world.phoneOf('101'), await world.phoneOf('102')];
    const [atMine, atOther] = [mine.nextIncoming(), other.nextIncoming()];
    await ask({ service: 'call_request', ext: '101', number: '102', extid: 'log-1' });
    const [a, b] = [await (await atMine).until('answered'), await (await atOther).until('answered')];
    await expectTalking(a, b);
    await expect.poll(() => names('2', '101'), PATIENCE).toEqual(['outgoing_call', 'call_answered']);
    const callId = named('2', 'outgoing_call').get('call_id')!;
    expect(tag(await ask({ service: 'get_current_calls', call_id: callId }), 'external_id')).toBe('log-1');
    await ask({ service: 'call_action', ext: '101', call_id: callId, action: 'hold' });
    await expectMusic(b, 600);
    await ask({ service: 'call_action', ext: '101', call_id: callId, action: 'retrieve' });
    await expectTalking(a, b);
    await ask({ service: 'call_action', ext: '101', call_id: callId, action: 'disconnect' });
    await Promise.all([a.until('ended'), b.until('ended')]);
    await expect.poll(() => names('1').at(-1), PATIENCE).toBe('call_terminated');
    expect(names('2', '101')).toEqual(['outgoing_call', 'call_answered', 'call_disconnect_out']);
    expect(names('2', '102')).toEqual(['incoming_call', 'call_answered', 'call_disconnect_in']);
    expect(names('1')).toEqual([
      'call_out',
      'call_progress',
      'call_response',
      'call_out',
      'call_progress',
      'call_response',
      'call_held',
      'call_retrieved',
      'disconnect_out',
      'disconnect_out',
      'call_terminated',
    ]);
    expect(told.every((one) => one.get('extid') === 'log-1')).toBe(true);
    const history = () => ask({ service: 'get_user_call_report', ext: '101', call_id: callId });
    await expect.poll(history, PATIENCE).toContain('<call>');
    const report = await history();
    expect([tag(report, 'callid'), tag(report, 'direction'), tag(report, 'remote_number')]).toEqual([
      callId,
      'out',
      '102',
    ]);
  }, 90_000);

  it('is told when its own terminal does not take the call: the command has failed', async () => {
    await world.phoneOf('101', { incoming: { refuse: 486 } });
    const answer = await ask({ service: 'call_request', ext: '101', number: '102' });
    await expect.poll(() => names('2'), PATIENCE).toEqual(['cmd_failed']);
    expect(named('2', 'cmd_failed').get('request_id')).toBe(tag(answer, 'request_id'));
    expect(named('2', 'cmd_failed').get('ext')).toBe('101');
  }, 60_000);

  it('sends whom it talks with to another, whose telephone is heard ringing', async () => {
    const [mine, other] = [await world.phoneOf('101'), await world.phoneOf('102')];
    const third = await world.phoneOf('103', { incoming: { answerAfterMs: 3000 } });
    const { call, incoming } = await talk(mine, other, '102');
    await expect.poll(() => names('2', '101'), PATIENCE).toEqual(['outgoing_call', 'call_answered']);
    const callId = named('2', 'outgoing_call').get('call_id')!;
    const rung = third.nextIncoming();
    await ask({ service: 'call_action', ext: '101', call_id: callId, action: 'divert', number: '103', note: 'a note' });
    await call.until('ended', 20_000);
    const at = await rung;
    expect(header(at.invite!, 'subject')).toBe('a note');
    await expectMusic(incoming, 600);
    await at.until('answered', 20_000);
    await expectTalking(incoming, at);
    await at.hangUp();
    await incoming.until('ended', 20_000);
    await expect.poll(() => names('1').at(-1), PATIENCE).toBe('call_terminated');
    expect(names('1')).toEqual([
      ...['call_in', 'call_out', 'call_progress', 'call_response'],
      ...['disconnect_out', 'call_out', 'call_progress', 'call_divert', 'call_response'],
      ...['disconnect_in', 'disconnect_out', 'call_terminated'],
    ]);
    expect(names('2', '101')).toEqual(['outgoing_call', 'call_answered', 'call_disconnect_out']);
    expect(names('2', '103')).toEqual(['incoming_call', 'call_answered', 'call_disconnect_out']);
  }, 60_000);

  it('does not disturb: the caller is refused, the user has missed the call', async () => {
    const other = await world.phoneOf('102');
    await world.phoneOf('101');
    await ask({ service: 'call_action', ext: '101', mode: 2 });
    await (await other.call('101')).until('ended', 30_000);
    await expect.poll(() => names('2', '101'), PATIENCE).toEqual(['lost_call']);
    await ask({ service: 'set_user_mode', ext: '101', mode: 1 });
  }, 60_000);
});

describe('a predictive dialer', () => {
  it('calls numbers through a gateway, and puts an operator in the place of the responder where each waits', async () => {
    const carrier = await Carrier.open({ serverPort: world.sipPort, incoming: { answerAfterMs: 300 } });
    const { items } = await world.must<{ items: { id: string; kind: string }[] }>('GET', '/owners');
    const ownerId = items.find(({ kind }) => kind === 'company')!.id;
    const name = `Carrier ${crypto.randomUUID().slice(0, 8)}`;
    const trunk = {
      ownerId,
      name,
      mode: 'peer',
      host: '127.0.0.1',
      port: carrier.port,
      optionsSeconds: 0,
      maxCalls: 2,
    };
    await world.must('POST', '/trunks', trunk);
    try {
      await dialTwo(carrier, name);
    } finally {
      await carrier.close();
    }
  }, 90_000);

  /** Two numbers and two operators at once, while another company talks. */
  async function dialTwo(carrier: Carrier, gateway: string): Promise<void> {
    const [caller, called] = await asOthers(others, () => Promise.all([world.phoneOf('201'), world.phoneOf('202')]));
    const theirs = await talk(caller, called, '202');
    const number = () => `06${Math.floor(10_000_000 + Math.random() * 90_000_000)}`;
    const leads = ['101', '102'].map((extension) => ({ number: number(), extension }));
    await dialAtOnce({ world, carrier, gateway, ask, events: () => events('1') }, leads, recordFor);
    await theirs.call.hangUp();
    await expect.poll(() => names('1', undefined, toldOthers).at(-1), PATIENCE).toBe('call_terminated');
    expect(names('2', '201', toldOthers)).toEqual(['outgoing_call', 'call_answered', 'call_disconnect_out']);
    expect(names('2', '202', toldOthers)).toEqual(['incoming_call', 'call_answered', 'call_disconnect_in']);
    expect(names('1', undefined, toldOthers)).toEqual([
      ...[
        'call_in',
        'call_out',
        'call_progress',
        'call_response',
        'disconnect_in',
        'disconnect_out',
        'call_terminated',
      ],
    ]);
    const calls = (all: readonly URLSearchParams[]) => all.map((one) => one.get('call_id'));
    expect(calls(told).filter((id) => calls(toldOthers).includes(id))).toEqual([]);
  }

  /** Its recording begins and ends by command; the calls in progress say so. */
  async function recordFor(callId: string): Promise<void> {
    const current = async () => {
      const calls = await ask({ service: 'get_current_calls', call_id: callId });
      return [tag(calls, 'recording'), tag(calls, 'codec')];
    };
    await ask({ service: 'call_recording_ext', call_id: callId });
    await expect.poll(current, PATIENCE).toEqual(['1', expect.stringMatching(/^[08]$/)]);
    await ask({ service: 'call_recording_ext', call_id: callId, recording: 0 });
    await expect.poll(async () => (await current())[0], PATIENCE).toBe('0');
    // the company's voicemail says that there is something to listen to
    await world.must('POST', '/voicemail-boxes', { name: `Reception ${crypto.randomUUID()}` });
    const fresh = async () => tag(await ask({ service: 'get_entities', entity_type: 8 }), 'rectobelisten');
    await expect.poll(fresh, PATIENCE).toBe('1');
    const { items } = await world.must<{ items: { id: string }[] }>('GET', '/recordings');
    const headers = { authorization: `Bearer ${world.key}` };
    for (const { id } of items) {
      const sound = await fetch(`${world.installation.url}/api/v1/recordings/${id}/audio`, { headers });
      expect(sound.status).toBe(200);
      await sound.arrayBuffer();
    }
    expect(await fresh()).toBe('0');
  }

  it('connects a group with a user: whoever answers of its members is called for, the other stops ringing', async () => {
    const [mine, other] = [await world.phoneOf('101', { incoming: { ring: true } }), await world.phoneOf('102')];
    const third = await world.phoneOf('103');
    const { items } = await world.must<{ items: { id: string; number: number; extension: string }[] }>('GET', '/users');
    const users = new Map(items.map((one) => [one.extension, one]));
    const group = await world.must<{ number: number }>('POST', '/ring-groups', {
      name: `Sales ${crypto.randomUUID()}`,
      strategy: 'all',
      members: [{ userId: users.get('101')!.id }, { userId: users.get('102')!.id }],
    });
    const rung = [mine.nextIncoming(20_000), other.nextIncoming(20_000), third.nextIncoming(20_000)] as const;
    const extid = `group-${group.number}`;
    const called = users.get('103')!.number;
    const by = { calling_id: group.number, calling_type: 1, calling_number: '0733', called_number: '0766' };
    await ask({ service: 'call_request_ext', ...by, called_id: called, called_type: 0, extid });
    const [first, member] = [await rung[0], await (await rung[1]).until('answered')];
    await first.until('ended', 20_000);
    const at = await (await rung[2]).until('answered');
    await expectTalking(member, at);
    const shown = [member, at].map(({ invite }) => /sip:([^@]*)@/.exec(header(invite!, 'from'))?.[1]);
    expect(shown).toEqual(['0766', '0733']);
    await at.hangUp();
    await member.until('ended', 20_000);
    await expect.poll(() => names('1').at(-1), PATIENCE).toBe('call_terminated');
    const of = names('1').filter((name) => name !== 'call_progress');
    expect(of).toEqual([
      ...['call_out', 'call_response', 'disconnect_out', 'call_out', 'call_response'],
      ...['disconnect_in', 'disconnect_out', 'call_terminated'],
    ]);
    expect(Object.fromEntries(named('1', 'call_out'))).toMatchObject({
      called_type: '1',
      called_id: String(group.number),
    });
    expect(told.every((one) => one.get('extid') === extid)).toBe(true);
  }, 60_000);

  it('connects an operator with a responder where he waits, and knows both by their entity calls', async () => {
    const phone = await world.phoneOf('101');
    const [users, ivrs] = [
      await ask({ service: 'get_entities', entity_type: 0 }),
      await ask({ service: 'get_entities', entity_type: 3 }),
    ];
    const user = /<user>\s*<id>(\d+)<\/id>(?:(?!<\/user>)[\s\S])*<extension>101</.exec(users)![1]!;
    const ivr = /<ivr>\s*<id>(\d+)<\/id>\s*<name>tone-menu</.exec(ivrs)![1]!;
    const rung = phone.nextIncoming();
    await ask({
      service: 'call_request_ext',
      calling_id: user,
      calling_type: 0,
      called_id: ivr,
      called_type: 3,
      called_number: '101',
      extid: 'dialer-1',
      auto_answer: 1,
    });
    const call = await (await rung).until('answered');
    const responses = () => events('1').filter((one) => one.get('event_name') === 'call_response');
    await expect.poll(() => responses().map((one) => one.get('sender_type')), PATIENCE).toEqual(['0', '3']);
    expect(responses().map((one) => one.get('sender_id'))).toEqual([user, ivr]);
    expect(responses().every((one) => /^\d+$/.test(one.get('local_id')!))).toBe(true);
    await ask({ service: 'call_terminate', call_id: responses()[0]!.get('call_id')! });
    await call.until('ended', 20_000);
    await expect.poll(() => names('1').slice(-1), PATIENCE).toEqual(['call_terminated']);
    expect(names('1')).toEqual([
      'call_out',
      'call_progress',
      'call_response',
      'call_out',
      'call_response',
      'disconnect_out',
      'disconnect_out',
      'call_terminated',
    ]);
  }, 60_000);
});

describe('a responder with a script', () => {
  let support: { dialled: string; ivr: number };
  beforeAll(async () => {
    support = await publishPinCheck(world, script.url);
  }, 30_000);

  /** A call of 103 that has typed these keys to the root's tone. */
  const caller = async (keys: string) => {
    const call = await (await (await world.phoneOf('103')).call(support.dialled)).until('answered');
    await expectTone(call, ROOT_HZ);
    await call.press(keys);
    return call;
  };
  const inputs = () => script.asked.map((query) => query.get('input'));

  it('is listed as its tree', async () => {
    const listed = await ask({ service: 'get_entities', entity_type: 3, entity_id: support.ivr });
    const nodes = [...listed.matchAll(/<node>([\s\S]*?)<\/node>/g)].map(([, node]) => node!);
    expect(nodes.map((node) => [tag(node, 'node_id'), tag(node, 'parent_id'), tag(node, 'select_key')])).toEqual([
      ['0', '', ''],
      ['1', '0', '1'],
      ['2', '0', '2'],
    ]);
    expect(nodes.map((node) => tag(node, 'action'))).toEqual(['3', '2', '2']);
    expect(tag(nodes[0]!, 'script')).toBe(script.url);
  });

  it('checks a PIN: what is right reaches the group, what is wrong the user, each after its message', async () => {
    script.answer = (query) => `command=1\r\nnode_key=${query.get('input') === '123456' ? 2 : 1}`;
    const [user, agent] = [await world.phoneOf('101'), await world.phoneOf('102')];
    const atAgent = agent.nextIncoming();
    const right = await caller('123456');
    await expectTone(right, OK_HZ);
    await expectTalking(right, await (await atAgent).until('answered'));
    expect(Object.fromEntries(script.asked[0]!)).toMatchObject({
      ivrid: String(support.ivr),
      nodeid: '0',
      calling: '103',
      called: support.dialled,
      input: '123456',
      tag: '-1',
    });
    expect(script.asked[0]!.get('callid')).toBe(named('1', 'call_in').get('call_id'));
    await right.hangUp();
    const atUser = user.nextIncoming();
    const wrong = await caller('000000');
    await expectTone(wrong, ERROR_HZ);
    await expectTalking(wrong, await (await atUser).until('answered'));
    await wrong.hangUp();
    expect(inputs()).toEqual(['123456', '000000']);
  }, 60_000);

  it('ends the call, on command and without an instruction', async () => {
    for (const answer of ['command=0', '<html>no</html>']) {
      script.answer = () => answer;
      await (await caller('111111')).until('ended', 20_000);
    }
    expect(inputs()).toEqual(['111111', '111111']);
  }, 60_000);

  it('sends the caller to a number, and to an entity that is told what was called', async () => {
    const phone = await world.phoneOf('102');
    const groups = await ask({ service: 'get_entities', entity_type: 1 });
    const group = [...groups.matchAll(/<id>(\d+)<\/id>\s*<name>Group_support/g)].at(-1)![1]!;
    for (const answer of [
      'command=2\r\nrecipient_number=102',
      `command=3\r\nrecipient_number=073333655434\r\nrecipient_id=${group}\r\nrecipient_type=1`,
    ]) {
      script.answer = () => answer;
      const rung = phone.nextIncoming();
      const call = await caller('222222');
      const incoming = await (await rung).until('answered');
      await expectTalking(call, incoming);
      const shown = header(incoming.invite!, 'p-called-party-id');
      expect(shown.includes('073333655434')).toBe(answer.startsWith('command=3'));
      await call.hangUp();
      await incoming.until('ended', 20_000);
    }
  }, 60_000);

  it('changes the node for this call and runs it again; a key that leads nowhere leaves the caller there', async () => {
    script.answer = (query) =>
      query.get('tag') === '5' ? 'command=1\r\nnode_key=9' : 'command=4\r\ninput_length=2\r\ntag=5';
    const phone = await world.phoneOf('101');
    const call = await caller('333333');
    await expect.poll(inputs, PATIENCE).toEqual(['333333']);
    await expectTone(call, ROOT_HZ);
    await call.press('44');
    await expect.poll(inputs, PATIENCE).toEqual(['333333', '44']);
    const rung = phone.nextIncoming();
    await expect.poll(() => call.state, PATIENCE).toBe('answered');
    await call.press('1');
    await (await rung).until('answered');
    await call.hangUp();
    // another caller meets the node as it is
    script.answer = () => 'command=0';
    await (await caller('555555')).until('ended', 20_000);
    expect(script.asked.at(-1)!.get('tag')).toBe('-1');
  }, 60_000);
});

describePrograms(() => world);
