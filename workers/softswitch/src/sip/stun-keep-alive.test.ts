import { createSocket } from 'node:dgram';
import { expect, it } from 'vitest';
import { isStun, stunAnswer } from './stun-keep-alive.ts';
import { openUdp } from './udp-transport.ts';

/** The header of RFC 5769 §2.1, without attributes. */
const REQUEST = Buffer.from('000100002112a442b7e7a701bc34d686fa87dfae', 'hex');

it('answers a Binding request with where it came from', () => {
  // the address and its form of RFC 5769 §2.2
  const answer = stunAnswer(REQUEST, '192.0.2.1', 32853)!;
  expect(answer.toString('hex')).toBe('0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643');
});

it.each([
  ['an indication', (packet: Buffer) => packet.writeUInt16BE(0x0011, 0)],
  ['a length that lies', (packet: Buffer) => packet.writeUInt16BE(4, 2)],
])('says nothing to %s', (_, change) => {
  const packet = Buffer.from(REQUEST);
  change(packet);
  expect(isStun(packet)).toBe(true);
  expect(stunAnswer(packet, '192.0.2.1', 1)).toBeNull();
});

it('SIP is no STUN', () => {
  expect(isStun(Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n\r\n'))).toBe(false);
  expect(isStun(REQUEST.subarray(0, 19))).toBe(false);
});

it('is answered on the port of SIP, and nobody else hears of it', async () => {
  const messages: Buffer[] = [];
  const handlers = { onMessage: (bytes: Buffer) => messages.push(bytes), onDropped: () => {} };
  const transport = await openUdp({ host: '127.0.0.1', port: 0 } as never, handlers as never);
  const phone = createSocket('udp4');
  await new Promise<void>((resolve) => phone.bind(0, '127.0.0.1', resolve));
  const answered = new Promise<Buffer>((resolve) => phone.once('message', resolve));
  phone.send(REQUEST, transport.port, '127.0.0.1');
  expect((await answered).subarray(8, 20).equals(REQUEST.subarray(8, 20))).toBe(true);
  expect(messages).toEqual([]);
  phone.close();
  await transport.close();
});
