/**
 * Pictures of the flow editor in both languages, for the README and docs/guides/editor.md: `node test/browser/editor-screenshots.ts`.
 * It starts an installation of its own and shows the demo company's front desk.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { World } from '../e2e/world.ts';
import { ConsoleVisit, launchBrowser } from './browser.ts';

const OUT = resolve(import.meta.dirname, '../../docs/images/editor');

const TEXTS = {
  en: {
    tabs: ['Simulate', 'Tests', 'Versions'],
    wait: '+10 s',
    paths: 'Test every path',
    compare: 'Compare with the draft',
  },
  fr: {
    tabs: ['Simuler', 'Tests', 'Versions'],
    wait: '+10 s',
    paths: 'Tester tous les chemins',
    compare: 'Comparer au brouillon',
  },
} as const;

async function take(page: Page, name: string): Promise<void> {
  // cards glide into view
  await page.waitForTimeout(600);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
  process.stdout.write(`${name}\n`);
}

async function picturesOf(page: Page, language: 'en' | 'fr'): Promise<void> {
  const { tabs, wait, paths, compare } = TEXTS[language];
  const [simulate, tests, versions] = tabs;
  await page.locator('[data-node="choose-language"]').click();
  await page.locator('[data-node-form]').waitFor();
  await take(page, `canvas-${language}`);
  await page.getByRole('tab', { name: simulate }).click();
  for (const key of ['1', '1']) await page.getByRole('button', { name: key, exact: true }).click();
  await page.getByRole('button', { name: wait }).click();
  await page.locator('[data-node=sales][data-paint=current]').waitFor();
  await take(page, `simulate-${language}`);
  await page.getByRole('tab', { name: tests, exact: true }).click();
  await page.getByRole('button', { name: paths }).click();
  await page.getByText(/100 % ·/).waitFor();
  await take(page, `tests-${language}`);
  await page.getByRole('tab', { name: versions }).click();
  await page.getByRole('button', { name: compare }).first().click();
  await take(page, `versions-${language}`);
  await page.keyboard.press('Control+f');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('sales');
  await take(page, `search-${language}`);
}

mkdirSync(OUT, { recursive: true });
const world = await World.start();
const browser = await launchBrowser();
try {
  const { items } = await world.must<{ items: { id: string }[] }>('GET', '/flows?name=front-desk');
  const password = /with the password (\S+)/.exec(world.installation.readyBlock)?.[1] ?? '';
  for (const language of ['en', 'fr'] as const) {
    const visit = await ConsoleVisit.open(browser, world.installation.url, { locale: language, width: 1360 });
    await visit.logIn({ email: 'admin@demo.example', password });
    await visit.go(`/flows/${items[0]!.id}`);
    await picturesOf(visit.page, language);
    await visit.close();
  }
} finally {
  await browser.close();
  await world.stop();
}
