/** VOIspeed's interface on a whole installation: a telephone bar, and the steps of a predictive dialer, with the events a receiver gets. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { header } from '../phone/message.ts';
import { ERROR_HZ, OK_HZ, publishPinCheck, ROOT_HZ, type ScriptServer, scriptServer } from './responder.ts';
import { expectMusic, expectTalking, expectTone } from './talk.ts';
import { World } from './world.ts';

const PATIENCE = { timeout: 20_000, interval: 50 };

let world: World;
let receiver: Server;
let token: string;
let script: ScriptServer;
const told: URLSearchParams[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    told.push(new URL(request.url!, 'http://receiver').searchParams);
    response.end();
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/logger.php`;
  script = await scriptServer();
  world = await World.start({ env: { CALLWRIGHT_ALLOW_URLS: `${url},${script.url}` } });
  const module = await world.must<{ id: string }>('POST', '/partner-modules', {
    contract: 'voispeed',
    name: 'Telephone bar',
    settings: { extendedLevel: true, notificationUrl: url },
  });
  token = (await world.must<{ token: string }>('GET', `/partner-modules/${module.id}/token`)).token;
}, 120_000);
afterEach(async () => {
  await world?.closePhones();
  told.splice(0);
  script?.asked.splice(0);
});
afterAll(async () => {
  await world?.stop();
  receiver?.closeAllConnections();
  receiver?.close();
  script?.close();
});

async function ask(params: Readonly<Record<string, string | number>>): Promise<string> {
  const query = new URLSearchParams(
    Object.entries({ token, ...params }).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const body = await (await fetch(`${world.installation.url}/PBX/seri_endpoint.php?${query}`)).text();
  if (!body.includes('<outcome>0</outcome>')) throw new Error(body);
  return body;
}

const events = (level: '1' | '2', ext?: string) =>
  told.filter((one) => one.get('event_type') === level && (ext === undefined || one.get('ext') === ext));
const names = (level: '1' | '2', ext?: string) => events(level, ext).map((one) => one.get('event_name'));
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
    expect(names('2', '101').slice(0, 2)).toEqual(['outgoing_call', 'call_answered']);
    expect(names('2', '101')).toHaveLength(3);
    expect(names('2', '102')).toEqual(['incoming_call', 'call_answered', expect.stringMatching(/^call_disconnect_/)]);
    expect(names('1')).toEqual([
      'call_out',
      'call_progress',
      'call_response',
      'call_out',
      'call_progress',
      'call_response',
      'call_held',
      'call_retrieved',
      expect.stringMatching(/^disconnect_/),
      expect.stringMatching(/^disconnect_/),
      'call_terminated',
    ]);
    expect(told.every((one) => one.get('extid') === 'log-1')).toBe(true);
    await expect
      .poll(
        async () => tag(await ask({ service: 'get_user_call_report', ext: '101', extid: 'log-1' }), 'outcome'),
        PATIENCE,
      )
      .toBe('0');
    const report = await ask({ service: 'get_user_call_report', ext: '101', extid: 'log-1' });
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
    await world.addUser('103');
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
