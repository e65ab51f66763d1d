/** Formats without a coder, and video: passed on between two phones that have them, packets as they came; else 488, or no video. */
import { createSocket, type Socket } from 'node:dgram';
import type { Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneCall } from '../phone/call.ts';
import { header } from '../phone/message.ts';
import type { Phone } from '../phone/phone.ts';
import { openStage, type Puppet, type Stage, tone } from './stage.ts';

let stage: Stage;
let telephony: Telephony;
const open: Phone[] = [];
const sockets: Socket[] = [];

beforeAll(async () => {
  stage = await openStage();
  telephony = await stage.boot();
});
afterAll(() => stage.close());
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  for (const phone of open.splice(0)) {
    await phone.register(0).catch(() => {});
    await phone.close();
  }
});

const G729 = ['a=rtpmap:18 G729/8000', 'a=fmtp:18 annexb=no'];
const KEYS = ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'];
const WIDE = ['a=rtpmap:107 AMR-WB/16000', 'a=fmtp:107 octet-align=1'];

const sdp = (audio: string, lines: readonly string[]) => (port: number) =>
  [
    'v=0',
    'o=phone 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP ${audio}`,
    ...lines,
    'a=sendrecv',
    '',
  ].join('\r\n');

/** A socket for video, and the lines that offer it as H.264 under that number. */
async function camera(payload: number): Promise<{ readonly socket: Socket; readonly lines: string }> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const lines = [
    `m=video ${socket.address().port} RTP/AVP ${payload}`,
    `a=rtpmap:${payload} H264/90000`,
    `a=fmtp:${payload} profile-level-id=42e0${payload}`,
    '',
  ].join('\r\n');
  return { socket, lines };
}

const silent = { rtp: { continuous: false, keepAudio: true } };

async function caller(describeSession: (port: number) => string, ringing = true) {
  const phone = await stage.phone(null, { name: '4711', ...silent });
  open.push(phone);
  phone.describe = describeSession;
  const call = await phone.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  if (ringing) await puppet.order({ kind: 'leg.ring', leg, earlyMedia: false }, telephony.instance);
  return { phone, call, puppet, leg };
}

async function called(extension: string, describeSession: (port: number) => string): Promise<Phone> {
  const phone = await stage.phone(extension, { incoming: { answerAfterMs: 20 }, ...silent });
  open.push(phone);
  phone.describe = describeSession;
  expect(await phone.register()).toBe(200);
  return phone;
}

async function dial(puppet: Puppet, n: number, extension: string): Promise<string> {
  const user = await stage.database.store.db
    .selectFrom('directory_user')
    .select('id')
    .where('extension', '=', extension)
    .executeTakeFirstOrThrow();
  const leg = `${puppet.callId}/leg/${n}`;
  await puppet.order(
    {
      kind: 'leg.dial',
      leg,
      target: { type: 'user', userId: user.id },
      callerId: { number: '4711', name: '' },
      called: { type: 'user', id: null, entityNumber: null, number: extension, name: '' },
      ringTimeoutMs: 10_000,
      autoAnswer: false,
    },
    telephony.instance,
  );
  return leg;
}

/** Caller and called party talking, the caller answered last. */
async function talk(from: Awaited<ReturnType<typeof caller>>, to: Phone, extension: string): Promise<PhoneCall> {
  const { puppet, leg, call } = from;
  const incoming = to.nextIncoming();
  const other = await dial(puppet, 1, extension);
  const answered = await (await incoming).until('answered');
  await puppet.event(other, 'answered');
  await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
  await call.until('answered');
  await puppet.event(leg, 'answered');
  const { result } = await puppet.order({ kind: 'media.bridge', leg, other }, telephony.instance);
  expect(result.status).toBe('done');
  return answered;
}

const portOf = (sdpText: string, kind: string): number =>
  Number(new RegExp(`^m=${kind} (\\d+)`, 'm').exec(sdpText)?.[1] ?? 0);
const formatsOf = (sdpText: string, kind: string): string =>
  new RegExp(`^m=${kind} \\d+ \\S+ (.*?)\\r?$`, 'm').exec(sdpText)?.[1] ?? '';

function packet(payload: number, sequence: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 0x80;
  head[1] = payload;
  head.writeUInt16BE(sequence, 2);
  head.writeUInt32BE(sequence * 160, 4);
  head.writeUInt32BE(0x0badcafe, 8);
  return Buffer.concat([head, bytes]);
}

/** Sends until one of them arrives: the way has to be opened from both ends first. */
async function arrives(from: Socket, fromPort: number, to: Socket, payload: number, bytes: Buffer): Promise<Buffer> {
  let sequence = 1;
  const timer = setInterval(() => from.send(packet(payload, sequence++, bytes), fromPort, '127.0.0.1'), 20);
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('nothing arrived')), 10_000);
      to.on('message', (data) => {
        if (!data.subarray(12).equals(bytes)) return;
        clearTimeout(late);
        resolve(data);
      });
    });
  } finally {
    clearInterval(timer);
  }
}

const numberOf = (data: Buffer): number => data[1]! & 0x7f;

describe('two phones that have nothing of ours', () => {
  it('speak G.729 with each other, packets as they came, and keys are seen', async () => {
    const bob = await called('101', sdp('18 101', [...G729, ...KEYS]));
    const alice = await caller(sdp('18 101', [...G729, ...KEYS]));
    const theirs = await talk(alice, bob, '101');
    expect(formatsOf(theirs.invite!.body, 'audio')).toBe('18 101');
    expect(theirs.invite!.body).toContain('a=fmtp:18 annexb=no');
    expect(alice.call.statuses).toEqual([100, 180, 200]);
    expect(formatsOf(alice.call.remoteSdp, 'audio')).toBe('18 101');
    const said = Buffer.from('0123456789abcdefcafe', 'hex');
    const there = await arrives(
      alice.call.rtp.socket,
      portOf(alice.call.remoteSdp, 'audio'),
      theirs.rtp.socket,
      18,
      said,
    );
    expect(numberOf(there)).toBe(18);
    const port = portOf(theirs.invite!.body, 'audio');
    expect(numberOf(await arrives(theirs.rtp.socket, port, alice.call.rtp.socket, 18, said))).toBe(18);
    await alice.call.press('7');
    await expect.poll(() => theirs.rtp.receivedKeys, { timeout: 10_000 }).toEqual(['7']);
  });

  it('are refused with 488 where a machine would speak, and nobody is cut off who rings', async () => {
    const { call, puppet, leg } = await caller(sdp('107', WIDE));
    const { result } = await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
    expect(result.status).toBe('interrupted');
    expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause: 'incompatible', sipStatus: 488 });
    await call.until('ended');
    expect(call.finalStatus).toBe(488);
    expect(call.statuses).not.toContain(183);
  });

  it('a phone without the format answers 488, which is the outcome of its leg', async () => {
    const bob = await called('101', sdp('0', []));
    bob.policy = { refuse: 488 };
    const { puppet } = await caller(sdp('107', WIDE));
    const incoming = bob.nextIncoming();
    const leg = await dial(puppet, 1, '101');
    const invite = (await incoming).invite!;
    expect(formatsOf(invite.body, 'audio')).toMatch(/^107( 101)?$/);
    expect(invite.body).toContain('a=fmtp:107 octet-align=1');
    expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause: 'incompatible', sipStatus: 488 });
  });
});

describe('a caller who has ours, too', () => {
  it('is answered in the format of a called party who has nothing else', async () => {
    const bob = await called('101', sdp('107', WIDE));
    const alice = await caller(sdp('8 107 101', [...WIDE, ...KEYS]));
    const theirs = await talk(alice, bob, '101');
    // ours are offered first, whoever prefers what
    expect(formatsOf(theirs.invite!.body, 'audio')).toBe('0 8 9 111 107 101');
    expect(formatsOf(alice.call.remoteSdp, 'audio')).toBe('107 101');
    const said = Buffer.from('f00dfacef00dface', 'hex');
    const port = portOf(alice.call.remoteSdp, 'audio');
    expect(numberOf(await arrives(alice.call.rtp.socket, port, theirs.rtp.socket, 107, said))).toBe(107);
  });

  it('who talks with a machine already is asked to change, and asked back when the machine is to be heard again', async () => {
    const bob = await called('101', sdp('18', G729));
    const alice = await caller(sdp('8 18 101', [...G729, ...KEYS]), false);
    const { puppet, leg, call } = alice;
    await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
    await call.until('answered');
    expect(formatsOf(call.remoteSdp, 'audio')).toBe('8 101');
    const incoming = bob.nextIncoming();
    const other = await dial(puppet, 1, '101');
    await (await incoming).until('answered');
    await puppet.event(other, 'answered');
    // a phone answers a re-INVITE in what it was offered
    alice.phone.onRequest = (method, request) => {
      if (method !== 'INVITE') return false;
      call.localSdp = sdp(formatsOf(request.body, 'audio'), [...G729, ...KEYS])(portOf(call.localSdp, 'audio'));
      return false;
    };
    const bridged = await puppet.order({ kind: 'media.bridge', leg, other }, telephony.instance);
    expect(bridged.result.status).toBe('done');
    expect(formatsOf(call.remoteSdp, 'audio')).toBe('18 101');
    await puppet.order({ kind: 'media.unbridge', leg, other }, telephony.instance);
    await puppet.order({ kind: 'media.play', leg, prompts: [tone(440, 200)], clearDigits: false }, telephony.instance);
    expect(formatsOf(call.remoteSdp, 'audio')).toBe('8 101');
  });

  it('with whom the called party has nothing in common after all is not joined', async () => {
    const bob = await called('101', sdp('18', G729));
    const { puppet, leg, call } = await caller(sdp('8 18', G729), false);
    await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
    await call.until('answered');
    call.phone.onRequest = (method, request, one) => {
      if (method !== 'INVITE') return false;
      one.phone.reply(request, 488, 'Not Acceptable Here', one);
      return true;
    };
    const incoming = bob.nextIncoming();
    const other = await dial(puppet, 1, '101');
    const theirs = await incoming;
    await puppet.event(other, 'answered');
    theirs.phone.onRequest = call.phone.onRequest;
    const { result } = await puppet.order({ kind: 'media.bridge', leg, other }, telephony.instance);
    expect(result).toMatchObject({ status: 'failed', code: 'TEL_FORMATS' });
  });
});

describe('video', () => {
  it('goes between two phones that both have it, on streams of its own', async () => {
    const [here, there] = [await camera(99), await camera(97)];
    const bob = await called('101', (port) => sdp('8 101', KEYS)(port) + there.lines);
    const alice = await caller((port) => sdp('8 101', KEYS)(port) + here.lines);
    const theirs = await talk(alice, bob, '101');
    const offered = theirs.invite!.body;
    expect(formatsOf(offered, 'video')).toBe('99');
    expect(offered).toContain('a=fmtp:99 profile-level-id=42e099');
    const answer = alice.call.remoteSdp;
    expect([formatsOf(answer, 'audio'), formatsOf(answer, 'video')]).toEqual(['8 101', '99']);
    expect(answer).toContain('a=fmtp:99 profile-level-id=42e097');
    const picture = Buffer.alloc(1200, 0x42);
    const arrived = await arrives(here.socket, portOf(answer, 'video'), there.socket, 99, picture);
    expect(numberOf(arrived)).toBe(97);
    expect(arrived.readUInt32BE(8)).toBe(0x0badcafe);
    const back = await arrives(there.socket, portOf(offered, 'video'), here.socket, 97, picture);
    expect(numberOf(back)).toBe(99);
  });

  it('of a phone that is protected goes to one that is not, with keys of its own', async () => {
    const [here, there] = [await camera(99), await camera(97)];
    const key = (fill: number) =>
      `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.alloc(30, fill).toString('base64')}`;
    const bob = await called('101', (port) => sdp('8 101', KEYS)(port) + there.lines);
    const alice = await caller(
      (port) =>
        sdp('8 101', [...KEYS, key(1)])(port).replace('RTP/AVP', 'RTP/SAVP') +
        `${here.lines.replace('RTP/AVP', 'RTP/SAVP')}${key(2)}\r\n`,
    );
    const theirs = await talk(alice, bob, '101');
    const offered = theirs.invite!.body;
    expect(offered).toMatch(/m=video \d+ RTP\/AVP 99/);
    expect(offered).not.toContain('crypto');
    const answer = alice.call.remoteSdp;
    expect(answer).toMatch(/m=video \d+ RTP\/SAVP 99/);
    const keys = [...answer.matchAll(/inline:(\S+)/g)].map(([, text]) => text);
    expect(new Set(keys).size).toBe(2);
    const picture = Buffer.alloc(1000, 0x42);
    const heard = new Promise<Buffer>((resolve) => here.socket.once('message', resolve));
    let sequence = 1;
    const timer = setInterval(() => {
      there.socket.send(packet(97, sequence++, picture), portOf(offered, 'video'), '127.0.0.1');
    }, 20);
    const bytes = await heard.finally(() => clearInterval(timer));
    expect([bytes.length, numberOf(bytes), bytes.includes(picture)]).toEqual([1022, 99, false]);
  });

  it('is declined where the called party has none, or a machine answers', async () => {
    const here = await camera(99);
    const session = (port: number) => sdp('8 101', KEYS)(port) + here.lines;
    const bob = await called('101', sdp('8 101', KEYS));
    const alice = await caller(session);
    await talk(alice, bob, '101');
    expect(portOf(alice.call.remoteSdp, 'audio')).toBeGreaterThan(0);
    expect(alice.call.remoteSdp).toContain('m=video 0 ');
    const { call, puppet, leg } = await caller(session);
    await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
    await call.until('answered');
    expect(call.remoteSdp).toContain('m=video 0 ');
    expect(header(call.finalResponse!, 'content-type')).toBe('application/sdp');
  });
});

describe('video in the course of a call', () => {
  /** Two who talk without; bob's phone shows what it is offered where he has a camera. */
  async function talking(bobsCamera: string | null) {
    const bob = await called('101', sdp('8 101', KEYS));
    const alice = await caller(sdp('8 101', KEYS));
    const theirs = await talk(alice, bob, '101');
    const asked: string[] = [];
    bob.onRequest = (method, request) => {
      if (method !== 'INVITE') return false;
      asked.push(request.body);
      const wants = portOf(request.body, 'video') > 0;
      const plain = sdp('8 101', KEYS)(portOf(theirs.localSdp, 'audio'));
      const lines = wants && bobsCamera !== null ? bobsCamera : 'm=video 0 RTP/AVP 99\r\n';
      theirs.localSdp = request.body.includes('m=video') ? plain + lines : plain;
      return false;
    };
    const plainOf = (port: number) => sdp('8 101', KEYS)(port).replace('o=phone 1 1', 'o=phone 1 2');
    const offers = async (video: string) => {
      alice.call.localSdp = plainOf(portOf(alice.call.localSdp, 'audio')) + video;
      expect(await alice.call.reinvite('sendrecv')).toBe(200);
    };
    return { alice, theirs, asked, offers };
  }

  it('is added when the other takes it, goes both ways, survives a hold, and is taken away again', async () => {
    const [here, there] = [await camera(99), await camera(97)];
    const { alice, asked, offers } = await talking(there.lines);
    await offers(here.lines);
    expect(asked).toHaveLength(1);
    expect(formatsOf(asked[0]!, 'video')).toBe('99');
    expect(asked[0]).toContain('a=fmtp:99 profile-level-id=42e099');
    const answer = alice.call.remoteSdp;
    expect([formatsOf(answer, 'audio'), formatsOf(answer, 'video')]).toEqual(['8 101', '99']);
    expect(answer).toContain('a=fmtp:99 profile-level-id=42e097');
    const picture = Buffer.alloc(1000, 0x24);
    const arrived = await arrives(here.socket, portOf(answer, 'video'), there.socket, 99, picture);
    expect(numberOf(arrived)).toBe(97);
    await arrives(there.socket, portOf(asked[0]!, 'video'), here.socket, 97, picture);
    expect(await alice.call.reinvite('sendonly')).toBe(200);
    expect(portOf(alice.call.remoteSdp, 'video')).toBeGreaterThan(0);
    expect(asked).toHaveLength(1);
    await offers('m=video 0 RTP/AVP 99\r\n');
    expect(portOf(alice.call.remoteSdp, 'audio')).toBeGreaterThan(0);
    await expect.poll(() => asked.length, { timeout: 10_000 }).toBe(2);
    expect(asked[1]).toContain('m=video 0 ');
    await offers(here.lines);
    expect(formatsOf(alice.call.remoteSdp, 'video')).toBe('99');
    await arrives(here.socket, portOf(alice.call.remoteSdp, 'video'), there.socket, 99, Buffer.alloc(900, 7));
  });

  it('is declined where the other declines it, or there is nobody else; both talk on', async () => {
    const here = await camera(99);
    const { alice, theirs, asked, offers } = await talking(null);
    await offers(here.lines);
    expect(asked).toHaveLength(1);
    expect(alice.call.remoteSdp).toContain('m=video 0 ');
    expect([alice.call.state, theirs.state]).toEqual(['answered', 'answered']);
    const alone = await caller(sdp('8 101', KEYS), false);
    await alone.puppet.order({ kind: 'leg.answer', leg: alone.leg }, telephony.instance);
    await alone.call.until('answered');
    alone.call.localSdp += here.lines;
    expect(await alone.call.reinvite('sendrecv')).toBe(200);
    expect(alone.call.remoteSdp).toContain('m=video 0 ');
  });
});

describe('the codecs of an account', () => {
  const setCodecs = (extension: string, codecs: readonly string[] | null, mode: 'preferred' | 'forced' | null) =>
    stage.database.store.db
      .updateTable('directory_user')
      .set({ codecs: codecs && [...codecs], codec_mode: mode })
      .where('extension', '=', extension)
      .execute();
  afterEach(async () => {
    await setCodecs('101', null, null);
    await setCodecs('102', null, null);
  });

  it('come first where they are preferred, and are all there is where they are forced', async () => {
    const bob = await called('101', sdp('9 101', KEYS));
    const { puppet } = await caller(sdp('8 0 9', []));
    const offered = async (n: number): Promise<string> => {
      const incoming = bob.nextIncoming();
      await dial(puppet, n, '101');
      return formatsOf((await incoming).invite!.body, 'audio');
    };
    await setCodecs('101', ['G722', 'opus'], 'preferred');
    expect(await offered(1)).toBe('9 111 0 8 101');
    await setCodecs('101', ['G722'], 'forced');
    expect(await offered(2)).toBe('9 101');
    await setCodecs('101', ['G729'], 'forced');
    const leg = await dial(puppet, 3, '101');
    expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause: 'incompatible', sipStatus: 488 });
  });

  it('hold for its own calls, and for what its phone offers later', async () => {
    await setCodecs('102', ['PCMA', 'G722'], 'forced');
    const phone = await stage.phone('102', silent);
    open.push(phone);
    phone.describe = sdp('0 9 8 101', KEYS);
    const call = await phone.call('202');
    const puppet = await stage.callOf(call);
    const leg = (await puppet.view()).start.inbound!.leg;
    await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
    await call.until('answered');
    expect(formatsOf(call.remoteSdp, 'audio')).toBe('8 101');
    call.localSdp = sdp('0', [])(portOf(call.localSdp, 'audio'));
    expect(await call.reinvite('sendonly')).toBe(488);
    phone.describe = sdp('0', []);
    const refused = await phone.call('202');
    await refused.until('ended');
    expect(refused.finalStatus).toBe(488);
  });
});
