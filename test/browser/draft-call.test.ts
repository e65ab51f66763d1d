/** The draft of a flow called from the browser that draws it: SIP over WebSocket, sound by WebRTC, keys, the way on the canvas. */
import { flow, node } from '@callwright/engine';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import { World } from '../e2e/world.ts';
import { ConsoleVisit, launchBrowser } from './browser.ts';
import { leave } from './leave.ts';
import { FAKE_DEVICES, LOUDEST } from './sound.ts';

const PASSWORD = 'correct horse battery staple';
const TONE_HZ = 700;
let world: World;
let browser: Browser;
let email: string;
let visit: ConsoleVisit | undefined;

beforeAll(async () => {
  if (missingPrograms('chromium')) return;
  [world, browser] = await Promise.all([World.company(['101']), launchBrowser(FAKE_DEVICES)]);
  email = `author-${crypto.randomUUID().slice(0, 8)}@editor.example`;
  await world.must('POST', '/accounts', { email, role: 'company', password: PASSWORD, name: 'Author' });
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

const tone = { parts: [{ type: 'tone' as const, frequenciesHz: [TONE_HZ], onMs: 20_000 }] };
const document = flow('try-me', {
  title: 'Try me',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'choose' }),
    choose: node(
      'menu',
      { prompts: [tone], choices: [{ key: '7', outcome: 'seven' }] },
      { seven: 'well', 'no-input': 'bye', 'no-match': 'bye' },
    ),
    well: node(
      'play',
      { prompts: [{ parts: [{ type: 'tone', frequenciesHz: [400], onMs: 20_000 }] }] },
      { next: 'bye' },
    ),
    bye: node('hang-up', {}, {}),
  },
});

async function edit(): Promise<ConsoleVisit> {
  const name = `try-me-${crypto.randomUUID().slice(0, 8)}`;
  const { id } = await world.must<{ id: string }>('POST', '/flows', { file: { document: { ...document, name } } });
  visit = await ConsoleVisit.open(browser, world.installation.url, { width: 1440 });
  await visit.logIn({ email, password: PASSWORD });
  await visit.go(`/flows/${id}`);
  const { page } = visit;
  await page.locator('[data-node=choose]').waitFor();
  await page.getByRole('tab', { name: 'Call' }).click();
  await page.getByRole('button', { name: 'Make the draft callable' }).click();
  await page.locator('[data-number]').waitFor();
  // facts of calls arrive from now on
  await page.locator('[data-live=live]').waitFor();
  return visit;
}

const painted = (node: string, paint: string) =>
  visit!.page.locator(`[data-node=${node}][data-paint=${paint}]`).waitFor();

it('from the browser: heard, steered by its keys, seen on the canvas', async () => {
  const { page } = await edit();
  await page.getByRole('button', { name: 'Call from this browser' }).click();
  await page.locator('[data-call=talking]').waitFor();
  await painted('choose', 'current');
  await expect.poll(() => page.evaluate<number>(LOUDEST), { timeout: 20_000 }).toBeGreaterThan(TONE_HZ - 30);
  expect(await page.evaluate<number>(LOUDEST)).toBeLessThan(TONE_HZ + 30);
  expect(await visit!.violations()).toEqual([]);
  await page.getByRole('group', { name: 'Keys of your phone' }).getByRole('button', { name: '7' }).click();
  await painted('choose', 'visited');
  await painted('well', 'current');
  await page.getByRole('button', { name: 'Hang up', exact: true }).click();
  await page.locator('[data-call=ended]').waitFor({ state: 'attached' });
  await page.getByText('The call is over.').waitFor();
  await world.idle();
  const [call] = await world.calls('?state=ended');
  expect(call!.cdr).toMatchObject({
    path: ['start', 'choose', 'well'],
    legs: [{ codec: 'opus/48000', cause: 'normal' }],
  });
});

it('from any phone, by the number on the page', async () => {
  const { page } = await edit();
  const number = (await page.locator('[data-number]').textContent())!;
  const phone = await world.phoneOf('101');
  const call = await (await phone.call(number)).until('answered');
  await painted('choose', 'current');
  await call.press('7');
  await painted('well', 'current');
  await call.hangUp();
  await page.getByText('The call is over.').waitFor();
});
