import type { Socket } from 'node:dgram';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MediaClock } from './media-clock.ts';
import { openPorts } from './rtp-ports.ts';
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
  const target = { address: '127.0.0.1', port, rtcpMux: false, send: true, receive: true, ...more };
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
    const place = { address: '127.0.0.1', port: bob.port, formats, rtcpMux: false, receive: true };
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
