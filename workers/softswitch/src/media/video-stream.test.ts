import type { Socket } from 'node:dgram';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MediaClock } from './media-clock.ts';
import { openPorts } from './rtp-ports.ts';
import { newMasterKey } from './secure/sdes.ts';
import { SrtcpReceiver, SrtpReceiver, SrtpSender } from './secure/srtp.ts';
import type { VideoTarget } from './video-sdp.ts';
import { VideoStream } from './video-stream.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

/** A far end on the pair of ports that its SDP names. */
async function farEnd(): Promise<{ readonly rtp: Socket; readonly rtcp: Socket; readonly port: number }> {
  const pair = await openPorts('24000-28999', '127.0.0.1').allocate();
  undo.push(() => {
    pair.rtp.close();
    pair.rtcp.close();
  });
  return pair;
}

async function streamFor(port: number, formats: [number, string][], more: Partial<VideoTarget> = {}) {
  const ports = openPorts('24000-28999', '127.0.0.1');
  const pair = await ports.allocate();
  const traffic = { sent: 0, received: 0, channels: 0 };
  const stream = new VideoStream(pair, new MediaClock(() => {}), traffic);
  const target = { address: '127.0.0.1', port, rtcpMux: false, security: null, send: true, receive: true, ...more };
  stream.setTarget({ ...target, formats: new Map(formats) });
  undo.push(() => {
    stream.close();
    ports.release(pair);
  });
  return { stream, traffic };
}

const next = (socket: Socket): Promise<Buffer> => new Promise((resolve) => socket.once('message', resolve));

function packet(payload: number, marker: boolean, bytes: number): Buffer {
  const made = Buffer.alloc(12 + bytes, 0xa5);
  made[0] = 0x80;
  made[1] = (marker ? 0x80 : 0) | payload;
  made.writeUInt16BE(4711, 2);
  made.writeUInt32BE(90_000, 4);
  made.writeUInt32BE(0xdecafbad, 8);
  return made;
}

const H264: [number, string][] = [[99, 'h264/90000']];
const AS_97: [number, string][] = [[97, 'h264/90000']];

async function pairOf(more: Partial<VideoTarget> = {}) {
  const [alice, bob] = [await farEnd(), await farEnd()];
  const { stream: a, traffic } = await streamFor(alice.port, H264);
  const { stream: b } = await streamFor(bob.port, AS_97, more);
  a.bridgeTo(b);
  b.bridgeTo(a);
  return { alice, bob, a, b, received: () => traffic.received };
}

describe('video of a party that is protected', () => {
  const profile = 'AES_CM_128_HMAC_SHA1_80' as const;

  /** Bob's stream is protected; what he sends and hears is closed and opened here. */
  async function secured() {
    const [ours, his] = [newMasterKey(), newMasterKey()];
    const security = { kind: 'sdes', profile, send: ours, receive: his } as const;
    const pair = await pairOf({ security });
    const [sender, receiver] = [new SrtpSender(profile, his), new SrtpReceiver(profile, ours)];
    const closed = (plain: Buffer): Buffer => {
      const room = Buffer.concat([plain, Buffer.alloc(10)]);
      return room.subarray(0, sender.protect(room, plain.length));
    };
    const opened = (bytes: Buffer): Buffer => bytes.subarray(0, receiver.unprotect(bytes));
    return { ...pair, sender, reports: new SrtcpReceiver(ours), closed, opened, security };
  }

  it('is opened for the other and closed for him, each source with numbers of its own', async () => {
    const { alice, bob, a, b, closed, opened } = await secured();
    for (const ssrc of [0xdecafbad, 0x1234_5678]) {
      const sent = packet(99, true, 1200);
      sent.writeUInt32BE(ssrc, 8);
      const arrived = next(bob.rtp);
      alice.rtp.send(sent, a.ports.port, '127.0.0.1');
      const bytes = await arrived;
      expect(bytes.length).toBe(sent.length + 10);
      expect(bytes.subarray(12, 1212).equals(sent.subarray(12))).toBe(false);
      expect(opened(bytes).subarray(12).equals(sent.subarray(12))).toBe(true);
    }
    const plain = packet(97, false, 700);
    const heard = next(alice.rtp);
    bob.rtp.send(closed(plain), b.ports.port, '127.0.0.1');
    expect((await heard).subarray(12).equals(plain.subarray(12))).toBe(true);
  });

  it('forged and repeated packets go nowhere; repeated terms begin nothing anew', async () => {
    const { alice, bob, b, closed, security } = await secured();
    const heard: Buffer[] = [];
    alice.rtp.on('message', (bytes) => heard.push(bytes));
    const first = closed(packet(97, false, 100));
    const forged = Buffer.from(first);
    forged[20] = (forged[20] as number) ^ 1;
    for (const bytes of [forged, first, first]) bob.rtp.send(bytes, b.ports.port, '127.0.0.1');
    await vi.waitFor(() => expect(heard).toHaveLength(1), 10_000);
    const target = { address: '127.0.0.1', port: bob.port, formats: new Map(AS_97), rtcpMux: false };
    b.setTarget({ ...target, security, send: true, receive: true });
    const second = packet(97, false, 50);
    second.writeUInt16BE(4712, 2);
    bob.rtp.send(first, b.ports.port, '127.0.0.1');
    bob.rtp.send(closed(second), b.ports.port, '127.0.0.1');
    await vi.waitFor(() => expect(heard.map(({ length }) => length)).toEqual([112, 62]), 10_000);
  });

  it('has its reports opened and closed, too', async () => {
    const { alice, bob, a, b, sender, reports } = await secured();
    const wants = Buffer.from('81ce0002decafbad00000001', 'hex');
    const asked = next(alice.rtcp);
    bob.rtcp.send(sender.protectRtcp(wants), b.ports.port + 1, '127.0.0.1');
    expect((await asked).equals(wants)).toBe(true);
    const told = next(bob.rtcp);
    alice.rtcp.send(wants, a.ports.port + 1, '127.0.0.1');
    const bytes = await told;
    expect(bytes.length).toBe(wants.length + 14);
    const copy = Buffer.from(bytes);
    expect(bytes.subarray(0, reports.unprotect(bytes)).equals(wants)).toBe(true);
    expect(reports.unprotect(copy)).toBe(-1);
  });
});

describe('video between two parties', () => {
  it('arrives as it was sent, but for the number of its format', async () => {
    const { alice, bob, a } = await pairOf();
    const sent = packet(99, true, 1200);
    const arrived = next(bob.rtp);
    alice.rtp.send(sent, a.ports.port, '127.0.0.1');
    const expected = Buffer.from(sent);
    expected[1] = 0x80 | 97;
    expect((await arrived).equals(expected)).toBe(true);
  });

  it('has its reports passed on, to the port of the packets where the far end wants them there', async () => {
    const { alice, bob, b } = await pairOf({ rtcpMux: true });
    const wants = Buffer.from('81ce0002decafbad00000001', 'hex');
    const asked = next(alice.rtcp);
    bob.rtp.send(wants, b.ports.port, '127.0.0.1');
    expect((await asked).equals(wants)).toBe(true);
  });

  it('goes nowhere in a format the other has not, nor to one who holds', async () => {
    const { alice, bob, a, b, received } = await pairOf();
    const heard: number[] = [];
    bob.rtp.on('message', (bytes) => heard.push(bytes.length));
    const send = async (payload: number, bytes: number, count: number): Promise<void> => {
      alice.rtp.send(packet(payload, false, bytes), a.ports.port, '127.0.0.1');
      await vi.waitFor(() => expect(received()).toBe(count), 10_000);
    };
    const formats = new Map(AS_97);
    const place = { address: '127.0.0.1', port: bob.port, formats, rtcpMux: false, security: null, receive: true };
    b.setTarget({ ...place, send: false });
    await send(99, 20, 1);
    b.setTarget({ ...place, formats: new Map([[97, 'vp8/90000']]), send: true });
    await send(99, 30, 2);
    b.setTarget({ ...place, send: true });
    const last = next(bob.rtp);
    await send(99, 40, 3);
    expect((await last).length).toBe(52);
    expect(heard).toEqual([52]);
  });
});
