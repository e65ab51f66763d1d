/**
 * The administrator's story, by mouse and again by keyboard alone: from an empty company to a published IVR that a SIPp call walks through.
 * And two authors at one flow: one in the browser, one by the command line.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import { runSipp } from '../clients/sipp.ts';
import { World } from '../e2e/world.ts';
import { ConsoleVisit, type LogIn, launchBrowser } from './browser.ts';
import { leave } from './leave.ts';

const PASSWORD = 'correct horse battery staple';
/** More stops than any page has. */
const MOST_STOPS = 400;

let world: World;
let browser: Browser;
let administrator: LogIn;
let visit: ConsoleVisit | undefined;
let dir: string;

beforeAll(async () => {
  if (missingPrograms('chromium', 'sipp')) return;
  browser = await launchBrowser();
});
beforeEach(async (context) => {
  skipWithout(context, 'chromium', 'sipp');
  world = await World.company([]);
  dir = await mkdtemp(join(tmpdir(), 'callwright-story-'));
  const email = `admin-${crypto.randomUUID().slice(0, 8)}@story.example`;
  await world.must('POST', '/accounts', { email, role: 'company', password: PASSWORD, name: 'Administrator' });
  administrator = { email, password: PASSWORD };
});
afterEach(async () => {
  const last = visit;
  visit = undefined;
  await leave(last);
  if (dir) await rm(dir, { recursive: true, force: true });
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** How somebody works a page. */
interface Hand {
  /** Activates a link, a button or an option. */
  readonly press: (what: Locator) => Promise<void>;
  /** Writes into a field. */
  readonly write: (field: Locator, text: string) => Promise<void>;
  /** Chooses an option of a list by its name. */
  readonly choose: (list: Locator, option: string) => Promise<void>;
}

const mouse = (page: Page): Hand => ({
  press: (what) => what.click(),
  write: async (field, text) => {
    await field.click({ clickCount: 3 });
    await page.keyboard.type(text);
  },
  choose: async (list, option) => {
    await list.click();
    await page.getByRole('option', { name: option, exact: true }).click();
  },
});

const keyboard = (page: Page): Hand => {
  const reach = async (what: Locator): Promise<void> => {
    await what.waitFor();
    for (let stops = 0; stops < MOST_STOPS; stops++) {
      if (await what.evaluate((element) => element === element.ownerDocument.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${what}`);
  };
  return {
    press: async (what) => {
      await reach(what);
      await page.keyboard.press('Enter');
    },
    write: async (field, text) => {
      await reach(field);
      await page.keyboard.press('Control+a');
      await page.keyboard.type(text);
    },
    choose: async (list, option) => {
      await reach(list);
      await page.keyboard.press('ArrowDown');
      await page.getByRole('option', { name: option, exact: true }).waitFor();
      for (let stops = 0; stops < MOST_STOPS; stops++) {
        const chosen = page.locator('[role=option][data-combobox-selected]');
        if ((await chosen.count()) === 1 && (await chosen.textContent())?.trim() === option) break;
        await page.keyboard.press('ArrowDown');
      }
      await page.keyboard.press('Enter');
    },
  };
};
