/** Single requests over raw UDP: what telephony answers to the right, the unusual and the wrong (RFC 3261 §8.2, §10.3, §22). */
import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerChallenge } from '../phone/digest.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let socket: Socket;
let counter = 0;

beforeAll(async () => {
  stage = await openStage();
  await stage.boot({ digestAlgorithms: ['SHA-256', 'MD5'] });
  socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  socket.close();
  await stage.close();
});

interface Answer {
  readonly status: number;
  readonly text: string;
  all(name: string): string[];
}

interface Sent {
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** Sends one request and resolves with its final answer; null when none comes. */
function send(
  method: string,
  uri: string,
  { to, callId, cseq = 1, headers = [], body = '' }: Sent = {},
): Promise<Answer | null> {
  const id = `${++counter}`;
  const port = socket.address().port;
  const lines = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK-${id};rport`,
    'Max-Forwards: 70',
    `From: <sip:tester@127.0.0.1>;tag=${id}`,
    `To: ${to ?? `<${uri}>`}`,
    `Call-ID: ${callId ?? `req-${id}-${port}`}`,
    `CSeq: ${cseq} ${method}`,
    ...(headers.some((header) => /^contact:/i.test(header)) ? [] : [`Contact: <sip:tester@127.0.0.1:${port}>`]),
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ];
  return new Promise((resolve) => {
    const done = (answer: Answer | null): void => {
      clearTimeout(timer);
      socket.off('message', onMessage);
      resolve(answer);
    };
    const timer = setTimeout(() => done(null), 3000);
    const onMessage = (data: Buffer): void => {
      const text = data.toString();
      const status = Number(/^SIP\/2\.0 (\d+)/.exec(text)?.[1] ?? 0);
      if (status < 200 || !text.includes(`z9hG4bK-${id};`)) return;
      if (method === 'INVITE') acknowledge(lines, text);
      done({
        status,
        text,
        all: (name) => [...text.matchAll(new RegExp(`^${name}:\\s*(.*?)\\r$`, 'gim'))].map((m) => m[1]!),
      });
    };
    socket.on('message', onMessage);
    socket.send(lines.join('\r\n'), stage.sip.sipPort, '127.0.0.1');
  });
}

function acknowledge(invite: readonly string[], answer: string): void {
  const to = /^To: .*$/im.exec(answer)?.[0] ?? '';
  const ack = invite
    .filter((line) => /^(INVITE|Via|Max-Forwards|From|Call-ID|CSeq)/.test(line))
    .map((line) => line.replace(/INVITE/g, 'ACK'));
  socket.send([...ack, to, 'Content-Length: 0', '', ''].join('\r\n'), stage.sip.sipPort, '127.0.0.1');
}

const host = (): string => `127.0.0.1:${stage.sip.sipPort}`;
const sdp = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 8',
  '',
].join('\r\n');
const withSdp = { headers: ['Content-Type: application/sdp'], body: sdp };

describe('requests outside a dialog', () => {
  it.each([
    ['OPTIONS', 200],
    ['SUBSCRIBE', 401],
    ['MESSAGE', 415],
    ['PUBLISH', 401],
    ['NOTIFY', 481],
    ['INFO', 481],
    ['REFER', 481],
    ['BYE', 481],
  ])('%s is answered %i', async (method, status) => {
    expect((await send(method, `sip:200@${host()}`, { headers: ['Event: presence'] }))?.status).toBe(status);
  });
});

describe('an INVITE', () => {
  it.each([
    ['that requires an unknown extension', 420, { ...withSdp, headers: [...withSdp.headers, 'Require: holography'] }],
    ['with a body that is no session description', 415, { headers: ['Content-Type: text/plain'], body: 'hello' }],
    ['that offers no audio', 488, { ...withSdp, body: sdp.replace('m=audio', 'm=video') }],
    ['whose offer is no description', 488, { ...withSdp, body: 'nonsense' }],
    [
      'with too small a session interval',
      422,
      { ...withSdp, headers: [...withSdp.headers, 'Session-Expires: 20', 'Supported: timer'] },
    ],
    ['that is too large', 413, { ...withSdp, body: `${sdp}${'a=x:y\r\n'.repeat(2000)}` }],
  ])('%s is answered %i', async (_name, status, request) => {
    expect((await send('INVITE', `sip:202@${host()}`, request))?.status).toBe(status);
  });

  it('to nobody is 404, to a secret place a challenge', async () => {
    expect((await send('INVITE', `sip:${host()}`, withSdp))?.status).toBe(404);
    const challenged = await send('INVITE', `sip:101@${host()}`, withSdp);
    expect(challenged?.status).toBe(407);
    expect(challenged?.all('Proxy-Authenticate').map((value) => /algorithm=([\w-]+)/.exec(value)?.[1])).toEqual([
      'SHA-256',
      'MD5',
    ]);
  });

  it('that offers no voice ends with 488, and so does its call', async () => {
    const offer = sdp.replace('RTP/AVP 8', 'RTP/AVP 101').concat('a=rtpmap:101 telephone-event/8000\r\n');
    expect((await send('INVITE', `sip:202@${host()}`, { ...withSdp, body: offer }))?.status).toBe(488);
  });
});

describe('mutilated requests', () => {
  /** Changes a few bytes, lines or values of a good request; the same every time. */
  function mutilate(text: string, random: () => number): string {
    const lines = text.split('\r\n');
    for (let n = 0; n < 1 + random() * 3; n++) {
      const at = Math.floor(random() * lines.length);
      const line = lines[at] ?? '';
      const cut = Math.floor(random() * line.length);
      const pieces = [
        '',
        '\u0000',
        '<',
        '>',
        '"',
        ';',
        ',',
        ':',
        '%00',
        '\\',
        'é',
        ' '.repeat(50),
        '9'.repeat(30),
        'sip:',
        '@',
      ];
      const piece = pieces[Math.floor(random() * pieces.length)]!;
      const ways = [
        () => line.slice(0, cut) + piece + line.slice(cut),
        () => line.slice(0, cut),
        () => piece,
        () => `${line},${line}`,
      ];
      lines[at] = ways[Math.floor(random() * ways.length)]!();
    }
    return lines.join('\r\n');
  }

  it('never stop telephony from serving the next good one', async () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    const port = socket.address().port;
    for (let n = 0; n < 400; n++) {
      const method = ['INVITE', 'REGISTER', 'OPTIONS', 'SUBSCRIBE', 'BYE'][n % 5]!;
      const good = [
        `${method} sip:202@${host()} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK-fuzz${n};rport`,
        'Max-Forwards: 70',
        `From: "A" <sip:tester@127.0.0.1>;tag=fuzz${n}`,
        `To: <sip:202@${host()}>`,
        `Call-ID: fuzz-${n}`,
        `CSeq: 1 ${method}`,
        `Contact: <sip:tester@127.0.0.1:${port}>;expires=90`,
        'Authorization: Digest username="x", realm="callwright", nonce="n", uri="sip:x", response="y", qop=auth, nc=00000001, cnonce="z"',
        'Session-Expires: 1800;refresher=uac',
        'Supported: timer, 100rel',
        'Content-Type: application/sdp',
        `Content-Length: ${Buffer.byteLength(sdp)}`,
        '',
        sdp,
      ].join('\r\n');
      socket.send(mutilate(good, random), stage.sip.sipPort, '127.0.0.1');
      if (n % 20 === 19) expect((await send('OPTIONS', `sip:200@${host()}`))?.status).toBe(200);
    }
    await expect.poll(() => send('OPTIONS', `sip:200@${host()}`).then((answer) => answer?.status)).toBe(200);
  });
});

describe('the registrar', () => {
  const user = () => stage.demo.users[0]!;
  const uri = (): string => `sip:${host()}`;
  const address = (name: string): string => `<sip:${name}@${host()}>`;

  async function register(
    headers: string[],
    more: { callId?: string; cseq?: number; to?: string; password?: string } = {},
  ): Promise<Answer> {
    const to = more.to ?? address(user().sipUser);
    const challenged = await send('REGISTER', uri(), { to, callId: more.callId, cseq: more.cseq });
    const challenge = challenged!.all('WWW-Authenticate').find((value) => value.includes('MD5'))!;
    const credentials = { username: user().sipUser, password: more.password ?? user().sipPassword };
    const authorization = answerChallenge(challenge, credentials, 'REGISTER', uri());
    const answer = await send('REGISTER', uri(), {
      to,
      callId: more.callId,
      cseq: (more.cseq ?? 1) + 1,
      headers: [...headers, `Authorization: ${authorization}`],
    });
    return answer!;
  }

  it('keeps contacts, lists them, removes one and all', async () => {
    const two = await register([
      'Contact: <sip:a@127.0.0.1:5071>;expires=120, <sip:b@127.0.0.1:5072;transport=tcp>',
      'Expires: 600',
    ]);
    expect(two.status).toBe(200);
    const listed = two.all('Contact').join(', ');
    expect(listed).toMatch(/<sip:a@127\.0\.0\.1:5071>;expires=(120|119)/);
    expect(listed).toMatch(/<sip:b@127\.0\.0\.1:5072;transport=tcp>;expires=(600|599)/);
    const one = await register(['Contact: <sip:a@127.0.0.1:5071>;expires=0']);
    expect(one.all('Contact').join()).not.toContain('5071');
    const none = await register(['Contact: *', 'Expires: 0']);
    expect(none.status).toBe(200);
    expect(none.all('Contact')).toEqual([]);
  });

  it('refuses too short a time, a star among others, and somebody else’s address', async () => {
    const brief = await register(['Contact: <sip:a@127.0.0.1:5071>;expires=10']);
    expect([brief.status, brief.all('Min-Expires')]).toEqual([423, ['60']]);
    expect((await register(['Contact: *', 'Expires: 60'])).status).toBe(400);
    expect((await register(['Contact: <sip:a@h>'], { to: address(stage.demo.users[1]!.sipUser) })).status).toBe(403);
    expect((await register(['Contact: <sip:a@127.0.0.1:5071>'], { to: address(user().extension) })).status).toBe(200);
  });

  it('registers a suspended user and a suspended company, who call for help, and take nothing else from them', async () => {
    const { pool } = stage.database.store;
    const contact = ['Contact: <sip:s@127.0.0.1:5074>'];
    const suspend = (table: string, id: string, at: Date | null) =>
      pool.query(`update ${table} set suspended_at = $2 where id = $1`, [id, at]);
    const { rows } = await pool.query('select user_id from sip_login where username = $1', [user().sipUser]);
    for (const [table, id] of [
      ['directory_user', rows[0].user_id],
      ['owner', stage.demo.companyId],
    ] as const) {
      await suspend(table, id, new Date());
      expect((await register(contact)).status).toBe(200);
      expect((await register(contact, { password: 'wrong' })).status).toBe(401);
      await suspend(table, id, null);
      expect((await register(contact)).status).toBe(200);
    }
    const kept = await pool.query('select last_registered_at, last_address from sip_login where username = $1', [
      user().sipUser,
    ]);
    expect(kept.rows[0].last_registered_at).toBeInstanceOf(Date);
    expect(kept.rows[0].last_address).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('keeps as many contacts as the company says, and says why it takes no more', async () => {
    const { pool } = stage.database.store;
    const setting = (json: string) =>
      pool.query('update owner set settings = settings - $3 || $2::jsonb where id = $1', [
        stage.demo.companyId,
        json,
        'contactsPerLogin',
      ]);
    const named = (name: string) => [`Contact: <sip:${name}@127.0.0.1:5080>`];
    await register(['Contact: *', 'Expires: 0']);
    try {
      for (let n = 1; n <= 10; n++) expect((await register(named(`m${n}`))).status).toBe(200);
      const eleventh = await register(named('m11'));
      expect([eleventh.status, eleventh.all('Warning')]).toEqual([403, ['399 callwright "Too many contacts"']]);
      // whoever is there already stays
      expect((await register(named('m10'))).status).toBe(200);
      await setting('{"contactsPerLogin": 11}');
      expect((await register(named('m11'))).status).toBe(200);
    } finally {
      await setting('{}');
      await register(['Contact: *', 'Expires: 0']);
    }
  });

  it('takes no REGISTER out of order', async () => {
    const callId = `order-${counter}`;
    expect((await register(['Contact: <sip:c@127.0.0.1:5073>'], { callId, cseq: 10 })).status).toBe(200);
    expect((await register(['Contact: <sip:c@127.0.0.1:5073>;expires=0'], { callId, cseq: 4 })).status).toBe(500);
    expect((await register([])).status).toBe(200);
  });

  it('takes an answer to a challenge once', async () => {
    const to = address(user().sipUser);
    const challenged = await send('REGISTER', uri(), { to });
    const challenge = challenged!.all('WWW-Authenticate').find((value) => value.includes('MD5'))!;
    const authorization = answerChallenge(
      challenge,
      { username: user().sipUser, password: user().sipPassword },
      'REGISTER',
      uri(),
    );
    const headers = [`Authorization: ${authorization}`];
    expect((await send('REGISTER', uri(), { to, cseq: 2, headers }))?.status).toBe(200);
    const replayed = await send('REGISTER', uri(), { to, cseq: 3, headers });
    expect(replayed?.status).toBe(401);
    expect(replayed?.all('WWW-Authenticate')[0]).toContain('stale=true');
  });
});
