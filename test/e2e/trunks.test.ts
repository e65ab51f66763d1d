/** Trunks of a whole installation: a call out that passes a dead carrier, a call in by our registration, and a kill of everything. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Carrier } from '../phone/carrier.ts';
import { header } from '../phone/message.ts';
import { expectTalking } from './talk.ts';
import { World } from './world.ts';

const ACCOUNT = { username: 'acme', password: 'sesame' };
const DID = '+33155500100';

interface TrunkView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly busyLines: number;
}

let world: World;
let company: string;
const carriers: Carrier[] = [];

beforeAll(async () => {
  world = await World.start({ env: { CALLWRIGHT_ALLOW_URLS: 'sip:127.0.0.1' } });
  const { items } = await world.must<{ items: { id: string; kind: string }[] }>('GET', '/owners');
  company = items.find(({ kind }) => kind === 'company')!.id;
});
afterAll(async () => {
  await Promise.all(carriers.map((carrier) => carrier.close()));
  await world?.stop();
});

async function carrier(options: Partial<Parameters<typeof Carrier.open>[0]> = {}): Promise<Carrier> {
  const opened = await Carrier.open({ serverPort: world.sipPort, incoming: { answerAfterMs: 50 }, ...options });
  carriers.push(opened);
  return opened;
}

async function until(name: string, test: (trunk: TrunkView) => boolean): Promise<TrunkView> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { items } = await world.must<{ items: TrunkView[] }>('GET', '/trunks');
    const found = items.find((trunk) => trunk.name === name);
    if (found && test(found)) return found;
    if (Date.now() > deadline) throw new Error(`trunk ${name} is ${JSON.stringify(found)}`);
    await sleep(100);
  }
}

it('goes out by the next carrier when the first is dead, comes in by our registration, and registers again after a kill', async () => {
  const [dead, alive] = [await carrier(), await carrier({ account: ACCOUNT, name: '+33123456789', inviteTo: DID })];
  dead.silent = true;
  const common = { ownerId: company, host: '127.0.0.1', defaultNumber: '+33155500000' };
  await world.must('POST', '/trunks', { ...common, name: 'dead', mode: 'peer', port: dead.port, optionsSeconds: 0 });
  const registering = { mode: 'register', port: alive.port, authUser: 'acme', secret: ACCOUNT.password };
  await world.must('POST', '/trunks', { ...common, ...registering, name: 'alive' });
  await until('alive', ({ state }) => state === 'registered');

  const alice = await world.phoneOf('101');
  const rung = alive.phone.nextIncoming(20_000);
  const out = await alice.call('0612345678');
  const incoming = await (await rung).until('answered');
  await out.until('answered');
  await expectTalking(out, incoming);
  expect(dead.invites.length).toBeGreaterThan(0);
  expect(header(incoming.invite!, 'from')).toContain('+33155500000');
  expect((await until('alive', ({ busyLines }) => busyLines === 1)).state).toBe('registered');
  await out.hangUp();
  const cdr = await world.cdrOf(out.callId);
  expect(cdr.disposition).toBe('answered');
  expect(cdr.legs.find(({ direction }) => direction === 'outbound')?.trunk?.name).toBe('alive');
  await until('alive', ({ busyLines }) => busyLines === 0);

  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  const destination = { type: 'user', id: items.find(({ extension }) => extension === '101')!.id };
  await world.must('POST', '/numbers', { dialled: DID, kind: 'did', destination });
  const ringing = alice.nextIncoming();
  const call = await alive.phone.call(alive.contact);
  const answered = await (await ringing).until('answered');
  await call.until('answered');
  expect(header(answered.invite!, 'from')).toContain('+33123456789');
  await call.hangUp();
  expect((await world.cdrOf(call.callId)).calling).toMatchObject({ type: 'trunk', number: '+33123456789' });

  const before = alive.registers.length;
  await world.restart();
  await until('alive', ({ state }) => state === 'registered' && alive.registers.length > before);
  expect(header(alive.registers.at(-1)!, 'contact')).toContain(/sip:(t[0-9a-f]+)@/.exec(alive.contact)![1]!);
});
