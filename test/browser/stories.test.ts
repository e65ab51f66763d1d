/**
 * The administrator's story, by mouse and again by keyboard alone: from an empty company to a published IVR that a SIPp call walks through.
 * And two authors at one flow: one in the browser, one by the command line.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flow, node, say } from '@callwright/engine';
import { runCommand } from '@callwright/test-support';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import { runSipp } from '../clients/sipp.ts';
import { World, wayIn } from '../e2e/world.ts';
import { ConsoleVisit, type LogIn, launchBrowser } from './browser.ts';
import { leave } from './leave.ts';
import { insertByKeyboard } from './palette.ts';

const PASSWORD = 'correct horse battery staple';
/** More stops than any page has. */
const MOST_STOPS = 150;

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
  /** Ticks a box. */
  readonly tick: (box: Locator) => Promise<void>;
  /** Writes into a field. */
  readonly write: (field: Locator, text: string) => Promise<void>;
  /** Chooses an option of a list by its name. */
  readonly choose: (list: Locator, option: string) => Promise<void>;
}

const mouse = (page: Page): Hand => ({
  press: (what) => what.click(),
  tick: (box) => box.click(),
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
    // on the canvas Tab chooses a node to add, so what comes before it is reached backwards
    for (const key of ['Shift+Tab', 'Tab'])
      for (let stops = 0; stops < MOST_STOPS; stops++) {
        if (await what.evaluate((element) => element === element.ownerDocument.activeElement)) return;
        await page.keyboard.press(key);
      }
    throw new Error(`Tab does not lead to ${what}`);
  };
  return {
    press: async (what) => {
      await reach(what);
      await page.keyboard.press('Enter');
    },
    tick: async (box) => {
      await reach(box);
      await page.keyboard.press('Space');
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

/** Start → menu → play → hang up; what is pressed wrong, or not at all, hangs up. */
async function draw(page: Page, by: 'mouse' | 'keyboard', hand: Hand): Promise<void> {
  const canvas = page.getByRole('application', { name: 'Canvas of the flow' });
  const kinds = page.getByRole('navigation', { name: 'Kinds of nodes' });
  /** Until the panel has the fields of the node: one of them is named. */
  const select = async (node: string, field: string): Promise<void> => {
    const shown = page.getByRole('combobox', { name: field, exact: true });
    if (by === 'mouse') {
      await page.getByRole('button', { name: 'Fit View' }).click();
      await page.locator(`[data-node=${node}]`).click({ position: { x: 30, y: 12 } });
    } else {
      await canvas.focus();
      for (let stops = 0; stops < 6 && (await shown.count()) === 0; stops++) {
        await page.keyboard.press(node === 'start' ? 'ArrowRight' : 'ArrowLeft');
        await shown.waitFor({ timeout: 2000 }).catch(() => {});
      }
      // from the canvas into the form
      await page.keyboard.press('Enter');
    }
    await shown.waitFor();
  };
  const insert = (kind: string): Promise<void> =>
    by === 'mouse' ? kinds.getByRole('button', { name: new RegExp(`^${kind}`) }).click() : insertByKeyboard(page, kind);
  await select('start', 'next');
  await insert('Menu');
  await insert('Play');
  await insert('Hang up');
  await page.locator('[data-node=hang-up]').waitFor();
  await select('menu', 'wrong key');
  for (const outcome of ['support', 'no key pressed', 'wrong key'])
    await hand.choose(page.getByRole('combobox', { name: outcome }), 'hang-up');
}

/** A service number that leads to the flow, by the form of the console. */
async function number(page: Page, hand: Hand, dialled: string): Promise<void> {
  await hand.press(page.getByRole('link', { name: 'All flows' }));
  await hand.press(page.locator('nav a[href="/console/numbers"]'));
  await hand.press(page.getByRole('button', { name: 'New', exact: true }));
  const drawer = page.getByRole('dialog');
  await hand.write(drawer.getByLabel('Number'), dialled);
  await hand.choose(drawer.getByRole('combobox', { name: 'Kind', exact: true }), 'Service number');
  await hand.tick(drawer.getByLabel('Reachable by everybody'));
  await hand.choose(drawer.getByRole('combobox', { name: 'Kind of destination' }), 'Flow');
  await hand.choose(drawer.getByRole('combobox', { name: 'Destination', exact: true }), 'Front door');
  await hand.press(drawer.getByRole('button', { name: 'Create' }));
  await page.getByRole('row', { name: new RegExp(dialled) }).waitFor();
}

/** The way the company's only call took. */
async function lastPath(): Promise<string[]> {
  await world.idle(30_000);
  const [call] = await world.calls('?state=ended');
  return wayIn(await world.records(call!.id));
}

describe.each(['mouse', 'keyboard'] as const)('the administrator’s story by %s', (by) => {
  it('from an empty company to a published IVR that SIPp walks through', async () => {
    visit = await ConsoleVisit.open(browser, world.installation.url, { width: 1440 });
    const { page } = visit;
    await visit.logIn(administrator);
    const hand = by === 'mouse' ? mouse(page) : keyboard(page);
    await hand.press(page.locator('nav a[href="/console/flows"]'));
    await hand.press(page.getByRole('button', { name: 'New flow' }));
    await hand.write(page.getByRole('dialog').getByLabel('Title'), 'Front door');
    await hand.choose(page.getByRole('dialog').getByRole('combobox', { name: 'Template' }), 'An empty flow');
    await hand.press(page.getByRole('dialog').getByRole('button', { name: 'Create' }));
    await page.locator('[data-node=start]').waitFor();
    await draw(page, by, hand);
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    await hand.press(page.getByRole('button', { name: 'Publish' }));
    await hand.press(page.getByRole('dialog').getByRole('button', { name: 'Publish' }));
    await page.getByText('Version 1 is published.').waitFor();
    const dialled = `28${Math.floor(1000 + Math.random() * 9000)}`;
    await number(page, hand, dialled);
    const result = await runSipp({
      server: `127.0.0.1:${world.sipPort}`,
      to: dialled,
      dir,
      mediaPort: 31_000 + 2 * Math.floor(Math.random() * 400),
      steps: [{ pauseMs: 1500 }, { key: '1' }, { expectByeMs: 20_000 }],
    });
    expect(result.errors).toBe('');
    expect(result.exitCode).toBe(0);
    expect(await lastPath()).toEqual(['start=next', 'menu=sales', 'play=next', 'hang-up=hang-up']);
  }, 240_000);
});

describe('two authors', () => {
  /** The command line of a developer, in his folder. */
  const cli = (...args: string[]) => runCommand({ cwd: dir, env: { CALLWRIGHT_DATA_DIR: dir } }, args);

  it('one in the browser, one by the command line: each sees what the other does, nothing is lost, what clashes is said', async () => {
    await writeFile(join(dir, 'admin.key'), `${world.key}\n`);
    await writeFile(join(dir, 'ports.json'), JSON.stringify({ http: Number(new URL(world.installation.url).port) }));
    const document = flow('shared-flow', {
      title: 'Shared',
      language: 'en',
      nodes: {
        start: node('start', { answer: true }, { next: 'greet' }),
        greet: node('play', { prompts: [say('Good morning')] }, { next: 'bye' }),
        bye: node('hang-up', {}, {}),
      },
    });
    const { id } = await world.must<{ id: string }>('POST', '/flows', { file: { document } });
    expect((await cli('pull', 'shared-flow')).code).toBe(0);
    const file = join(dir, 'shared-flow.ts');
    const edit = async (from: string, to: string): Promise<void> => {
      const text = await readFile(file, 'utf8');
      expect(text).toContain(from);
      await writeFile(file, text.replace(from, to));
    };
    const kept = (label: string) =>
      expect
        .poll(async () => JSON.stringify(await world.must('GET', `/flows/${id}`)), { timeout: 30_000 })
        .toContain(label);
    visit = await ConsoleVisit.open(browser, world.installation.url, { width: 1440 });
    const { page } = visit;
    await visit.logIn(administrator);
    await visit.go(`/flows/${id}`);
    await page.locator('[data-node=greet]').waitFor();

    await edit("'Shared'", "'Shared by hand'");
    expect((await cli('push', 'shared-flow.ts')).out).toContain('pushed');
    await page.getByRole('heading', { level: 1 }).filter({ hasText: 'Shared by hand' }).waitFor();

    await page.locator('[data-node=bye]').click();
    await page.getByLabel('Label').first().fill('Drawn in the browser');
    await kept('Drawn in the browser');
    expect((await cli('pull', 'shared-flow')).out).toContain('pulled');
    expect(await readFile(file, 'utf8')).toContain('Drawn in the browser');

    await page.getByLabel('Label').first().fill('Drawn once more');
    await kept('Drawn once more');
    await edit('Good morning', 'Good night');
    const refused = await cli('push', 'shared-flow.ts');
    expect(refused.code).toBe(1);
    expect(await readFile(file, 'utf8')).toContain('Good night');
    expect(JSON.stringify(await world.must('GET', `/flows/${id}`))).toContain('Good morning');
  }, 180_000);
});
