/** The servers under telephony die: far ends are told where they can be reached, calls learn it, new calls are taken soon (design §4). */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneCall } from '../phone/call.ts';
import { Phone } from '../phone/phone.ts';
import { openStage, type Puppet, type Stage, tone } from './stage.ts';

const SECRET = 'between-the-servers';
let stage: Stage;
let mediaDir: string;
const children: ChildProcess[] = [];
const phones: Phone[] = [];

beforeAll(async () => {
  stage = await openStage();
  mediaDir = mkdtempSync(join(tmpdir(), 'callwright-loss-'));
});
afterEach(async () => {
  await Promise.all(phones.splice(0).map((phone) => phone.close().catch(() => {})));
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await stage.close();
  rmSync(mediaDir, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

interface Servers {
  readonly sipPort: number;
  readonly environment: NodeJS.ProcessEnv;
  start(part: 'sip' | 'media'): ChildProcess;
  readonly telephony: Parameters<Stage['boot']>[0];
}

async function servers(): Promise<Servers> {
  const [app, sipPort, esl, mediaSip] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const first = 40_000 + Math.floor(Math.random() * 50) * 200;
  const environment = {
    PATH: process.env.PATH,
    DRACHTIO_HOST: `127.0.0.1:${app}`,
    DRACHTIO_SECRET: SECRET,
    FREESWITCH_HOST: `127.0.0.1:${esl}`,
    FREESWITCH_SECRET: SECRET,
    CALLWRIGHT_SIP_PORT: String(sipPort),
    CALLWRIGHT_MEDIA_SIP_PORT: String(mediaSip),
    CALLWRIGHT_MEDIA_DIR: mediaDir,
    CALLWRIGHT_RTP_PORTS: `${first}-${first + 199}`,
    CALLWRIGHT_LOG_LEVEL: 'warn',
  };
  return {
    sipPort,
    environment,
    start: (part) => {
      const main = fileURLToPath(import.meta.resolve(`@callwright/softswitch/${part}-main`));
      const child = spawn(process.execPath, [main], { env: environment, stdio: 'ignore' });
      children.push(child);
      return child;
    },
    telephony: {
      drachtio: { host: '127.0.0.1', port: app, secret: SECRET },
      freeswitch: { host: '127.0.0.1', port: esl, secret: SECRET, listenAddress: '127.0.0.1' },
      patienceMs: 15_000,
    },
  };
}

async function talking(
  sipPort: number,
  telephony: Telephony,
): Promise<{ call: PhoneCall; puppet: Puppet; leg: string }> {
  const phone = await new Phone({ serverPort: sipPort }).open();
  phones.push(phone);
  const call = await phone.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
  await call.until('answered');
  return { call, puppet, leg };
}

describe('the media server dies', () => {
  it('its legs end with BYE and their true cause; when it is back, calls are taken by the instance or its successor', async () => {
    const parts = await servers();
    parts.start('sip');
    const media = parts.start('media');
    const telephony = await stage.boot(parts.telephony);
    const { call, puppet, leg } = await talking(parts.sipPort, telephony);
    const op = await puppet.begin(
      { kind: 'media.play', leg, prompts: [tone(440, 20_000)], clearDigits: true },
      telephony.instance,
    );
    await sleep(200);
    media.kill('SIGKILL');
    const died = Date.now();
    await call.until('ended');
    expect(Date.now() - died).toBeLessThan(3000);
    expect((await puppet.event(leg, 'hangup')).body).toEqual({
      type: 'hangup',
      cause: 'media-lost',
      sipStatus: null,
      by: 'network',
    });
    expect((await puppet.result(op)).result).toEqual({ status: 'interrupted' });
    parts.start('media');
    const outcome = await Promise.race([telephony.ended, sleep(6000).then(() => 'lives')]);
    if (outcome === 'lives') {
      await talking(parts.sipPort, telephony);
      await telephony.stop();
    } else {
      expect(outcome).toBe('media-server-gone');
      const next = await stage.boot(parts.telephony);
      await talking(parts.sipPort, next);
      await next.stop();
    }
  });

  it('for good: the instance is lost after two seconds', async () => {
    const parts = await servers();
    parts.start('sip');
    const media = parts.start('media');
    const telephony = await stage.boot(parts.telephony);
    media.kill('SIGKILL');
    const died = Date.now();
    expect(await telephony.ended).toBe('media-server-gone');
    expect(Date.now() - died).toBeGreaterThan(1900);
    expect(telephony.healthy).toBe(false);
  });
});

describe('the SIP server dies', () => {
  it('the instance is lost and reports its legs; the next one takes calls', async () => {
    const parts = await servers();
    const sip = parts.start('sip');
    parts.start('media');
    const telephony = await stage.boot(parts.telephony);
    const { puppet, leg } = await talking(parts.sipPort, telephony);
    sip.kill('SIGKILL');
    parts.start('sip');
    const died = Date.now();
    expect(await telephony.ended).toBe('sip-server-gone');
    expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause: 'media-lost', by: 'network' });
    const next = await stage.boot(parts.telephony);
    await talking(parts.sipPort, next);
    expect(Date.now() - died).toBeLessThan(10_000);
    await next.stop();
  });
});
