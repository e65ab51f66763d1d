/** DTLS-SRTP against OpenSSL in both roles, against ourselves, and against those who only pretend. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Certificate, makeCertificate } from '../../tls-certificate.ts';
import { createDtlsEngine, type DtlsAssociation, type DtlsEngine, type DtlsKeys, type DtlsRole } from './dtls.ts';

const HOST = '127.0.0.1';
const EXPORT = '-keymatexport EXTRACTOR-dtls_srtp -keymatexportlen 60'.split(' ');
const openssl = spawnSync('openssl', ['version']).status === 0;

let engine: DtlsEngine;
let folder: string;
let other: Certificate;
const children: ChildProcess[] = [];
const sockets: Socket[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callwright-dtls-'));
  engine = await createDtlsEngine(HOST);
  other = await makeCertificate('phone.example');
  writeFileSync(join(folder, 'cert.pem'), other.cert);
  writeFileSync(join(folder, 'key.pem'), other.key);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const socket of sockets.splice(0)) socket.close();
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const fingerprint = ({ cert }: Certificate, type = 'sha-256') => ({
  type,
  hash: createHash(type.replace('-', ''))
    .update(new X509Certificate(cert).raw)
    .digest('hex')
    .toUpperCase()
    .replace(/..(?=.)/g, '$&:'),
});

async function udp(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, HOST);
  sockets.push(socket);
  await once(socket, 'listening');
  return socket;
}

function run(...args: string[]): { text(): string } {
  const files = ['-cert', join(folder, 'cert.pem'), '-key', join(folder, 'key.pem')];
  const child = spawn('openssl', [...args, ...files, ...EXPORT]);
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      text += data;
    });
  }
  return { text: () => text };
}

/** Client key, server key, client salt, server salt (RFC 5764 §4.2). */
const material = (role: DtlsRole, { send, receive }: DtlsKeys): string => {
  const [client, server] = role === 'client' ? [send, receive] : [receive, send];
  return Buffer.concat([client.key, server.key, client.salt, server.salt]).toString('hex').toUpperCase();
};

it.skipIf(!openssl).each(['SRTP_AES128_CM_SHA1_80', 'SRTP_AES128_CM_SHA1_32'])(
  'as client of OpenSSL with %s: the same keys on both sides',
  async (profile) => {
    const free = await udp();
    const { port } = free.address();
    sockets.pop();
    free.close();
    const peer = run('s_server', '-dtls1_2', '-port', String(port), '-use_srtp', profile, '-verify', '1');
    await expect.poll(peer.text, { timeout: 10_000 }).toContain('ACCEPT');
    const socket = await udp();
    const keys = Promise.withResolvers<DtlsKeys>();
    const association = engine.open('client', fingerprint(other), {
      onPacket: (bytes) => socket.send(bytes, port, HOST),
      onKeys: keys.resolve,
    });
    socket.on('message', (bytes) => association.receive(bytes));
    const got = await keys.promise;
    expect(got.profile.endsWith(profile.slice(-2))).toBe(true);
    await expect.poll(peer.text, { timeout: 10_000 }).toContain(`Keying material: ${material('client', got)}`);
    association.close();
  },
);

it.skipIf(!openssl)('as server of OpenSSL: the same keys, its certificate told by a sha-384 too', async () => {
  const socket = await udp();
  const keys = Promise.withResolvers<DtlsKeys>();
  let from = 0;
  const association = engine.open('server', fingerprint(other, 'sha-384'), {
    onPacket: (bytes) => socket.send(bytes, from, HOST),
    onKeys: keys.resolve,
  });
  socket.on('message', (bytes, { port }) => {
    from = port;
    association.receive(bytes);
  });
  const to = `${HOST}:${socket.address().port}`;
  const peer = run('s_client', '-dtls1_2', '-connect', to, '-use_srtp', 'SRTP_AES128_CM_SHA1_80');
  const got = await keys.promise;
  await expect.poll(peer.text, { timeout: 10_000 }).toContain(`Keying material: ${material('server', got)}`);
});

/** Joins two engines by memory, losing the packets that `lose` names; each side's keys, or null when none came. */
async function handshake(
  server: DtlsEngine,
  client: DtlsEngine,
  told: { server: Certificate | DtlsEngine; client: Certificate | DtlsEngine },
  lose: (count: number) => boolean = () => false,
): Promise<{ server: DtlsKeys | null; client: DtlsKeys | null; settled: Promise<unknown> }> {
  const named = (one: Certificate | DtlsEngine) => ('fingerprint' in one ? one.fingerprint : fingerprint(one));
  const result = { server: null as DtlsKeys | null, client: null as DtlsKeys | null };
  let count = 0;
  const sides: { server?: DtlsAssociation; client?: DtlsAssociation } = {};
  const both = Promise.withResolvers<void>();
  const open = (own: 'server' | 'client', far: 'server' | 'client', by: DtlsEngine) =>
    by.open(own, named(told[far]), {
      onPacket: (bytes) => {
        if (!lose(count++)) sides[far]?.receive(Buffer.from(bytes));
      },
      onKeys: (keys) => {
        result[own] = keys;
        if (result.server && result.client) both.resolve();
      },
    });
  sides.server = open('server', 'client', server);
  sides.client = open('client', 'server', client);
  return Object.assign(result, { settled: both.promise });
}

it('two of ours: each sends with what the other hears with, also when packets are lost', async () => {
  const peer = await createDtlsEngine(HOST);
  for (const lose of [() => false, (count: number) => count === 0 || count === 3]) {
    const result = await handshake(engine, peer, { server: engine, client: peer }, lose);
    await result.settled;
    expect(result.client!.send).toEqual(result.server!.receive);
    expect(result.client!.receive).toEqual(result.server!.send);
  }
  await peer.close();
}, 20_000);

it('who shows the certificate of another without its key gets nothing, in either role', async () => {
  const mine = await makeCertificate('liar.example');
  const liar = await createDtlsEngine(HOST, { cert: other.cert, key: mine.key });
  const honest = await createDtlsEngine(HOST, other);
  // the honest holder of the same certificate is taken at the same time, so the liar had all the time it needs
  const asClient = await handshake(engine, liar, { server: engine, client: other });
  const asServer = await handshake(liar, engine, { server: other, client: engine });
  for (const [server, client] of [
    [engine, honest],
    [honest, engine],
  ] as const) {
    const told = { server: server === engine ? engine : other, client: client === engine ? engine : other };
    await (await handshake(server, client, told)).settled;
  }
  await expect.poll(() => asClient.client, { timeout: 5000 }).not.toBeNull();
  await expect.poll(() => asServer.server, { timeout: 5000 }).not.toBeNull();
  expect(asClient.server).toBeNull();
  expect(asServer.client).toBeNull();
  await Promise.all([liar.close(), honest.close()]);
}, 20_000);

it('another certificate than SDP told gets nothing, and noise ends nothing', async () => {
  const peer = await createDtlsEngine(HOST);
  const result = await handshake(engine, peer, { server: engine, client: other });
  await expect.poll(() => result.client, { timeout: 10_000 }).not.toBeNull();
  expect(result.server).toBeNull();
  const noisy = engine.open('server', fingerprint(other), { onPacket: () => {}, onKeys: () => {} });
  for (let i = 0; i < 200; i++) noisy.receive(Buffer.from(Array.from({ length: i }, (_, at) => (at * i + 20) & 0xff)));
  await (await handshake(engine, peer, { server: engine, client: peer })).settled;
  await peer.close();
}, 20_000);
