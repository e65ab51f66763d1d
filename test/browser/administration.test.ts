/** What administrators do in the console beside forms of lists: queues, webhooks, routing, keys, caps, erasing, supervision of a real call. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import { World } from '../e2e/world.ts';
import { ConsoleVisit, launchBrowser } from './browser.ts';

const PASSWORD = 'correct horse battery staple';

let world: World;
let browser: Browser;
let visit: ConsoleVisit;
let page: Page;

beforeAll(async () => {
  if (!missingPrograms('chromium')) browser = await launchBrowser();
});
// a company for each try of each test: none finds what another one made
beforeEach(async (context) => {
  skipWithout(context, 'chromium');
  world = await World.company(['101', '102', '103']);
  const email = `company-${crypto.randomUUID().slice(0, 8)}@console.example`;
  await world.must('POST', '/accounts', { email, role: 'company', password: PASSWORD, name: 'Some administrator' });
  visit = await ConsoleVisit.open(browser, world.installation.url);
  page = visit.page;
  await visit.logIn({ email, password: PASSWORD });
  return async () => {
    await visit.close();
    await world.closePhones();
    expect(visit.complaints).toEqual([]);
  };
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const saved = () => page.getByText('Saved.').first().waitFor();

async function choose(label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

describe('the console', () => {
  it('makes a queue, gives it an agent and shows both on the wallboard', async () => {
    await visit.follow('/queues');
    await button('New').click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel(/^Name/).fill('helpdesk');
    await drawer.getByLabel('Wrap-up (s)').fill('7.5');
    await drawer.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('link', { name: 'helpdesk' }).click();
    await page.getByText('This queue has no agents yet.').waitFor();
    await page.getByRole('tab', { name: 'Agents' }).click();
    await button('Add').click();
    await choose('User', 'User 102 (102)');
    await page.getByLabel('Penalty').fill('3');
    await button('Save').click();
    await saved();
    const [queue] = (await world.must<{ items: { id: string; wrapUpMs: number }[] }>('GET', '/queues')).items;
    expect(queue?.wrapUpMs).toBe(7500);
    const { items } = await world.must<{ items: object[] }>('GET', `/queues/${queue!.id}/members`);
    expect(items).toMatchObject([{ penalty: 3, weight: 1 }]);
    await visit.follow('/wallboard');
    const tile = page.getByRole('region', { name: 'helpdesk' });
    await tile.getByText('Longest wait now').waitFor();
    const reasons = page.getByRole('combobox', { name: 'Why agents may pause' });
    await reasons.fill('Lunch');
    await reasons.press('Enter');
    await button('Save').click();
    // what was said of the agents' form may still stand there
    await expect.poll(() => world.must('GET', '/pause-reasons'), { timeout: 20_000 }).toEqual({ items: ['Lunch'] });
  });

  it('tries a webhook and shows what became of it', async () => {
    await world.must('POST', '/webhooks', { name: 'crm', url: 'https://crm.invalid/hook' });
    await visit.follow('/webhooks');
    await page.getByRole('link', { name: 'crm' }).click();
    await button('Send a test').click();
    await page.getByRole('cell', { name: 'webhook.test' }).waitFor();
    // how often it was tried: nobody is there, so that grows
    await page.getByRole('button', { name: /^\d+$/ }).click();
    await page.getByRole('dialog').getByText('"type": "webhook.test"').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Secrets' }).click();
    await button('Make a secret').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Copy' }).waitFor();
    expect(await page.getByRole('dialog').locator('pre').textContent()).toMatch(/^\S{20,}$/);
  });

  it('explains a call, orders rules, sets keys and caps, and says what erasing would do', async () => {
    const users = (await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users')).items;
    const to = (extension: string) => ({ type: 'user', id: users.find((user) => user.extension === extension)!.id });
    await world.must('POST', '/routing-rules', { name: 'one', calledPattern: '555', destination: to('101') });
    await world.must('POST', '/routing-rules', { name: 'two', calledPattern: '555', destination: to('102') });
    await visit.follow('/routing-rules');
    await button('Move two up').click();
    await visit.follow('/explain');
    const ask = async () => {
      await page.getByLabel('Number dialled').fill('555');
      await button('Explain').click();
    };
    await ask();
    await page.getByText('By rule 1: two').waitFor();
    await page.getByRole('heading', { name: 'User: User 102 (102)' }).waitFor();

    await visit.follow('/call-keys');
    await page.getByLabel('Keys for: Park', { exact: true }).fill('*');
    await page.getByText('Two to eight of').waitFor();
    await page.getByLabel('Keys for: Park', { exact: true }).fill('*0');
    await button('Save').click();
    await saved();
    const keys = await world.must<{ items: object[] }>('GET', '/call-keys');
    expect(keys.items).toContainEqual({ action: 'park', keys: '*0' });

    await visit.follow('/spend-caps');
    await page.getByLabel('A month').fill('12.5');
    await button('Set').click();
    await page.getByRole('row', { name: /The whole company 12\.5/ }).waitFor();

    await visit.follow('/erasing');
    await page.getByRole('combobox', { name: 'Who' }).click();
    await page.getByRole('option', { name: 'User 103 (103)' }).click();
    await button('See what that would change').click();
    await page.getByText(/^This would be erased/).waitFor();
    const { items } = await world.must<{ items: { extension: string }[] }>('GET', '/users');
    expect(items.map(({ extension }) => extension)).toContain('103');
  });

  it('lets a supervisor hear a call that goes on', async () => {
    const callee = await world.phoneOf('102');
    const rings = callee.nextIncoming(20_000);
    const call = await (await world.phoneOf('101')).call('102');
    callee.answer(await rings);
    await call.until('answered');
    const supervisor = await world.phoneOf('103');
    await visit.follow('/live');
    await page.getByRole('button', { name: /^More for User 101/ }).click();
    await page.getByRole('menuitem', { name: 'Listen, whisper, speak' }).click();
    await choose('Supervisor', 'User 103 (103)');
    const hears = supervisor.nextIncoming(20_000);
    await button('Go').click();
    supervisor.answer(await hears);
    await page.getByRole('button', { name: /^Hang up User 101/ }).click();
    await call.until('ended');
  });
});
