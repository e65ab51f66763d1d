/** A call on the canvas of its flow: seen there, steered from there, replayed there; how often each way was taken. */

import { flow, node } from '@callwright/engine';
import { encodeWav } from '@callwright/speech';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import { callIdOf, command, expectTone } from '../e2e/talk.ts';
import { World } from '../e2e/world.ts';
import { sine } from '../phone/audio.ts';
import { ConsoleVisit, launchBrowser } from './browser.ts';
import { leave } from './leave.ts';

const PASSWORD = 'correct horse battery staple';
const [MENU_HZ, SAID_HZ, DONE_HZ] = [700, 1500, 400];
let world: World;
let browser: Browser;
let visit: ConsoleVisit | undefined;

beforeAll(async () => {
  if (missingPrograms('chromium')) return;
  [world, browser] = await Promise.all([World.company(['101']), launchBrowser()]);
});
beforeEach((context) => skipWithout(context, 'chromium'));
afterEach(async () => {
  await world?.closePhones();
  const last = visit;
  visit = undefined;
  await leave(last);
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const tone = (frequency: number) => ({
  parts: [{ type: 'tone' as const, frequenciesHz: [frequency], onMs: 60_000 }],
});

const lineOf = (name: string) =>
  flow(name, {
    title: 'Live line',
    language: 'en',
    variables: {
      turns: { type: 'number', initial: 3 },
      customer: { type: 'string', initial: 'Ada Lovelace', pii: true },
    },
    nodes: {
      start: node('start', { answer: true }, { next: 'choose' }),
      choose: node(
        'menu',
        { prompts: [tone(MENU_HZ)], choices: [{ key: '7', outcome: 'seven' }] },
        { seven: 'hold', 'no-input': 'bye', 'no-match': 'bye' },
      ),
      hold: node('wait', { sound: 'none' }, { continue: 'done' }),
      done: node('play', { prompts: [tone(DONE_HZ)] }, { next: 'bye' }),
      bye: node('hang-up', {}),
    },
  });

/** Nothing that axe finds, in these colours. */
async function faultless(schemes: readonly ('dark' | 'light')[] = ['dark', 'light']): Promise<void> {
  for (const colorScheme of schemes) {
    await visit!.recolour(colorScheme);
    expect(await visit!.violations()).toEqual([]);
  }
}

/** A published flow with a number, and who may steer its calls. */
async function publish() {
  const unique = crypto.randomUUID().slice(0, 8);
  const document = lineOf(`live-${unique}`);
  const { id } = await world.must<{ id: string }>('POST', '/flows', { file: { document } });
  await world.must('POST', `/flows/${id}/publish`, {});
  const dialled = `28${Math.floor(10_000 + Math.random() * 90_000)}`;
  await world.must('POST', '/numbers', { dialled, kind: 'service', public: true, destination: { type: 'flow', id } });
  const email = `boss-${unique}@live.example`;
  await world.must('POST', '/accounts', { email, role: 'supervisor', password: PASSWORD, name: 'Boss' });
  const wav = encodeWav({ samples: sine(SAID_HZ, 2500), sampleRateHz: 8000 });
  const said = await fetch(`${world.installation.url}/api/v1/prompts/said-${unique}/audio`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${world.key}`, 'content-type': 'audio/wav' },
    body: new Uint8Array(wav),
  });
  expect(said.status).toBe(200);
  return { id, dialled, email, prompt: `said-${unique}` };
}

it('is followed on the canvas, told something, led on, and replayed with the reasons', async () => {
  const { id, dialled, email, prompt } = await publish();
  const phone = await world.phoneOf('101');
  visit = await ConsoleVisit.open(browser, world.installation.url, { width: 1440 });
  await visit.logIn({ email, password: PASSWORD });
  await visit.go(`/flows/${id}/live`);
  const { page } = visit;
  const at = (place: string) => page.locator(`[data-node=${place}] [data-dot]`);
  await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
  const call = await (await phone.call(dialled)).until('answered');
  await at('choose').waitFor();
  await expectTone(call, MENU_HZ);
  // a word in between; then the menu begins anew
  const callId = await callIdOf(world, call);
  await at('choose').click();
  await page.getByText('hidden: personal').waitFor();
  expect(await page.content()).not.toContain('Ada Lovelace');
  await faultless();
  const told = command(world, callId, 'say', { say: { type: 'prompt', name: prompt } });
  await expectTone(call, SAID_HZ);
  expect(await told).toBe('done');
  await page.getByText('It was heard').waitFor();
  await expectTone(call, MENU_HZ);
  // a key moves the dot
  await call.press('7');
  await at('hold').waitFor();
  await page.locator('[data-state-node=hold]').waitFor();
  await page.getByRole('button', { name: 'Skip this node' }).click();
  await at('done').waitFor();
  await expectTone(call, DONE_HZ);
  await page.getByRole('button', { name: 'Hang up User 101 (101) alone' }).click();
  await call.until('ended');
  await at('done').waitFor({ state: 'detached' });
  await world.cdrOf(call.callId, 30_000);

  await visit.go(`/calls/${callId}/canvas`);
  await page.getByRole('button', { name: 'Last step' }).click();
  await page.locator('[data-node=done][data-paint=current]').waitFor();
  await page.locator('[data-node=choose][data-paint=visited]').waitFor();
  await page.locator('[data-wire^=choose][data-paint=taken]').waitFor({ state: 'attached' });
  await page.getByText('because: skipped from outside').waitFor();
  await page.getByRole('button', { name: 'Step back' }).press('Enter');
  await page.locator('[data-node=hold][data-paint=current]').waitFor();
  await faultless(['dark']);

  await visit.go(`/flows/${id}/live`);
  await page.getByText('Heat map').click();
  await page.locator('[data-visits="1"]').waitFor();
  await page.locator('[data-node=done] [data-count="1"]').waitFor();
  await page.locator('[data-taken="1"]').first().waitFor();
  await faultless(['light']);
  const { items } = await world.must<{ items: { action: string }[] }>('GET', '/audit?limit=100');
  expect(items.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['call.told', 'call.node-skipped', 'call.hung-up']),
  );
});
