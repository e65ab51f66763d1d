/** The partner's guide, sample by sample; and the interface while its token is revoked and processes are killed. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createListener } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAsPrinted, type Sample, SampleShell, samplesOf } from './guide-samples.ts';
import { OK_HZ, publishPinCheck, ROOT_HZ } from './responder.ts';
import { expectTalking, expectTone } from './talk.ts';
import { World } from './world.ts';

const GUIDE = resolve(import.meta.dirname, '../../docs/guides/voispeed.md');
const PATIENCE = { timeout: 30_000, interval: 50 };

let world: World;
let receiver: Server;
let origin: string;
/** What stands for the addresses that the guide prints. */
let ports: { readonly logger: number; readonly script: number };
const told: URLSearchParams[] = [];
let onEvent: (event: URLSearchParams) => void = () => {};

async function freePort(): Promise<number> {
  const server = createListener().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const event = new URL(request.url!, 'http://receiver').searchParams;
    told.push(event);
    onEvent(event);
    response.end();
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  ports = { logger: await freePort(), script: await freePort() };
  const allowed = [origin, ...Object.values(ports).map((port) => `http://127.0.0.1:${port}`)];
  world = await World.start({ env: { CALLWRIGHT_ALLOW_URLS: allowed.map((one) => `${one}/`).join(',') } });
  await world.addUser('103');
}, 180_000);
afterEach(async () => {
  onEvent = () => {};
  await world?.hangUpAll();
  await world?.idle(45_000);
  await world?.closePhones();
  told.splice(0);
});
afterAll(async () => {
  await world?.stop();
  receiver?.closeAllConnections();
  receiver?.close();
});

describe('the guide', () => {
  const samples = samplesOf(GUIDE);
  const placed = (text: string) =>
    text.replaceAll('8000', String(ports.logger)).replaceAll('8001', String(ports.script));
  let shell: SampleShell;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'callwright-guide-'));
    shell = new SampleShell(folder, { CALLWRIGHT: world.installation.url, KEY: world.key });
    for (const { language, label, text } of samples)
      if (language === 'js')
        await shell.start(label, placed(text), label.startsWith('logger') ? ports.logger : ports.script);
  });
  afterAll(() => {
    shell?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const log = () => (existsSync(join(folder, 'logger.txt')) ? readFileSync(join(folder, 'logger.txt'), 'utf8') : '');

  it('has samples that do what it says of them, in its order', async () => {
    const [mine, other] = [await world.phoneOf('101'), await world.phoneOf('102')];
    const [atMine, atOther] = [mine.nextIncoming(60_000), other.nextIncoming(60_000)];
    let printed = '';
    let events = '';
    const check = async ({ language, label, text }: Sample): Promise<void> => {
      if (language === 'sh' && label === '') printed = await shell.run(placed(text));
      else if (language === 'xml' || language === 'text') {
        expect(isAsPrinted(printed, text), `${printed}\nis not\n${text}`).toBe(true);
        if (text.includes('request_id'))
          await Promise.all([(await atMine).until('answered'), (await atOther).until('answered')]);
      } else if (language === 'events') {
        events += text;
        await expect.poll(() => isAsPrinted(log(), events) || log(), PATIENCE).toBe(true);
      }
    };
    for (const sample of samples) await check(sample);
    const kinds = samples.map(({ language }) => language);
    expect(kinds.filter((kind) => kind === 'sh').length).toBeGreaterThan(4);
    expect(kinds.filter((kind) => kind === 'events')).toHaveLength(2);
  }, 120_000);

  it('has a script that lets a caller in by his PIN', async () => {
    const { dialled } = await publishPinCheck(world, `http://127.0.0.1:${ports.script}/support`);
    const agent = await world.phoneOf('102');
    const rung = agent.nextIncoming(30_000);
    const call = await (await (await world.phoneOf('103')).call(dialled)).until('answered');
    await expectTone(call, ROOT_HZ);
    await call.press('123456');
    await expectTone(call, OK_HZ);
    await expectTalking(call, await (await rung).until('answered'));
    await call.hangUp();
  }, 60_000);
});

describe('faults', () => {
  interface Module {
    readonly id: string;
    token: string;
  }
  const newModule = async (): Promise<Module> => {
    const settings = { extensions: ['101'], notificationUrl: `${origin}/` };
    const { id } = await world.must<{ id: string }>('POST', '/partner-modules', {
      contract: 'voispeed',
      name: 'x',
      settings,
    });
    const { token } = await world.must<{ token: string }>('GET', `/partner-modules/${id}/token`);
    return { id, token };
  };
  const ask = async ({ token }: Module, params: Readonly<Record<string, string>>): Promise<string> => {
    const query = new URLSearchParams({ token, ext: '101', ...params });
    return (await fetch(`${world.installation.url}/PBX/seri_endpoint.php?${query}`)).text();
  };
  const names = () => told.map((event) => event.get('event_name'));
  /** Told events, those that came twice with the same words once. */
  const distinct = () =>
    [...new Map(told.map((event) => [String(event), event])).values()].map((event) => event.get('event_name'));
  const call = { service: 'call_request', number: '102', extid: 'fault' };
  const LIFE = ['outgoing_call', 'call_answered', 'call_disconnect_in'];

  it('a revoked token opens nothing; the call it started goes on, and its events are told to the end', async () => {
    const module = await newModule();
    const [mine, other] = [await world.phoneOf('101'), await world.phoneOf('102')];
    const [atMine, atOther] = [mine.nextIncoming(), other.nextIncoming()];
    expect(await ask(module, call)).toContain('<outcome>0<');
    const [a, b] = [await (await atMine).until('answered'), await (await atOther).until('answered')];
    await expectTalking(a, b);
    await expect.poll(names, PATIENCE).toEqual(LIFE.slice(0, 2));
    const { token } = await world.must<{ token: string }>('POST', `/partner-modules/${module.id}/token`, {});
    const callId = told[0]!.get('call_id')!;
    const hangUp = { service: 'call_action', call_id: callId, action: 'disconnect' };
    expect(await ask(module, hangUp)).toContain('<error>invalid token<');
    await expectTalking(a, b);
    await b.hangUp();
    await a.until('ended', 20_000);
    await expect.poll(names, PATIENCE).toEqual(LIFE);
    expect(await ask({ ...module, token }, hangUp)).toContain('<error>call not found<');
    await world.must('DELETE', `/partner-modules/${module.id}`);
  }, 90_000);

  it('the api killed between command and event: the call is made, its events are told once, the next command works', async () => {
    const module = await newModule();
    const [mine, other] = [
      await world.phoneOf('101', { incoming: { answerAfterMs: 1500 } }),
      await world.phoneOf('102'),
    ];
    const [atMine, atOther] = [mine.nextIncoming(30_000), other.nextIncoming(60_000)];
    expect(await ask(module, call)).toContain('<outcome>0<');
    world.installation.kill('api', 0);
    const [a, b] = [await (await atMine).until('answered'), await (await atOther).until('answered')];
    await expectTalking(a, b);
    await expect.poll(names, PATIENCE).toEqual(LIFE.slice(0, 2));
    const back = () => ask(module, { service: 'get_user_call_report' }).catch(() => '');
    await expect.poll(back, { timeout: 60_000, interval: 200 }).toContain('<outcome>0<');
    const callId = told[0]!.get('call_id')!;
    expect(await ask(module, { service: 'call_action', call_id: callId, action: 'disconnect' })).toContain(
      '<request_id>',
    );
    await Promise.all([a.until('ended', 20_000), b.until('ended', 20_000)]);
    await expect.poll(names, PATIENCE).toEqual([...LIFE.slice(0, 2), 'call_disconnect_out']);
    expect(told.every((event) => event.get('extid') === 'fault' && event.get('call_id') === callId)).toBe(true);
    await world.must('DELETE', `/partner-modules/${module.id}`);
  }, 120_000);

  it('its senders killed while they tell: nothing is lost, and at most what was under way comes again, word for word', async () => {
    const module = await newModule();
    const [mine, other] = [await world.phoneOf('101'), await world.phoneOf('102')];
    const [atMine, atOther] = [mine.nextIncoming(30_000), other.nextIncoming(60_000)];
    let killed = false;
    onEvent = (event) => {
      if (killed || event.get('event_name') !== 'call_answered') return;
      killed = true;
      for (const at of world.installation.pids('io').keys()) world.installation.kill('io', at);
    };
    expect(await ask(module, call)).toContain('<outcome>0<');
    const [a, b] = [await (await atMine).until('answered'), await (await atOther).until('answered', 60_000)];
    await expect.poll(() => killed, PATIENCE).toBe(true);
    await b.hangUp();
    await a.until('ended', 60_000);
    await expect.poll(() => distinct().at(-1), { timeout: 90_000, interval: 100 }).toBe('call_disconnect_in');
    expect(distinct()).toEqual(LIFE);
    expect(told.length).toBeLessThanOrEqual(LIFE.length + 1);
    await world.must('DELETE', `/partner-modules/${module.id}`);
  }, 180_000);
});
