/** A phone on a bare UDP, TCP, TLS or WebSocket connection. It writes and reads text; it knows no transactions, so that every byte is the test's choice. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import type { ServerUnderTest } from './server-under-test.ts';

export const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';
const WAIT_MS = 4_000;

type Protocol = 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';

export interface Phone {
  readonly protocol: Protocol;
  readonly port: number;
  /** All that came and was not taken yet. */
  readonly got: string[];
  send(text: string): void;
  /** The first message not taken that matches; takes it. */
  next(pattern: RegExp): Promise<string>;
  /** Everything that comes within that time. */
  quiet(milliseconds: number): Promise<string[]>;
  close(): void;
}

const openPhones: Phone[] = [];

/** Closes every phone of the test, when what they sent has gone. */
export async function closePhones(): Promise<void> {
  await sleep(20);
  for (const phone of openPhones.splice(0)) phone.close();
}

function phoneOn(protocol: Protocol, port: number, send: (text: string) => void, close: () => void) {
  const got: string[] = [];
  const waiters = new Set<() => void>();
  const phone: Phone = {
    protocol,
    port,
    got,
    send,
    next: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const at = got.findIndex((text) => pattern.test(text));
          if (at < 0) return;
          clearTimeout(timer);
          waiters.delete(look);
          resolve(got.splice(at, 1)[0]!);
        };
        const timer = setTimeout(() => {
          waiters.delete(look);
          reject(new Error(`no ${pattern} came; the phone has ${JSON.stringify(got)}`));
        }, WAIT_MS);
        waiters.add(look);
        look();
      }),
    async quiet(milliseconds) {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return got.splice(0);
    },
    close,
  };
  openPhones.push(phone);
  const seen = new Set<string>();
  const take = (text: string): void => {
    // A busy machine is slower than the short T1 of the tests: the same request again is a retransmission, not the next one.
    const repeatable = /^(SIP\/2\.0|ACK) /.test(text);
    if (!repeatable && seen.has(text)) return;
    seen.add(text);
    got.push(text);
    for (const wake of waiters) wake();
  };
  return { phone, take };
}

/** A phone on UDP. */
export async function udpPhone(server: ServerUnderTest): Promise<Phone> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const send = (text: string): void => socket.send(Buffer.from(text), server.sipPort, server.sipHost);
  const { phone, take } = phoneOn('UDP', socket.address().port, send, () => socket.close());
  socket.on('message', (bytes) => take(bytes.toString('utf8')));
  return phone;
}

/** A phone on one TCP connection to the server. */
export async function tcpPhone(server: ServerUnderTest): Promise<Phone> {
  const socket = connect(server.sipPort, server.sipHost);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return streamPhone('TCP', socket);
}

/** A phone on one TLS connection to the server, whose certificate it takes as it is. */
export async function tlsPhone(server: ServerUnderTest): Promise<Phone> {
  const socket = connectTls({ port: server.sipsPort!, host: server.sipHost, rejectUnauthorized: false });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return streamPhone('TLS', socket);
}

/** A browser's phone: each frame is a message (RFC 7118). */
export async function wsPhone(server: ServerUnderTest, protocol: 'WS' | 'WSS'): Promise<Phone> {
  const port = protocol === 'WS' ? server.wsPort! : server.wssPort!;
  const url = `${protocol.toLowerCase()}://${server.sipHost}:${port}`;
  const socket = new WebSocket(url, ['sip'], { rejectUnauthorized: false });
  socket.on('error', () => {});
  await once(socket, 'open');
  // a browser cannot know its own port; the test may
  const local = (socket as unknown as { _socket: Socket })._socket.localPort!;
  const { phone, take } = phoneOn(
    protocol,
    local,
    (text) => socket.send(text),
    () => socket.terminate(),
  );
  socket.on('message', (data, binary) => take(binary ? `binary ${data}` : String(data)));
  return phone;
}

function streamPhone(protocol: 'TCP' | 'TLS', socket: Socket): Phone {
  const { phone, take } = phoneOn(
    protocol,
    socket.localPort!,
    (text) => void socket.write(text),
    () => socket.destroy(),
  );
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/^(?:Content-Length|l):\s*(\d+)/im.exec(pending.subarray(0, end + 2).toString())?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      take(pending.subarray(0, end + 4 + length).toString('utf8'));
      pending = pending.subarray(end + 4 + length);
    }
  });
  return phone;
}

/** Contact of a phone; a browser has no address to give (RFC 7118 §5). */
function contact(user: string, { protocol, port }: Phone): string {
  if (protocol === 'UDP') return `<sip:${user}@127.0.0.1:${port}>`;
  if (protocol === 'WS' || protocol === 'WSS') return `<sip:${user}@browser-${port}.invalid;transport=ws>`;
  return `<sip:${user}@127.0.0.1:${port};transport=${protocol.toLowerCase()}>`;
}

/** What the phone names itself in Via. */
const sentBy = ({ protocol, port }: Phone): string =>
  protocol === 'WS' || protocol === 'WSS' ? `browser-${port}.invalid` : `127.0.0.1:${port}`;

export const token = (): string => randomBytes(6).toString('hex');

/** Value of a header in SIP text, or undefined. */
export function field(text: string, name: string): string | undefined {
  return new RegExp(`^${name}[ \\t]*:[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(text)?.[1];
}

/** The tag parameter of a header. */
export const tag = (text: string, name: string): string | undefined =>
  /;tag=([^;>\s]+)/.exec(field(text, name) ?? '')?.[1];

export interface Call {
  readonly callId: string;
  readonly fromTag: string;
  readonly branch: string;
  readonly uri: string;
}

/** Fresh identifiers of one call to the server. */
export function newCall(server: ServerUnderTest, user = 'service'): Call {
  return {
    callId: token(),
    fromTag: token(),
    branch: `z9hG4bK${token()}`,
    uri: `sip:${user}@${server.sipHost}:${server.sipPort}`,
  };
}

/** A request of the phone as caller. `toTag` and a new branch make it one of the dialog. */
export function request(
  phone: Phone,
  call: Call,
  method: string,
  parts: {
    cseq?: number;
    toTag?: string;
    branch?: string;
    uri?: string;
    headers?: readonly string[];
    body?: string;
  } = {},
): string {
  const { cseq = 1, toTag, branch = call.branch, uri = call.uri, headers = [], body = '' } = parts;
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/${phone.protocol} ${sentBy(phone)};branch=${branch};rport`,
    'Max-Forwards: 70',
    `From: <sip:alice@127.0.0.1>;tag=${call.fromTag}`,
    `To: <${call.uri}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${call.callId}`,
    `CSeq: ${cseq} ${method}`,
    `Contact: ${contact('alice', phone)}`,
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** A response of the phone to a request it got. */
export function response(
  phone: Phone,
  got: string,
  status: string,
  parts: { toTag?: string; headers?: readonly string[]; body?: string; contact?: boolean } = {},
): string {
  const { toTag, headers = [], body = '', contact: named = true } = parts;
  const to = field(got, 'To')!;
  const vias = [...got.matchAll(/^Via:.*$/gim)].map((match) => match[0].trimEnd());
  const routes = [...got.matchAll(/^Record-Route:.*$/gim)].map((match) => match[0].trimEnd());
  return [
    `SIP/2.0 ${status}`,
    ...vias,
    ...routes,
    `From: ${field(got, 'From')}`,
    `To: ${to}${toTag === undefined || to.includes('tag=') ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${field(got, 'Call-ID')}`,
    `CSeq: ${field(got, 'CSeq')}`,
    ...(named ? [`Contact: ${contact('bob', phone)}`] : []),
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
