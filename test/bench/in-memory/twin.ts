/** A second media pair and a telephony with the in-memory runner, beside an installation whose store it reads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { World } from '../../e2e/world.ts';
import { Phone } from '../../phone/phone.ts';

export interface Twin {
  readonly sipPort: number;
  stop(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const READY_MS = 20_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the three processes and waits until the tone menu answers. */
export async function startInMemory(world: World): Promise<Twin> {
  const { dataDir, ports } = world.installation;
  const password = readFileSync(join(dataDir, 'postgres.password'), 'utf8').trim();
  const [sip, drachtio, esl, mediaSip] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const secret = randomBytes(16).toString('hex');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    DATABASE_URL: `postgres://callwright:${password}@127.0.0.1:${ports.postgres}/callwright`,
    // asked for by the settings, used by nobody
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    DRACHTIO_HOST: `127.0.0.1:${drachtio}`,
    DRACHTIO_SECRET: secret,
    FREESWITCH_HOST: `127.0.0.1:${esl}`,
    FREESWITCH_SECRET: secret,
    CALLWRIGHT_SIP_PORT: String(sip),
    CALLWRIGHT_MEDIA_SIP_PORT: String(mediaSip),
    CALLWRIGHT_RTP_PORTS: '34000-35999',
    CALLWRIGHT_MEDIA_DIR: join(dataDir, 'media'),
    CALLWRIGHT_SECRET_KEY_FILE: join(dataDir, 'secret.key'),
    CALLWRIGHT_INSTANCE_NAME: 'in-memory',
    CALLWRIGHT_MAX_CALLS: '500',
    CALLWRIGHT_LOG_LEVEL: 'warn',
  };
  const run = (script: string): ChildProcess =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  const softswitch = here('../../../workers/softswitch/src/');
  const children = [run(`${softswitch}sip-main.ts`), run(`${softswitch}media-main.ts`), run(here('./main.ts'))];
  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });
  await answers(sip);
  return {
    sipPort: sip,
    stop: async () => {
      for (const child of children.toReversed()) {
        child.kill('SIGTERM');
        await new Promise((resolve) => child.once('exit', resolve));
      }
    },
  };
}

async function answers(sipPort: number): Promise<void> {
  const phone = await new Phone({ serverPort: sipPort }).open();
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const call = await phone.call('202');
    if (
      await call.until('answered', 2000).then(
        () => true,
        () => false,
      )
    )
      break;
    await call.hangUp();
    if (Date.now() > deadline) throw new Error('the in-memory twin does not answer');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await phone.close();
}
