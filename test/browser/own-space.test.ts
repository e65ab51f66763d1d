/** A user's own space in a real browser: the telephone it is, who calls, and what one orders for oneself. */
import { encodeWav } from '@callwright/speech';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import { expectMusic, expectTone } from '../e2e/talk.ts';
import { World } from '../e2e/world.ts';
import { sine } from '../phone/audio.ts';
import { ConsoleVisit, launchBrowser } from './browser.ts';
import { leave } from './leave.ts';
import { FAKE_DEVICES, LOUDEST } from './sound.ts';

const PASSWORD = 'correct horse battery staple';

let world: World;
let browser: Browser;
let visit: ConsoleVisit | undefined;
let userId: string;

beforeAll(async () => {
  if (!missingPrograms('chromium')) browser = await launchBrowser(FAKE_DEVICES);
});
// a company for each try of each test
beforeEach(async (context) => {
  skipWithout(context, 'chromium');
  world = await World.company(['101', '102', '103']);
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  userId = items.find(({ extension }) => extension === '101')!.id;
});
afterEach(async () => {
  const last = visit;
  visit = undefined;
  await leave(last).finally(() => world?.closePhones());
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

async function visitAsUser(path: string): Promise<ConsoleVisit> {
  const email = `own-${crypto.randomUUID().slice(0, 8)}@console.example`;
  await world.must('POST', '/accounts', { email, role: 'user', password: PASSWORD, name: 'Alice', userId });
  visit = await ConsoleVisit.open(browser, world.installation.url);
  await visit.logIn({ email, password: PASSWORD });
  // who has nothing but a space of his own is led to it
  await visit.page.getByRole('heading', { level: 1, name: 'My space' }).waitFor();
  if (path !== '/me') await visit.follow(path);
  return visit;
}

/** The browser rings from now on. */
async function turnOn(): Promise<void> {
  const { page } = visit!;
  await page.getByLabel('Use this browser as a phone').click();
  await page.locator('[data-phone=ready]').waitFor();
}

it('rings with the caller’s contact, is heard, holds, sends keys and hands the call on', async () => {
  const book = await world.must<{ id: string }>('POST', '/phonebooks', { name: 'Customers', kind: 'company' });
  const contact = {
    phonebookId: book.id,
    givenName: 'Claire',
    familyName: '<b>Dubois</b>',
    organisation: 'Dubois & Fils',
  };
  const numbers = [{ kind: 'office', number: '+33123456789' }];
  await world.must('POST', '/contacts', { ...contact, numbers, data: { Customer: '4711' } });
  const dialled = `2${Math.floor(10_000 + Math.random() * 90_000)}`;
  const destination = { type: 'user', id: userId };
  await world.must('POST', '/numbers', { dialled, kind: 'service', public: true, destination });
  const { page } = await visitAsUser('/me');
  await turnOn();
  const caller = await world.stranger({ name: '+33123456789' });
  const call = await caller.call(dialled);
  const card = page.locator('[data-line=ringing]');
  await card.getByText('Claire <b>Dubois</b>').waitFor();
  await card.getByText('Dubois & Fils').waitFor();
  await card.getByText('4711').waitFor();
  // the call stays with whoever walks through the pages
  await visit!.follow('/my-calls');
  await card.getByRole('button', { name: 'Answer' }).click();
  await call.until('answered');
  const line = page.locator('[data-line=talking]');
  await line.waitFor();
  call.rtp.say(sine(700, 1000), true);
  await expect.poll(() => page.evaluate<number>(LOUDEST), { timeout: 20_000 }).toBeGreaterThan(650);
  expect(await visit!.violations()).toEqual([]);
  await line.getByRole('button', { name: 'Hold' }).click();
  await page.locator('[data-line=held]').waitFor();
  await expectMusic(call, 700);
  await page.locator('[data-line=held]').getByRole('button', { name: 'Hold' }).click();
  await line.waitFor();
  await line.getByRole('button', { name: 'Keys' }).click();
  await line.getByRole('button', { name: '5', exact: true }).click();
  await expect.poll(() => call.rtp.receivedKeys.join(''), { timeout: 15_000 }).toContain('5');
  const third = await world.phoneOf('103');
  const rung = third.nextIncoming(60_000);
  await line.getByRole('button', { name: 'Transfer' }).click();
  await line.getByRole('combobox', { name: 'Transfer to' }).fill('103');
  await line.getByRole('button', { name: 'Transfer now' }).click();
  const handed = await (await rung).until('answered');
  await page.locator('[data-line]').waitFor({ state: 'detached' });
  handed.rtp.say(sine(900, 1000), true);
  await expectTone(call, 900);
  await call.hangUp();
  await world.idle();
});

it('calls a colleague, asks another and joins the two', async () => {
  const [second, third] = [await world.phoneOf('102'), await world.phoneOf('103')];
  const { page } = await visitAsUser('/me');
  const [first, asked] = [second.nextIncoming(60_000), third.nextIncoming(60_000)];
  // the button turns the phone on
  await page.getByRole('button', { name: 'Call User 102' }).click();
  const incoming = await (await first).until('answered');
  const line = page.locator('[data-line=talking]');
  await line.getByRole('button', { name: 'Transfer' }).click();
  await line.getByRole('combobox', { name: 'Transfer to' }).fill('103');
  await line.getByRole('button', { name: 'Ask first' }).click();
  const other = await (await asked).until('answered');
  await page.locator('[data-line=held]').waitFor();
  await page.getByRole('button', { name: 'Connect with 102' }).click();
  await page.locator('[data-line]').first().waitFor({ state: 'detached' });
  incoming.rtp.say(sine(600, 1000), true);
  other.rtp.say(sine(900, 1000), true);
  await expectTone(incoming, 900);
  await expectTone(other, 600);
  await incoming.hangUp();
  await world.idle();
  await visit!.follow('/my-calls');
  await page
    .getByRole('row', { name: /Placed.*102/ })
    .first()
    .waitFor();
});

it('says who calls another phone of the user', async () => {
  const [mine, second] = [await world.phoneOf('101', { incoming: { ring: true } }), await world.phoneOf('102')];
  const { page } = await visitAsUser('/me');
  const rung = mine.nextIncoming(30_000);
  const call = await second.call('101');
  await rung;
  await page.locator('[data-elsewhere=ringing]').getByText('User 102').waitFor();
  await call.hangUp();
  await page.locator('[data-elsewhere]').waitFor({ state: 'detached' });
  await visit!.follow('/my-calls');
  await page.getByRole('row', { name: /Received.*102.*Missed/ }).waitFor();
  await world.idle();
});

it('lets users order their greetings, forwarding, lists, phones and password', async () => {
  await world.must('POST', '/voicemail-boxes', { name: 'Mine', userId });
  const { page } = await visitAsUser('/my-messages');
  const greeting = page.locator('[data-greeting=busy]');
  const wav = encodeWav({ samples: sine(500, 1000), sampleRateHz: 8000 });
  const file = { name: 'busy.wav', mimeType: 'audio/wav', buffer: wav };
  await greeting.locator('input[type=file]').setInputFiles(file);
  await greeting.locator('audio').waitFor();
  await greeting.getByRole('button', { name: /^Delete/ }).click();
  await greeting.locator('audio').waitFor({ state: 'detached' });
  await visit!.follow('/my-reach');
  const always = page.getByRole('group', { name: 'Always' });
  await always.getByRole('combobox').click();
  await page.getByRole('option', { name: 'My voicemail' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  // an earlier notice may still say that something was saved
  const forwarded = async () =>
    (await world.must<{ forwarding: { always: unknown } }>('GET', `/users/${userId}/calling`)).forwarding.always;
  await expect.poll(forwarded, { timeout: 20_000 }).toMatchObject({ destination: { type: 'voicemail' } });
  await page.getByRole('button', { name: 'Add somebody' }).click();
  const elsewhere = page.getByRole('group', { name: 'No. 1' });
  expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  await elsewhere.getByRole('combobox').first().click();
  await page.getByRole('option', { name: 'A number' }).click();
  await elsewhere.getByLabel('Number').fill('+33 6 12 34 56 78');
  await elsewhere.getByLabel('After (s)').fill('5');
  await page.getByRole('button', { name: 'Save' }).click();
  const followed = async () => (await world.must<{ followMe: unknown }>('GET', `/users/${userId}/calling`)).followMe;
  await expect.poll(followed, { timeout: 20_000 }).toMatchObject({
    enabled: true,
    targets: [{ userId: null, number: '+33612345678', delayMs: 5000, ringMs: 20_000, confirm: true }],
  });
  const blocked = page.locator('[data-list=block]');
  await blocked.getByLabel('Number or pattern').fill('+33987*');
  await blocked.getByRole('button', { name: 'Add' }).click();
  await blocked.getByText('+33987*').waitFor();
  await visit!.follow('/my-phones');
  await page.getByLabel('Name of a new phone').fill('Desk <i>two</i>');
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('dialog').getByText('Desk <i>two</i>').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await page.getByRole('row', { name: /Desk <i>two/ }).waitFor();
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'My account' }).click();
  const changed = 'another long password';
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel(/^New password(?! again)/).fill(changed);
  await page.getByLabel('New password again').fill(changed);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('The password has been changed.').waitFor();
});
