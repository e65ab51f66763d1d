/** What an ill-meaning neighbour sends: mangled messages, random bytes, connections that never finish. Bounded, and paced like a flood. */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const HOST = '127.0.0.1';

export async function udpSocket(address = HOST): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}

/** The message with a few of its bytes changed, taken out or put in. */
export function mangled(seed: Buffer): Buffer {
  let bytes = Buffer.from(seed);
  for (let change = randomInt(1, 6); change > 0; change--) {
    const at = randomInt(Math.max(1, bytes.length));
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
    const ways = [
      () => Buffer.concat([head, randomBytes(randomInt(1, 20)), tail]),
      () => Buffer.concat([head, tail.subarray(randomInt(1, 30))]),
      () => Buffer.concat([head, randomBytes(1), tail.subarray(1)]),
    ];
    bytes = ways[randomInt(ways.length)]!() as Buffer<ArrayBuffer>;
  }
  return bytes;
}

/** `count` datagrams to a port, about two thousand a second. */
export async function flood(port: number, count: number, next: (n: number) => Buffer): Promise<void> {
  const socket = await udpSocket();
  for (let n = 0; n < count; n++) {
    socket.send(next(n), port, HOST);
    if (n % 20 === 19) await sleep(10);
  }
  await sleep(50);
  socket.close();
}

/** RTP as another source would send it, to steal or to drown a stream. */
export function foreignRtp(n: number): Buffer {
  const packet = Buffer.alloc(172, randomInt(256));
  packet.writeUInt16BE(0x80_00 | (n % 3 === 0 ? 101 : 0), 0);
  packet.writeUInt16BE(n & 0xff_ff, 2);
  packet.writeUInt32BE(n * 160, 4);
  packet.writeUInt32BE(0x0bad_cafe, 8);
  return packet;
}

export async function open(port: number): Promise<TcpSocket> {
  const socket = connect(port, HOST);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Connections that send something, then finish, break or stand still; all are gone at the end. */
export async function scribble(port: number, count: number, next: (n: number) => Buffer): Promise<void> {
  const sockets: TcpSocket[] = [];
  for (let n = 0; n < count; n++) {
    const socket = await open(port);
    sockets.push(socket);
    socket.write(next(n));
    if (n % 3 === 0) socket.end();
    if (n % 3 === 1) setTimeout(() => socket.destroy(), 20);
    await sleep(2);
  }
  await sleep(100);
  for (const socket of sockets) socket.destroy();
}

/** Everything that was answered to one message, until nothing more has come for a while. */
export async function answerOf(port: number, message: (port: number) => Buffer, patienceMs = 400): Promise<string[]> {
  const socket = await udpSocket();
  const got: string[] = [];
  socket.on('message', (bytes) => got.push(bytes.toString('latin1')));
  socket.send(message(socket.address().port), port, HOST);
  for (let waited = 0; waited < patienceMs && !got.some((one) => /^SIP\/2\.0 [2-6]/.test(one)); waited += 10)
    await sleep(10);
  socket.close();
  return got;
}
