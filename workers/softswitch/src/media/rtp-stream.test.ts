import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CODECS } from './codec/coder.ts';
import { DECODE, ENCODE } from './codec/g711.ts';
import { MediaClock } from './media-clock.ts';
import { newRtpHeader, type RtpHeader, readRtp, writeRtp } from './rtp-packet.ts';
import { openPorts, type PortAllocator, type PortPair } from './rtp-ports.ts';
import { RtpStream } from './rtp-stream.ts';
import { ClipSource } from './source.ts';
import type { StreamTarget } from './stream-target.ts';
import type { ReceivedKey } from './telephone-event.ts';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Arrival {
  readonly header: RtpHeader;
  readonly payload: Buffer;
  readonly atMs: number;
}

class FarEnd {
  readonly arrivals: Arrival[] = [];
  readonly socket: Socket = createSocket('udp4');
  port = 0;
  private sequence = 60_000;
  timestamp = 0xfffff000;

  async open(): Promise<void> {
    this.socket.on('message', (packet) => {
      const header = newRtpHeader();
      if (readRtp(packet, header)) {
        this.arrivals.push({
          header,
          payload: packet.subarray(header.payloadStart, header.payloadEnd),
          atMs: performance.now(),
        });
      }
    });
    await new Promise<void>((resolve) => this.socket.bind(0, '127.0.0.1', () => resolve()));
    this.port = this.socket.address().port;
  }

  send(to: number, payloadType: number, payload: Uint8Array, ssrc = 7): void {
    const packet = Buffer.alloc(12 + payload.length);
    writeRtp(packet, payloadType, false, this.sequence++, this.timestamp, ssrc);
    packet.set(payload, 12);
    this.timestamp = (this.timestamp + 160) >>> 0;
    this.socket.send(packet, to, '127.0.0.1');
  }
}

describe('RTP stream', () => {
  const clock = new MediaClock(() => undefined);
  let ports: PortAllocator;
  const pairs: PortPair[] = [];
  const streams: RtpStream[] = [];
  const fars: FarEnd[] = [];
  beforeEach(() => {
    const first = 20_000 + Math.floor(Math.random() * 20_000) * 2;
    ports = openPorts(`${first}-${first + 99}`, '127.0.0.1');
    clock.start();
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
    for (const pair of pairs.splice(0)) ports.release(pair);
    for (const far of fars.splice(0)) far.socket.close();
    clock.stop();
    expect(ports.inUse()).toBe(0);
  });

  async function makeStream(codec: 'PCMU' | 'PCMA' = 'PCMU', keys: ReceivedKey[] = []) {
    const far = new FarEnd();
    await far.open();
    fars.push(far);
    const pair = await ports.allocate();
    pairs.push(pair);
    const stream = new RtpStream(
      pair,
      clock,
      { sent: 0, received: 0, channels: 0 },
      { onKey: (key) => keys.push(key) },
    );
    const target: StreamTarget = {
      address: '127.0.0.1',
      port: far.port,
      codec,
      payload: CODECS[codec].payload,
      receivedPayload: CODECS[codec].payload,
      keyPayload: 101,
      receivedKeyPayload: 101,
      keyRate: 8000,
      send: true,
      receive: true,
      terms: { security: null, ice: null, rtcpMux: false },
    };
    stream.setTarget(target);
    streams.push(stream);
    return { far, stream, target, port: pair.port };
  }

  it('sends the first packet before play returns, then one each 20 ms; marker only at the begin', async () => {
    const { far, stream } = await makeStream();
    const asked = performance.now();
    await new Promise<void>((resolve) => stream.play(new ClipSource(new Int16Array(1600).fill(1000), 1, 0), resolve));
    await sleep(10);
    expect(far.arrivals).toHaveLength(10);
    expect(far.arrivals[0]!.atMs - asked).toBeLessThan(15);
    expect(far.arrivals.map((each) => each.header.marker)).toEqual([true, ...Array(9).fill(false)]);
    expect(DECODE.PCMU[far.arrivals[3]!.payload[0]!]).toBeGreaterThan(950);
  });

  it('numbers run on over prompts, times follow the clock over a pause', async () => {
    const { far, stream } = await makeStream();
    const clip = () => new ClipSource(new Int16Array(480).fill(9), 1, 0);
    await new Promise<void>((resolve) => stream.play(clip(), resolve));
    await sleep(200);
    await new Promise<void>((resolve) => stream.play(clip(), resolve));
    await sleep(10);
    const headers = far.arrivals.map((each) => each.header);
    expect(new Set(headers.map((each) => each.ssrc)).size).toBe(1);
    expect(headers.map((each) => (each.sequence - headers[0]!.sequence) & 0xffff)).toEqual([0, 1, 2, 3, 4, 5]);
    const jump = (headers[3]!.timestamp - headers[2]!.timestamp) >>> 0;
    expect(jump).toBeGreaterThan(180 * 8);
    expect(jump).toBeLessThan(400 * 8);
    expect(headers[3]!.marker).toBe(true);
  });

  it('many cut prompts do not push the timestamps ahead of the clock', async () => {
    const { far, stream } = await makeStream();
    const started = performance.now();
    for (let i = 0; i < 30; i++) {
      stream.play(new ClipSource(new Int16Array(8000), 1, 0), () => undefined);
      await sleep(3);
      stream.stopPlaying();
    }
    await sleep(700);
    stream.play(new ClipSource(new Int16Array(160), 1, 0), () => undefined);
    await sleep(15);
    const elapsed = (performance.now() - started) * 8;
    const stamps = far.arrivals.map((each) => each.header.timestamp);
    expect(Math.abs(((stamps.at(-1)! - stamps[0]!) >>> 0) - elapsed)).toBeLessThan(40 * 8);
  });

  it('a bridge forwards at once, keeps order and spacing, and converts the codec', async () => {
    const a = await makeStream('PCMU');
    const b = await makeStream('PCMA');
    a.stream.bridgeTo(b.stream);
    b.stream.bridgeTo(a.stream);
    const samples = Int16Array.from({ length: 160 }, (_, i) => Math.round(8000 * Math.sin(i / 5)));
    const frame = Uint8Array.from(samples, (sample) => ENCODE.PCMU[sample + 32768]!);
    for (let i = 0; i < 5; i++) {
      // The third packet is lost on the way.
      if (i === 2) a.far.timestamp = (a.far.timestamp + 160) >>> 0;
      a.far.send(a.port, 0, frame);
      await sleep(5);
    }
    await sleep(20);
    const got = b.far.arrivals;
    expect(got).toHaveLength(5);
    expect(got.every((each) => each.header.payloadType === 8)).toBe(true);
    expect(got.slice(1).map((each, i) => (each.header.timestamp - got[i]!.header.timestamp) >>> 0)).toEqual([
      160, 320, 160, 160,
    ]);
    for (let i = 0; i < 160; i++) {
      expect(Math.abs(DECODE.PCMA[got[4]!.payload[i]!]! - samples[i]!)).toBeLessThan(
        Math.max(60, Math.abs(samples[i]!) / 12),
      );
    }
    expect(a.far.arrivals).toHaveLength(0);
  });

  it('a bridge after a prompt goes on with the same numbers', async () => {
    const a = await makeStream();
    const b = await makeStream();
    await new Promise<void>((resolve) => b.stream.play(new ClipSource(new Int16Array(320), 1, 0), resolve));
    a.stream.bridgeTo(b.stream);
    for (let i = 0; i < 3; i++) a.far.send(a.port, 0, new Uint8Array(160));
    await sleep(30);
    const sequences = b.far.arrivals.map((each) => each.header.sequence);
    expect(sequences.map((each) => (each - sequences[0]!) & 0xffff)).toEqual([0, 1, 2, 3, 4]);
  });

  it('answers where packets come from, and drops a stranger', async () => {
    const keys: ReceivedKey[] = [];
    const { far, stream, port, target } = await makeStream('PCMU', keys);
    stream.setTarget({ ...target, port: 9 });
    far.send(port, 0, new Uint8Array(160));
    await sleep(20);
    stream.play(new ClipSource(new Int16Array(160), 1, 0), () => undefined);
    await sleep(20);
    expect(far.arrivals).toHaveLength(1);
    const stranger = new FarEnd();
    await stranger.open();
    fars.push(stranger);
    stranger.send(port, 101, Buffer.from([5, 0x8a, 3, 32]), 99);
    await sleep(20);
    expect(keys).toEqual([]);
    far.send(port, 101, Buffer.from([5, 0x8a, 3, 32]));
    await sleep(20);
    expect(keys.map((each) => each.key)).toEqual(['5']);
  });

  it('sends nothing while held, and survives any bytes', async () => {
    const { far, stream, port, target } = await makeStream();
    stream.setTarget({ ...target, send: false });
    stream.play(new ClipSource(new Int16Array(800), 1, 0), () => undefined);
    for (let length = 0; length < 1500; length += 37) {
      far.socket.send(Buffer.alloc(length, length & 0xff), port, '127.0.0.1');
      far.socket.send(Buffer.concat([Buffer.from([0xbf, 0]), Buffer.alloc(length, 0xff)]), port, '127.0.0.1');
    }
    await sleep(60);
    expect(far.arrivals).toHaveLength(0);
    expect(stream.reception.packets).toBe(0);
  });

  it('keys are sent as events over a running prompt, with one timestamp each', async () => {
    const { far, stream } = await makeStream();
    stream.play(new ClipSource(new Int16Array(8000), 1, 0), () => undefined);
    expect(stream.sendKey('5', 800)).toBe(true);
    await sleep(400);
    const events = far.arrivals.filter((each) => each.header.payloadType === 101);
    expect(new Set(events.map((each) => each.header.timestamp)).size).toBe(1);
    expect(events.filter((each) => each.payload[1]! & 0x80)).toHaveLength(3);
    expect(far.arrivals.at(-1)!.header.payloadType).toBe(0);
  });

  it('ports: even, in pairs, each once, and a clear error when none is left', async () => {
    // below the ports that the system hands out, so that no other socket of this machine takes one
    const from = 10_000 + 4 * Math.floor(Math.random() * 2000);
    const small = openPorts(`${from}-${from + 3}`, '127.0.0.1');
    const first = await small.allocate();
    const second = await small.allocate();
    expect([first.port, second.port].toSorted()).toEqual([from, from + 2]);
    await expect(small.allocate()).rejects.toMatchObject({ code: 'MED_NO_PORT' });
    small.release(first);
    const third = await small.allocate();
    expect(third.port).toBe(first.port);
    small.release(second);
    small.release(third);
    expect(() => openPorts('5-x', '127.0.0.1')).toThrow(expect.objectContaining({ code: 'MED_BAD_PORT_RANGE' }));
  });
});
