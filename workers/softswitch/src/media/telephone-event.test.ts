import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { END_LOST_MS, EVENT_KEYS, KeyReceiver, KeySender } from './telephone-event.ts';

interface Packet {
  readonly payload: Buffer;
  readonly timestamp: number;
}

function payload(key: string, duration: number, end: boolean): Buffer {
  const bytes = Buffer.alloc(4);
  bytes[0] = EVENT_KEYS.indexOf(key);
  bytes[1] = (end ? 0x80 : 0) | 10;
  bytes.writeUInt16BE(duration, 2);
  return bytes;
}

/** All packets of a key: updates every 20 ms, three end packets. */
function packetsOf(key: string, timestamp: number, frames: number): Packet[] {
  const updates = Array.from({ length: frames }, (_, i) => ({
    payload: payload(key, (i + 1) * 160, false),
    timestamp,
  }));
  const ends = Array.from({ length: 3 }, () => ({ payload: payload(key, (frames + 1) * 160, true), timestamp }));
  return [...updates, ...ends];
}

function feed(receiver: KeyReceiver, packet: Packet, nowMs: number) {
  return receiver.receive(packet.payload, 0, packet.payload.length, packet.timestamp, nowMs);
}

describe('receiving keys', () => {
  it('knows a key at its first packet and reports it once, at the first end packet', () => {
    const receiver = new KeyReceiver();
    const packets = packetsOf('7', 1000, 5);
    const reports = packets.map((packet, i) => feed(receiver, packet, i * 20));
    expect(reports.map((each) => each.length)).toEqual([0, 0, 0, 0, 0, 1, 0, 0]);
    expect(reports[5]![0]).toEqual({ key: '7', duration: 960, timestamp: 1000 });
  });

  it('reports a key whose end packets are all lost, after a time or when the next one begins', () => {
    const receiver = new KeyReceiver();
    for (const packet of packetsOf('1', 1000, 4).slice(0, 4)) feed(receiver, packet, 100);
    expect(receiver.expire(100 + END_LOST_MS - 1)).toBeNull();
    expect(receiver.expire(100 + END_LOST_MS)?.key).toBe('1');
    expect(receiver.expire(1000)).toBeNull();
    for (const packet of packetsOf('2', 5000, 4).slice(0, 4)) feed(receiver, packet, 300);
    expect(feed(receiver, packetsOf('3', 9000, 1)[0]!, 400).map((each) => each.key)).toEqual(['2']);
  });

  it('ignores events that are no keys and payloads cut short', () => {
    const receiver = new KeyReceiver();
    expect(receiver.receive(Buffer.from([32, 0x80, 0, 160]), 0, 4, 1, 0)).toEqual([]);
    expect(receiver.receive(Buffer.from([1, 0x80]), 0, 2, 1, 0)).toEqual([]);
    expect(receiver.active).toBe(false);
  });

  it('every key is reported exactly once and in order, whatever is doubled, and lost but for one packet of each', () => {
    const presses = fc.array(
      fc.record({
        key: fc.constantFrom(...EVENT_KEYS),
        frames: fc.integer({ min: 1, max: 8 }),
        kept: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        doubled: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        swapped: fc.integer({ min: 0, max: 9 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(presses, fc.integer({ min: 0, max: 0xffffffff }), (list, base) => {
        const receiver = new KeyReceiver();
        const reported: string[] = [];
        let nowMs = 0;
        list.forEach((press, index) => {
          const sent = packetsOf(press.key, (base + index * 4000) >>> 0, press.frames);
          let arrived = sent.filter((_, i) => press.kept[i]);
          if (arrived.length === 0) arrived = [sent[0]!];
          arrived = arrived.flatMap((packet, i) => (press.doubled[i] ? [packet, packet] : [packet]));
          const at = press.swapped % arrived.length;
          if (at > 0) [arrived[at - 1], arrived[at]] = [arrived[at]!, arrived[at - 1]!];
          for (const packet of arrived) {
            nowMs += 20;
            for (const key of feed(receiver, packet, nowMs)) reported.push(key.key);
          }
        });
        const last = receiver.expire(nowMs + END_LOST_MS);
        if (last) reported.push(last.key);
        expect(reported.join('')).toBe(list.map((press) => press.key).join(''));
      }),
      { numRuns: 500 },
    );
  });

  it('a late packet of an earlier key changes nothing', () => {
    const receiver = new KeyReceiver();
    const first = packetsOf('1', 1000, 3);
    const second = packetsOf('2', 3000, 3);
    for (const packet of first) feed(receiver, packet, 0);
    feed(receiver, second[0]!, 50);
    expect(feed(receiver, first[1]!, 60)).toEqual([]);
    expect(receiver.active).toBe(true);
    expect(feed(receiver, second[4]!, 70).map((each) => each.key)).toEqual(['2']);
  });
});

describe('sending keys', () => {
  it('what it sends is what the receiver understands', () => {
    const sender = new KeySender();
    const receiver = new KeyReceiver();
    for (const key of '12*D') expect(sender.push(key, 800)).toBe(true);
    const out = Buffer.alloc(4);
    const reported: string[] = [];
    let timestamp = 0;
    let event = 0;
    for (let frame = 0; sender.busy && frame < 500; frame++) {
      timestamp += 160;
      const written = sender.next(out, 0, 160);
      if (!written) continue;
      if (written.first) event = timestamp;
      for (const key of receiver.receive(out, 0, 4, event, frame * 20)) reported.push(`${key.key}${key.duration}`);
    }
    expect(reported).toEqual(['1800', '2800', '*800', 'D800']);
    expect(sender.busy).toBe(false);
  });

  it('refuses what is no key and more than it can hold', () => {
    const sender = new KeySender();
    for (const key of ['x', '', '12', ' ']) expect(sender.push(key, 800)).toBe(false);
    for (let i = 0; i < 128; i++) sender.push('1', 800);
    expect(sender.push('1', 800)).toBe(false);
  });
});
