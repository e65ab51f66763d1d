/** The draft of a flow called by its test number, while callers of the published one hear nothing of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { toneShare } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import { World } from './world.ts';

const PUBLISHED_HZ = 900;
const DRAFT_HZ = 1800;

let world: World;

beforeAll(async () => {
  world = await World.company(['101']);
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

interface Draft {
  readonly document: { readonly nodes: { readonly id: string; readonly config: Record<string, unknown> }[] };
}

async function heardAfterFive(call: PhoneCall, hz: number): Promise<number> {
  const pressed = await call.press('5');
  await sleep(900);
  return toneShare(call.rtp.heardBetween(pressed + 200, pressed + 800), hz);
}

it('runs the draft as it stood, beside the published revision', async () => {
  const { items } = await world.must<{ items: { id: string }[] }>('GET', '/flows?name=tone-menu');
  const flow = await world.must<{ id: string; draftVersion: number; draft: Draft }>('GET', `/flows/${items[0]!.id}`);
  await world.must('POST', '/routing-rules', { calledPattern: '202', destination: { type: 'flow', id: flow.id } });
  const document = {
    ...flow.draft.document,
    nodes: flow.draft.document.nodes.map((node) =>
      node.id === 'five'
        ? {
            ...node,
            config: { ...node.config, prompts: [{ parts: [{ type: 'tone', frequenciesHz: [DRAFT_HZ], onMs: 1000 }] }] },
          }
        : node,
    ),
  };
  await world.must('PUT', `/flows/${flow.id}/draft`, { version: flow.draftVersion, file: { ...flow.draft, document } });
  const tried = await world.must<{ revision: string; number: string; phone: { username: string; password: string } }>(
    'POST',
    `/flows/${flow.id}/draft-calls`,
  );

  const phone = await world.phoneOf('101');
  const trial = await (await phone.call(tried.number)).until('answered');
  expect(await heardAfterFive(trial, DRAFT_HZ)).toBeGreaterThan(0.9);
  await trial.hangUp();
  const ordinary = await (await phone.call('202')).until('answered');
  expect(await heardAfterFive(ordinary, PUBLISHED_HZ)).toBeGreaterThan(0.9);
  await ordinary.hangUp();
  expect((await world.cdrOf(trial.callId)).revision).toBe(tried.revision);
  expect((await world.cdrOf(ordinary.callId)).revision).not.toBe(tried.revision);

  // the log-in made for it: this number, no other, and no registration
  const limited = await world.stranger({ credentials: tried.phone });
  expect(await limited.register()).toBe(403);
  expect((await (await limited.call('101')).until('ended')).finalStatus).toBe(403);
  const own = await (await limited.call(tried.number)).until('answered');
  await own.hangUp();
  expect((await world.cdrOf(own.callId)).revision).toBe(tried.revision);
});
