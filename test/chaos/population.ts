/** Users, phones and calls for the chaos tests, in numbers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../e2e/world.ts';
import type { PhoneCall } from '../phone/call.ts';
import type { IncomingPolicy, Phone } from '../phone/phone.ts';
import { limitsHold } from './figures.ts';
import { publish, ring } from './flows.ts';

/** Pause between two new calls: what the machine sets up while it already holds many. */
const PACE_MS = 120;

export interface TestUser {
  readonly extension: string;
  readonly id: string;
  readonly phone: Phone;
}

/** Every state of a call is there with fewer calls, too; the bench has all of them. `CALLWRIGHT_CHAOS_SCALE=0.1` runs a tenth. */
const SCALE = Number(process.env.CALLWRIGHT_CHAOS_SCALE || (limitsHold ? 1 : 0.4));
export const scaled = (count: number): number => Math.max(2, Math.round(count * SCALE));

/** `CALLWRIGHT_CHAOS_DATA_DIR` keeps the installation's files and logs after the test, for looking at one failure. */
export const dataDirOption = (name: string): { dataDir?: string } =>
  process.env.CALLWRIGHT_CHAOS_DATA_DIR ? { dataDir: `${process.env.CALLWRIGHT_CHAOS_DATA_DIR}/${name}` } : {};

/** Users of their own, each with one registered phone. */
export async function addUsers(
  world: World,
  count: number,
  firstExtension: number,
  incoming: IncomingPolicy,
): Promise<TestUser[]> {
  const users: TestUser[] = [];
  for (let i = 0; i < count; i++) {
    const extension = String(firstExtension + i);
    const user = await world.must<{ id: string }>('POST', '/users', { extension, givenName: `User ${extension}` });
    const device = await world.must<{ id: string }>('POST', `/users/${user.id}/devices`, { name: 'phone' });
    const credentials = await world.must<{ username: string; password: string }>('GET', `/devices/${device.id}/secret`);
    const phone = await world.stranger({ credentials, incoming });
    // longer than any bench: these phones do not register again
    const status = await phone.register(3600);
    if (status !== 200) throw new Error(`registration of ${extension} answered ${status}`);
    users.push({ extension, phone, id: user.id });
  }
  return users;
}

/** Gives each user a ring group of their own behind a public number; the numbers, in the users' order. */
export async function addGroups(world: World, users: readonly TestUser[], firstNumber: number, ringMs: number) {
  const numbers: string[] = [];
  for (const [index, user] of users.entries()) {
    const group = await world.must<{ name: string }>('POST', '/ring-groups', {
      name: `ring-${firstNumber + index}`,
      strategy: 'all',
      memberRingMs: ringMs,
      totalRingMs: ringMs,
      members: [{ userId: user.id }],
    });
    const dialled = String(firstNumber + index);
    await publish(world, ring(group.name, ringMs), dialled);
    numbers.push(dialled);
  }
  return numbers;
}

/** Gives each user a public number that rings them directly. */
export async function addDirectNumbers(world: World, users: readonly TestUser[], firstNumber: number) {
  const numbers: string[] = [];
  for (const [index, user] of users.entries()) {
    const dialled = String(firstNumber + index);
    await world.must('POST', '/numbers', {
      dialled,
      kind: 'service',
      public: true,
      destination: { type: 'user', id: user.id },
    });
    numbers.push(dialled);
  }
  return numbers;
}

/** Places calls at a pace that the machine can set up, and waits until all are answered. Who is told to come back (503) does so. */
export async function callMany(count: number, place: (index: number) => Promise<PhoneCall>): Promise<PhoneCall[]> {
  const calls: PhoneCall[] = [];
  for (let i = 0; i < count; i++) {
    calls.push(await place(i));
    await sleep(PACE_MS);
  }
  return Promise.all(calls.map((call, i) => answered(call, () => place(i))));
}

async function answered(call: PhoneCall, again: () => Promise<PhoneCall>, tries = 5): Promise<PhoneCall> {
  try {
    return await call.until('answered', 30_000);
  } catch (error) {
    if (call.finalStatus !== 503 || tries === 1) throw error;
    await sleep(2000);
    return answered(await again(), again, tries - 1);
  }
}

/** Waits until a check holds; says what was awaited when it does not. */
export async function eventually(what: string, timeoutMs: number, check: () => boolean | Promise<boolean>) {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(50);
  }
}
