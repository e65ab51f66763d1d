/**
 * Every page for everybody: axe finds nothing in either language and colour scheme, a phone's width scrolls nothing sideways, and names
 * that somebody wrote in malice are shown as they were typed and run nothing.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import { World } from '../e2e/world.ts';
import { ConsoleVisit, launchBrowser } from './browser.ts';
import { allPages, fillCompany, HOSTILE } from './console-pages.ts';

const PASSWORD = 'correct horse battery staple';
/** What moves has come to rest after it. */
const SETTLED_MS = 5_000;
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740 };

let world: World;
let browser: Browser;
let samples: Readonly<Record<string, string>>;
let accounts: Readonly<Record<Role, string>>;
let visits: ConsoleVisit[] = [];

beforeAll(async () => {
  if (missingPrograms('chromium')) return;
  [world, browser] = await Promise.all([World.company(['101', '102', '103']), launchBrowser()]);
  const filled = await fillCompany(world);
  ({ samples } = filled);
  const [first, second] = filled.userIds;
  accounts = {
    company: await account('company', first),
    user: await account('user', second),
    supervisor: await account('supervisor'),
  };
});
beforeEach((context) => skipWithout(context, 'chromium'));
afterEach(async () => {
  const complaints = visits.flatMap((visit) => visit.complaints);
  await Promise.all(visits.map((visit) => visit.close()));
  visits = [];
  expect(complaints).toEqual([]);
});
afterAll(async () => {
  await world?.closePhones();
  await browser?.close();
  await world?.stop();
});

type Role = 'company' | 'supervisor' | 'user';

/** E-mail address of a new account. */
async function account(role: Role, userId: string | null = null): Promise<string> {
  const email = `${role}-${crypto.randomUUID().slice(0, 8)}@pages.example`;
  await world.must('POST', '/accounts', { email, role, password: PASSWORD, name: HOSTILE, userId });
  return email;
}

async function visitAs(role: Role, locale: 'en' | 'fr', size: typeof WIDE): Promise<ConsoleVisit> {
  const visit = await ConsoleVisit.open(browser, world.installation.url, { locale, ...size });
  visits.push(visit);
  await visit.page.emulateMedia({ reducedMotion: 'reduce' });
  await visit.logIn({ email: accounts[role], password: PASSWORD });
  await visit.settled();
  return visit;
}

/** Whether something comes true in the page before long. */
async function holds(page: Page, what: string, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!(await page.evaluate<boolean>(what))) {
    if (performance.now() > deadline) return false;
    await page.waitForTimeout(50);
  }
  return true;
}

type Scheme = 'light' | 'dark';

/** What is wrong with the page that is shown, by all rules in the first scheme; those of colours hold for the others too. */
async function faultsOf(visit: ConsoleVisit, name: string, ...schemes: readonly Scheme[]): Promise<string[]> {
  const { page } = visit;
  const found: string[] = [];
  for (const [at, scheme] of schemes.entries()) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
    // colours that are on their way are none yet
    await holds(page, '!document.getAnimations().some((each) => each instanceof CSSTransition)', SETTLED_MS);
    const rules = at === 0 ? [] : ['color-contrast'];
    for (const fault of await visit.violations(...rules)) found.push(`${name} ${scheme}: ${fault}`);
  }
  if (await page.evaluate('"hacked" in window')) found.push(`${name}: a name was run`);
  if ((await page.locator('img[src=x]').count()) > 0) found.push(`${name}: a name became an element`);
  if ((await page.getByText(/There is no such page|Cette page n’existe pas/).count()) > 0)
    found.push(`${name}: no page`);
  if (!(await holds(page, 'document.documentElement.scrollWidth <= innerWidth', SETTLED_MS)))
    found.push(`${name}: too wide`);
  return found;
}

/** The language's words in the width of a screen, or of a phone; each page in one scheme or both. */
async function walk(
  visit: ConsoleVisit,
  who: string,
  pages: readonly string[],
  schemesOf: (at: number) => readonly Scheme[],
): Promise<string[]> {
  const found: string[] = [];
  for (const [at, path] of pages.entries()) {
    const arrived = await visit.jump(path).then(
      () => true,
      () => false,
    );
    const faults = arrived ? faultsOf(visit, `${who} ${path}`, ...schemesOf(at)) : [`${who} ${path}: does not come`];
    found.push(...(await faults));
  }
  return found;
}

const both = (): readonly Scheme[] => ['light', 'dark'];
const inTurn = (at: number): readonly Scheme[] => [at % 2 === 0 ? 'dark' : 'light'];

it('nobody is kept out of a page, and no name gets power over it', { timeout: 600_000 }, async () => {
  const wide = visitAs('company', 'en', WIDE).then(async (visit) =>
    walk(visit, 'en', allPages(await visit.pages(), samples), both),
  );
  const narrow = visitAs('company', 'fr', NARROW).then(async (visit) =>
    // a flow is drawn on a screen
    walk(
      visit,
      'fr',
      allPages(await visit.pages(), samples).filter((path) => path !== `/flows/${samples.flows}`),
      inTurn,
    ),
  );
  expect((await Promise.all([wide, narrow])).flat()).toEqual([]);
});

it('nor those who see less', { timeout: 300_000 }, async () => {
  // what has nothing on its first page is led on to the next
  const user = visitAs('user', 'fr', NARROW).then(async (visit) =>
    walk(visit, 'user', (await visit.pages()).slice(1), inTurn),
  );
  const pages = ['/', '/users', `/users/${samples.users}`, '/live', `/flows/${samples.flows}/live`];
  const supervisor = visitAs('supervisor', 'en', NARROW).then((visit) => walk(visit, 'supervisor', pages, inTurn));
  const nobody = ConsoleVisit.open(browser, world.installation.url, { locale: 'fr', ...NARROW }).then((visit) => {
    visits.push(visit);
    return faultsOf(visit, 'log-in', 'light', 'dark');
  });
  expect((await Promise.all([user, supervisor, nobody])).flat()).toEqual([]);
});
