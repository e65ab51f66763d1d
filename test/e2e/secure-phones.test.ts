/** Phones that sign in over TLS and protect their sound, called by and calling a plain one: each kind both ways. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeWav } from '@callwright/speech';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { skipWithout } from '../clients/available.ts';
import { Baresip, type BaresipOptions } from '../clients/baresip.ts';
import { sine, toneShare } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import { World } from './world.ts';

let world: World;
let dir: string;
let bare: Baresip | undefined;

beforeAll(async () => {
  world = await World.company(['101', '102']);
  dir = mkdtempSync(join(tmpdir(), 'callwright-secure-'));
});
beforeEach((context) => skipWithout(context, 'baresip'));
afterEach(async () => {
  await bare?.stop();
  bare = undefined;
  await world?.closePhones();
});
afterAll(async () => {
  await world?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type Kind = Pick<BaresipOptions, 'mediaEncryption' | 'codecs'>;
const KINDS: readonly (Kind & { readonly name: string })[] = [
  { name: 'TLS and keys in SDP', mediaEncryption: 'srtp-mand' },
  { name: 'TLS and plain sound, with G.722', codecs: ['G722', 'PCMA'] },
];

async function securePhone(kind: Kind, name: string): Promise<{ phone: Baresip; folder: string; port: number }> {
  const port = world.installation.ports.sips!;
  const folder = join(dir, name.replaceAll(/\W/g, '-'));
  bare = await Baresip.start({
    dir: folder,
    sipPort: port,
    ...(await world.credentials('101')),
    controlPort: await freePort(),
    transport: 'tls',
    answer: 'auto',
    toneHz: 700,
    ...kind,
  });
  return { phone: bare, folder, port };
}

/** Both hear the other's tone. */
async function expectTalk(call: PhoneCall, phone: Baresip): Promise<void> {
  call.rtp.say(sine(500, 1000), true);
  const share = () => {
    const now = performance.now();
    return toneShare(call.rtp.heardBetween(now - 500, now), 700);
  };
  await expect.poll(share, { timeout: 10_000 }).toBeGreaterThan(0.8);
  const heard = async () => {
    const [file] = await phone.recordings();
    const { samples, sampleRateHz } = decodeWav(await readFile(file!));
    return toneShare(samples.subarray(-0.5 * sampleRateHz), 500, sampleRateHz);
  };
  // what it hears is judged by its last half second
  await sleep(1200);
  await call.hangUp();
  await phone.waitFor((event) => event.type === 'CALL_CLOSED', 10_000, 'end of the call');
  await phone.stop();
  bare = undefined;
  expect(await heard()).toBeGreaterThan(0.8);
}

describe.each(KINDS)('a phone with $name', (kind) => {
  it('is called: each hears the other', async () => {
    const { phone } = await securePhone(kind, `${kind.name} called`);
    const bob = await world.phoneOf('102');
    const call = await (await bob.call('101')).until('answered', 20_000);
    await expectTalk(call, phone);
    const { legs } = await world.cdrOf(call.callId);
    expect(legs.every((leg) => leg.cause === 'normal')).toBe(true);
  });

  it('calls: each hears the other', async () => {
    const { phone, port } = await securePhone(kind, `${kind.name} calls`);
    const bob = await world.phoneOf('102');
    const rung = bob.nextIncoming();
    phone.dial(`sip:102@127.0.0.1:${port};transport=tls`);
    await expectTalk(await (await rung).until('answered', 20_000), phone);
  });
});
