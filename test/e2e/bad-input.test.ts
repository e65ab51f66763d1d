/**
 * Bad input on every port of a whole installation, while a good call goes on untouched: a clear answer or a silent drop as the
 * standards say; no crash, no leak, nothing lost. PostgreSQL and Temporal are left alone: they are not ours to harden.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROLES } from '@callwright/start';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectTrueRecords, nothingLeft } from '../chaos/aftermath.ts';
import { TORTURE } from '../conformance/drachtio/torture-messages.ts';
import { loudness, percentile, sine, toneShare } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import { clockLag } from '../phone/rtp.ts';
import { answerOf, flood, foreignRtp, mangled, open, scribble } from './noise.ts';
import { expectTalking } from './talk.ts';
import { World } from './world.ts';

const TONE_MENU = '202';
const CARRIER_ADDRESS = '127.0.0.3';
const OURS = ['calls', 'io', 'api', 'telephony', 'sip', 'media'] as const;
/** Heap that garbage collection has not come to yet counts as well. */
const GROWTH_MB = 120;
/** Torture messages under way together. */
const AT_ONCE = 8;
/** T1 of the SIP server here: what nobody acknowledges is given up after 64 times as long. */
const T1_MS = 100;
const CALLER_HZ = 600;
const CALLEE_HZ = 900;

let world: World;
let good: { readonly call: PhoneCall; readonly incoming: PhoneCall };
let pids: Readonly<Record<string, readonly number[]>>;
let memory: Readonly<Record<string, number>>;

const pidsNow = () => Object.fromEntries(ROLES.map((role) => [role, world.installation.pids(role)]));

/** Resident memory by role and process, MB. */
const memoryNow = (): Record<string, number> =>
  Object.fromEntries(
    OURS.flatMap((role) =>
      world.installation.pids(role).map((pid, n) => {
        const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return [`${role} ${n}`, Number(kb) / 1024];
      }),
    ),
  );

const sipCallIds: string[] = [];
/** Of what is made anew at every try. */
let tries = 0;
/** Between two packets of the good call, ms, over the whole run. */
const spacings: number[] = [];
/** How late this process's own clock ran meanwhile, ms. */
const lags: number[] = [];

/** A call to the tone menu by somebody without a log-in: answered, a key, its tone, hung up. */
async function callWorks(): Promise<PhoneCall> {
  const phone = await world.stranger();
  const call = await (await phone.call(TONE_MENU)).until('answered');
  await sleep(500);
  const pressed = await call.press('5');
  await sleep(900);
  expect(toneShare(call.rtp.heardBetween(pressed + 200, pressed + 800), 900)).toBeGreaterThan(0.9);
  await call.hangUp();
  return call;
}

/** Both parties of the good call have heard the other, and nothing else, since `from`: every packet, in time. */
function expectClean(from: number): void {
  const to = performance.now();
  const lag = clockLag.take();
  lags.push(...lag);
  for (const [side, hz] of [
    [good.call, CALLEE_HZ],
    [good.incoming, CALLER_HZ],
  ] as const) {
    expect(side.state).toBe('answered');
    const arrivals = side.rtp.arrivals.filter(({ atMs }) => atMs >= from && atMs < to);
    // what is still on its way to an ear that lags is not lost
    expect(arrivals.length).toBeGreaterThan((to - from - Math.max(0, ...lag)) / 20 - 25);
    const lost = arrivals.slice(1).filter(({ sequence }, i) => ((sequence - arrivals[i]!.sequence) & 0xff_ff) !== 1);
    expect(lost).toEqual([]);
    const spacing = arrivals.slice(1).map(({ atMs }, i) => atMs - arrivals[i]!.atMs);
    spacings.push(...spacing);
    // what a phone's jitter buffer rides out; this ear shares its process with the sender of the noise, whose lag is not ours
    expect(Math.max(...spacing) - Math.max(0, ...lag)).toBeLessThan(120);
    for (let at = from; at + 500 <= to; at += 500) {
      expect(toneShare(side.rtp.heardBetween(at, at + 500), hz)).toBeGreaterThan(0.9);
    }
  }
}

/** `attack`, with the good call clean all the while and a new call possible after it. */
async function withstands(attack: () => Promise<void>): Promise<void> {
  clockLag.take();
  const from = performance.now();
  await attack();
  await callWorks();
  expectClean(from);
  expect(pidsNow()).toEqual(pids);
}

beforeAll(async () => {
  world = await World.start({
    env: { CALLWRIGHT_SIP_T1_MS: String(T1_MS), CALLWRIGHT_ALLOW_URLS: `sip:${CARRIER_ADDRESS}` },
  });
  const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
  const rung = bob.nextIncoming();
  const call = await (await alice.call('102')).until('answered');
  good = { call, incoming: await rung };
  good.call.rtp.say(sine(CALLER_HZ, 1000), true);
  good.incoming.rtp.say(sine(CALLEE_HZ, 1000), true);
  sipCallIds.push(good.call.callId, (await callWorks()).callId);
  await flood(world.sipPort, 200, () => randomBytes(100));
  await sleep(500);
  pids = pidsNow();
  memory = memoryNow();
});
afterAll(() => world?.stop());

describe('RFC 4475', () => {
  it('each torture message is answered as the standard says, or dropped', async () => {
    await withstands(async () => {
      const wrong: string[] = [];
      const send = async ({ name, text, owed }: (typeof TORTURE)[number]): Promise<void> => {
        const message = (port: number) => Buffer.from(text.replaceAll('{port}', String(port)), 'latin1');
        const got = await answerOf(world.sipPort, message, owed === 'silence' ? 60 : 1500);
        const status = Number(
          /^SIP\/2\.0 ([2-6]\d\d)/.exec(got.find((one) => /^SIP\/2\.0 [2-6]/.test(one)) ?? '')?.[1] ?? 0,
        );
        // what reaches telephony is for nobody here: any final answer but "our fault" is a clear one
        const right =
          owed === 'silence' ? status === 0 : owed === 'app' ? status >= 200 && status !== 500 : status === owed;
        if (!right) wrong.push(`${name}: ${status}, owed ${owed}`);
      };
      for (let first = 0; first < TORTURE.length; first += AT_ONCE)
        await Promise.all(TORTURE.slice(first, first + AT_ONCE).map(send));
      expect(wrong).toEqual([]);
    });
  });
});

describe('random bytes and mangled messages', () => {
  const seeds = TORTURE.map(({ text }) => Buffer.from(text.replaceAll('{port}', '9'), 'latin1'));
  const noise = (n: number): Buffer =>
    n % 3 === 0 ? randomBytes(randomInt(1, 1400)) : mangled(seeds[randomInt(seeds.length)]!);

  it('on SIP over UDP', () => withstands(() => flood(world.sipPort, 3000, noise)));

  it('on the RTP ports of the good call: it is neither drowned nor stolen', () =>
    withstands(async () => {
      for (const { remoteSdp } of [good.call, good.incoming]) {
        const port = Number(/^m=audio (\d+)/m.exec(remoteSdp)![1]);
        await flood(port, 1000, (n) => (n % 2 === 0 ? randomBytes(randomInt(1, 400)) : foreignRtp(n)));
      }
    }));

  it('on every TCP port', () =>
    withstands(async () => {
      const rubbish = (n: number): Buffer =>
        n % 2 === 0
          ? randomBytes(randomInt(1, 70_000))
          : Buffer.from('9#aaaa|bbb12#x|sip||\r\nauth x\n\nGET / HTTP/9\r\n');
      const ports = ['sip', 'drachtio', 'esl', 'http'] as const;
      await Promise.all(ports.map((name) => scribble(world.installation.ports[name]!, 60, rubbish)));
    }));

  it('wrong secrets and orders on the ports between the servers', () =>
    withstands(async () => {
      const { drachtio, esl } = world.installation.ports;
      await scribble(drachtio!, 20, () =>
        Buffer.from('60#11111111-1111-1111-1111-111111111111|authenticate|wrong|tag'),
      );
      await scribble(esl!, 20, () => Buffer.from('auth wrong\n\napi show channels\n\nsendmsg x\n\n'));
    }));
});

describe('connections that never finish', () => {
  it('half-open and slow ones keep nobody waiting', () =>
    withstands(async () => {
      const beginnings = {
        sip: `INVITE sip:${TONE_MENU}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TC`,
        drachtio: '600#',
        esl: 'auth ',
        http: 'POST /api/v1/calls HTTP/1.1\r\nHost: x\r\nContent-Length: 100',
      } as const;
      const sockets = await Promise.all(
        Object.entries(beginnings).flatMap(([name, text]) =>
          Array.from({ length: 50 }, async () => {
            const socket = await open(world.installation.ports[name]!);
            socket.write(text);
            return socket;
          }),
        ),
      );
      for (let n = 0; n < 20; n++) {
        await sleep(100);
        for (const socket of sockets) if (socket.writable) socket.write('a');
      }
      await callWorks();
      expect((await world.api('GET', '/users')).status).toBe(200);
      for (const socket of sockets) socket.destroy();
    }));
});

describe('guessing', () => {
  it('wrong digests until the ban: the guesser is shut out, the right phone elsewhere is not', () =>
    withstands(async () => {
      const { username, password } = await world.credentials('101');
      const guesser = { credentials: { username, password: 'guess' }, address: '127.0.0.2' };
      const phone = await world.stranger(guesser);
      const statuses: number[] = [];
      for (let n = 0; n < 13; n++) statuses.push(await phone.register());
      expect(new Set(statuses.slice(0, 10))).toEqual(new Set([401]));
      expect(statuses.at(-1)).toBe(403);
      const call = await phone.call('102');
      await call.until('ended');
      expect(call.finalStatus).toBe(403);
      // not even with the right password, from there
      const late = await world.stranger({ credentials: { username, password }, address: '127.0.0.2' });
      expect(await late.register()).toBe(403);
      const honest = await world.stranger({ credentials: { username, password } });
      expect(await honest.register()).toBe(200);
      expect(await honest.register(0)).toBe(200);
    }));

  it('a caller without a log-in reaches public numbers, and nothing else', () =>
    withstands(async () => {
      const stranger = await world.stranger();
      const places = ['101', '102', '999', '+33123456789', '0033123456789', '101%40127.0.0.1', "1' or '1'='1", '*'];
      for (const place of places) {
        const call = await stranger.call(`sip:${place}@127.0.0.1:${world.sipPort}`);
        await call.until('ended');
        expect([400, 403, 404, 407]).toContain(call.finalStatus);
      }
      for (const number of ['200', '201', TONE_MENU]) {
        const call = await (await stranger.call(number)).until('answered');
        sipCallIds.push(call.callId);
        await call.hangUp();
      }
    }));
});

describe('what people get wrong', () => {
  /** The caller heard somebody speak before his call ended with that status. */
  const told = async (call: PhoneCall, status: number): Promise<void> => {
    await call.until('ended', 30_000);
    expect([call.finalStatus, Math.max(0, ...voiceOf(call)) > 500]).toEqual([status, true]);
  };
  /** Loudness of each tenth of a second. */
  const voiceOf = (call: PhoneCall): number[] => {
    const heard = call.rtp.heardBetween(0, performance.now());
    return Array.from({ length: Math.floor(heard.length / 800) }, (_, n) =>
      loudness(heard.subarray(n * 800, (n + 1) * 800)),
    );
  };
  const settle = async (path: string, body: object): Promise<string> =>
    (await world.must<{ id: string }>('POST', path, body)).id;

  it('is announced and over, never a hung call: nobody there, a circle, an empty queue, dead carriers, a transfer to oneself', async () => {
    tries += 1;
    const extensions = [1, 2, 3, 4, 5, 6, 7].map((n) => `${3 + tries}${n}1`);
    const [one = '', two = '', three = '', four = '', five = '', six = '', seven = ''] = extensions;
    const made = await Promise.all(extensions.map((extension) => world.addUser(extension)));
    const id = Object.fromEntries(extensions.map((extension, n) => [extension, made[n]!]));
    const phones = await Promise.all(extensions.map((extension) => world.phoneOf(extension)));
    const phone = Object.fromEntries(extensions.map((extension, n) => [extension, phones[n]!]));
    const always = (to: string) => ({ always: { destination: { type: 'user', id: id[to] } } });
    await world.must('PUT', `/users/${id[six]}/calling`, { forwarding: always(seven) });
    await world.must('PUT', `/users/${id[seven]}/calling`, { forwarding: always(six) });
    await settle('/queues', { name: `nobody ${tries}`, extension: `78${tries}`, join: 'logged-in' });
    const { items } = await world.must<{ items: { id: string; kind: string }[] }>('GET', '/owners');
    const ownerId = items.find(({ kind }) => kind === 'company')!.id;
    const carriers = await Promise.all(
      ['broken', 'silent'].map((name) => world.stranger({ address: CARRIER_ADDRESS, name })),
    );
    carriers[0]!.policy = { refuse: 503 };
    const peer = { ownerId, mode: 'peer', host: CARRIER_ADDRESS, optionsSeconds: 0, defaultNumber: '+33155500000' };
    const trunks = await Promise.all(
      carriers.map(({ port }, n) => settle('/trunks', { ...peer, name: `carrier ${tries} ${n}`, port })),
    );
    carriers[1]!.onOutside = () => true;
    for (const [n, trunk] of trunks.entries())
      await settle('/routing-rules', {
        calledPattern: `0${6 + n}${tries}*`,
        destination: { type: 'number', id: '{called}' },
        viaTrunks: [trunk],
      });
    const cases: readonly (readonly [from: string, dialled: string, status: number])[] = [
      [one, '987654', 404],
      [two, six, 480],
      [three, `78${tries}`, 480],
      [four, `06${tries}2345678`, 480],
      [five, `07${tries}2345678`, 480],
    ];
    await Promise.all(
      cases.map(async ([from, dialled, status]) => {
        const call = await phone[from]!.call(dialled);
        await told(call, status).catch((error: Error) => {
          throw new Error(`${from} to ${dialled}: ${error.message}`);
        });
        sipCallIds.push(call.callId);
      }),
    );
    const rung = phone[two]!.nextIncoming();
    const call = await phone[one]!.call(two);
    const incoming = await (await rung).until('answered');
    await call.until('answered');
    await incoming.refer(two);
    // nobody is handed over to himself: both talk on
    await expectTalking(call, incoming);
    await call.hangUp();
    await incoming.until('ended');
    sipCallIds.push(call.callId);
    for (const registered of phones) await registered.register(0);
    expect(pidsNow()).toEqual(pids);
  });
});

describe('bodies', () => {
  it('too large ones are refused', () =>
    withstands(async () => {
      const phone = await world.stranger();
      phone.describe = () => `${'v=0\r\n'.repeat(4000)}m=audio 9 RTP/AVP 0\r\n`;
      const call = await phone.call(TONE_MENU);
      await call.until('ended');
      expect(call.finalStatus).toBe(413);
      const answer = await world.api<{ code: string }>('POST', '/flows', { file: 'x'.repeat(8_000_000) });
      expect([answer.status, answer.body.code]).toEqual([413, 'API_TOO_LARGE']);
    }));

  it('what is no JSON, or not the JSON of the route, is a problem with a code', () =>
    withstands(async () => {
      const post = async (body: string, path = '/calls') => {
        const response = await fetch(`${world.installation.url}/api/v1${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${world.installation.adminKey}`, 'content-type': 'application/json' },
          body,
        });
        return [response.status, ((await response.json()) as { code: string }).code];
      };
      for (const text of ['{', '', '{"a":', '\u0000', `${'['.repeat(100_000)}`]) {
        expect((await post(text))[0]).toBe(400);
      }
      expect(await post('{"__proto__":{"a":1}}')).toEqual([400, 'API_BAD_JSON']);
      for (const text of ['[]', '"x"', '1', '{"to":1}', '{"to":{"type":"teapot"},"flow":"x"}']) {
        expect(await post(text)).toEqual([400, 'API_BAD_REQUEST']);
      }
    }));

  it('a flow with faults is not published, and all of them are listed', () =>
    withstands(async () => {
      const node = (id: string, number: number, kind: string, config: object) => ({
        id,
        number,
        kind,
        version: 1,
        config,
      });
      const document = {
        format: 1,
        name: 'broken',
        language: 'en',
        entry: 'start',
        variables: [],
        nodes: [
          node('start', 0, 'start', { answer: true }),
          node('menu', 1, 'menu', { choices: 'none' }),
          node('strange', 2, 'teapot', {}),
          node('alone', 3, 'hang-up', {}),
          node('hear', 4, 'play', { prompts: [{ parts: [{ type: 'file', name: 'no-such-prompt' }] }] }),
        ],
        edges: [
          { from: 'start', outcome: 'next', to: 'hear' },
          { from: 'hear', outcome: 'next', to: 'nowhere' },
        ],
      };
      const made = await world.must<{ id: string }>('POST', '/flows', { file: { document } });
      const refused = await world.api<{ code: string; diagnostics: { code: string }[] }>(
        'POST',
        `/flows/${made.id}/publish`,
        {},
      );
      expect([refused.status, refused.body.code]).toEqual([422, 'API_FLOW_INVALID']);
      const codes = refused.body.diagnostics.map(({ code }) => code);
      for (const code of ['FLW_UNKNOWN_KIND', 'FLW_BAD_CONFIG', 'FLW_UNKNOWN_NODE']) expect(codes).toContain(code);
      const lint = await world.must<{ diagnostics: unknown[] }>('POST', '/flows/lint', { file: { document } });
      expect(refused.body.diagnostics).toEqual(lint.diagnostics);
      expect((await world.must<{ published: unknown }>('GET', `/flows/${made.id}`)).published).toBeNull();
    }));
});

describe('after all of it', () => {
  it('the good call ends with its true CDR; nothing is open, nothing has grown, nothing is lost', async () => {
    await good.call.hangUp();
    await good.incoming.until('ended');
    const cdr = await world.cdrOf(good.call.callId);
    expect(cdr).toMatchObject({ disposition: 'answered', cause: 'normal', endedBy: 'calling' });
    expect(percentile(spacings, 0.99) - percentile(lags, 0.99)).toBeLessThan(40);
    sipCallIds.push((await callWorks()).callId);
    await nothingLeft(world);
    await expectTrueRecords(world, sipCallIds);
    expect(pidsNow()).toEqual(pids);
    const now = memoryNow();
    const grown = Object.entries(now).filter(([process, mb]) => mb - memory[process]! > GROWTH_MB);
    expect(grown).toEqual([]);
  });

  it('the tables of the servers are empty', async () => {
    const gauges = [
      'callwright_telephony_calls',
      'callwright_telephony_operations_running',
      'callwright_media_channels',
      'callwright_media_streams',
      'callwright_media_dialogs',
      'callwright_sip_dialogs',
      'callwright_sip_open_server_transactions',
      'callwright_sip_open_client_transactions',
      'callwright_sip_awaiting_ack',
      'callwright_sip_pending_incoming',
      'callwright_sip_pending_outgoing',
      'callwright_sip_open_connections',
    ];
    const read = async (): Promise<Record<string, number[]>> => {
      const text = await (await fetch(`${world.installation.url}/metrics`)).text();
      return Object.fromEntries(
        gauges.map((name) => [
          name,
          [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value)),
        ]),
      );
    };
    // the last transactions run out after 64 times T1
    await expect
      .poll(read, { timeout: 45_000, interval: 500 })
      .toEqual(Object.fromEntries(gauges.map((name) => [name, [0]])));
  });
});
