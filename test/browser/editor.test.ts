/** The flow editor in a real browser: drawing and publishing by keyboard and by mouse, saving when things go wrong, simulation, axe. */
import { type FlowDocument, flow, node, say } from '@callwright/engine';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import { World, wayIn } from '../e2e/world.ts';
import { ConsoleVisit, launchBrowser } from './browser.ts';
import { leave } from './leave.ts';
import { chooseKind, insertByKeyboard } from './palette.ts';

const PASSWORD = 'correct horse battery staple';
const HOSTILE = '<img src=x onerror="window.hacked=1">';

let world: World;
let browser: Browser;
let email: string;
let visit: ConsoleVisit | undefined;

beforeAll(async () => {
  if (missingPrograms('chromium')) return;
  [world, browser] = await Promise.all([World.company(['101']), launchBrowser()]);
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

interface FlowAnswer {
  readonly id: string;
  readonly draftVersion: number;
  readonly published: { readonly number: number } | null;
  readonly draft: {
    readonly document: {
      nodes: { id: string; label: string }[];
      edges: { from: string; outcome: string; to: string }[];
    };
  };
}

const menuFlow = (name: string) =>
  flow(name, {
    title: name,
    language: 'en',
    nodes: {
      start: node('start', { answer: true }, { next: 'choose' }),
      choose: node(
        'menu',
        {
          prompts: [say(`${HOSTILE} press 1 or 2`)],
          choices: [
            { key: '1', outcome: 'one' },
            { key: '2', outcome: 'two' },
          ],
        },
        { one: 'first', two: 'bye', 'no-input': 'bye', 'no-match': 'bye' },
      ),
      first: node('play', { prompts: [say('The first')] }, { next: 'bye' }),
      bye: node('hang-up', {}, {}),
    },
  });

/** Under a name of its own: a second try finds the first one's flow. */
async function makeFlow(document: FlowDocument): Promise<string> {
  const name = `${document.name}-${crypto.randomUUID().slice(0, 8)}`;
  return (await world.must<FlowAnswer>('POST', '/flows', { file: { document: { ...document, name } } })).id;
}

/** A number that leads to a flow. */
async function makeNumber(id: string): Promise<string> {
  const dialled = `29${Math.floor(1000 + Math.random() * 9000)}`;
  await world.must('POST', '/numbers', { dialled, kind: 'service', public: true, destination: { type: 'flow', id } });
  return dialled;
}

/** The way a call took, by the SIP Call-ID of its caller. */
async function pathOfCall(sipCallId: string): Promise<string[]> {
  await world.cdrOf(sipCallId, 30_000);
  const found = (await world.calls('?state=ended')).find(({ cdr }) =>
    cdr?.legs.some((leg) => leg.sipCallId === sipCallId),
  );
  return wayIn(await world.records(found!.id));
}

const draftOf = (id: string) => world.must<FlowAnswer>('GET', `/flows/${id}`);

interface Visitor {
  readonly page: Page;
  readonly canvas: ReturnType<Page['getByRole']>;
  readonly saved: () => Promise<void>;
}

async function edit(
  id: string,
  options: Parameters<typeof ConsoleVisit.open>[2] = {},
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<Visitor> {
  visit = await ConsoleVisit.open(browser, world.installation.url, { width: 1440, ...options });
  await prepare(visit.page);
  await visit.logIn({ email, password: PASSWORD });
  await visit.go(`/flows/${id}`);
  const { page } = visit;
  await page.locator('[data-node]').first().waitFor();
  const saved = options.locale === 'fr' ? 'Enregistré' : 'Saved';
  return {
    page,
    canvas: page.getByRole('application', { name: 'Canvas of the flow' }),
    saved: () => page.getByRole('status').filter({ hasText: saved }).waitFor(),
  };
}

it('an empty flow becomes a published one by keyboard alone, and a phone walks through it', async () => {
  const empty = flow('by-keyboard', {
    language: 'en',
    nodes: { start: node('start', { answer: true }, { next: 'start' }) },
  });
  const id = await makeFlow({ ...empty, edges: [] });
  const { page, canvas, saved } = await edit(id);
  await canvas.focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('combobox', { name: 'next' }).waitFor();
  await insertByKeyboard(page, 'play');
  await insertByKeyboard(page, 'hang up');
  await page.keyboard.press('F2');
  await page.locator('[data-node-label]:focus').waitFor();
  await page.keyboard.type('The end');
  await expect.poll(() => page.locator('[data-node=hang-up]').textContent()).toContain('The end');
  await saved();
  await page.keyboard.press('Control+Shift+P');
  await page.getByLabel('Name of this version').waitFor();
  await page.keyboard.type('Made by keyboard');
  await page.keyboard.press('Enter');
  await page.getByText('Version 1 is published.').waitFor();
  const dialled = await makeNumber(id);
  const caller = await world.phoneOf('101');
  const call = await (await caller.call(dialled)).until('answered');
  await call.until('ended', 30_000);
  expect(await pathOfCall(call.callId)).toEqual(['start=next', 'play=next', 'hang-up=hang-up']);
});

it('by mouse: a node from the palette, a wire by drag, undo; all of it is saved by itself', async () => {
  const id = await makeFlow(menuFlow('by-mouse'));
  const { page, canvas, saved } = await edit(id);
  const box = (await canvas.boundingBox())!;
  await page
    .getByRole('navigation', { name: 'Kinds of nodes' })
    .getByRole('button', { name: /^Echo/ })
    .dragTo(canvas, {
      targetPosition: { x: box.width / 2, y: box.height - 120 },
    });
  const echo = page.locator('[data-node=echo]');
  await echo.waitFor();
  await page.getByRole('button', { name: 'Fit View' }).click();
  const handle = page.locator('[data-node=choose] .source').first();
  await handle.dragTo(echo.locator('.target'));
  await saved();
  await expect
    .poll(async () => (await draftOf(id)).draft.document.edges)
    .toContainEqual({ from: 'choose', outcome: 'one', to: 'echo' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await echo.waitFor({ state: 'detached' });
  await saved();
  await expect.poll(async () => (await draftOf(id)).draft.document.nodes.length).toBe(4);
});

/** A file of the editor has come, by the beginning of its name. */
const fetched = (page: Page, name: string) =>
  expect
    .poll(() => page.evaluate<string[]>("performance.getEntriesByType('resource').map(({ name }) => name)"), {
      timeout: 60_000,
    })
    .toContainEqual(expect.stringContaining(`/${name}-`));

it('a part of the page that does not come says so, and comes when it is asked for again', async () => {
  const id = await makeFlow(menuFlow('late'));
  const part = '**/simulator-*.js';
  const { page } = await edit(id, {}, (before) => before.route(part, (route) => route.abort()));
  await page.getByRole('tab', { name: 'Simulate' }).click();
  const failure = page.getByRole('alert').filter({ hasText: 'The server does not answer.' });
  await failure.waitFor();
  await page.unroute(part);
  await failure.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: '+10 s' }).waitFor();
});

it('nothing is lost when the connection drops, nor when somebody else saves meanwhile', async () => {
  const id = await makeFlow(menuFlow('torn'));
  const { page, saved } = await edit(id);
  // forms come by themselves while the page is idle, this part after them: nobody has opened one yet
  await fetched(page, 'versions');
  await page.context().setOffline(true);
  await page.locator('[data-node=first]').click();
  await page.getByLabel('Label').first().fill('Written offline');
  await page.getByRole('status').filter({ hasText: 'Offline' }).waitFor();
  const before = await draftOf(id);
  const { nodes } = before.draft.document;
  const theirs = nodes.map((one) => (one.id === 'bye' ? { ...one, label: 'Theirs' } : one));
  const file = { ...before.draft, document: { ...before.draft.document, nodes: theirs } };
  await world.must('PUT', `/flows/${id}/draft`, { version: before.draftVersion, file });
  await page.context().setOffline(false);
  await saved();
  await page.locator('[data-node=bye]').filter({ hasText: 'Theirs' }).waitFor();
  const labels = (await draftOf(id)).draft.document.nodes.map(({ label }) => label);
  expect(labels).toEqual(expect.arrayContaining(['Written offline', 'Theirs']));
});

it('a simulated call takes the way a real one takes; it is kept as a test, and every path is found', async () => {
  const id = await makeFlow(menuFlow('simulated'));
  await world.must('POST', `/flows/${id}/publish`, {});
  const dialled = await makeNumber(id);
  const { page } = await edit(id);
  await page.getByRole('tab', { name: 'Simulate' }).click();
  await page.getByRole('button', { name: '1', exact: true }).click();
  await page.getByRole('button', { name: '+10 s' }).click();
  await page.getByText(/Call over/).waitFor();
  await page.locator('[data-node=first][data-paint=visited]').waitFor();
  await page.getByLabel('Keep this call as a test').fill('one');
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await page.getByText('Test one kept').waitFor();
  // fork: before the key was pressed
  await page.getByRole('button', { name: 'Fork at step 0' }).click();
  await page.getByRole('button', { name: '2', exact: true }).click();
  await page.locator('[data-wire^="choose"][data-paint=taken]').waitFor();
  expect(await page.locator('[data-node=first]').getAttribute('data-paint')).toBeNull();
  await page.getByRole('tab', { name: 'Tests' }).click();
  await page.getByText('1 passed, 0 failed').waitFor();
  await page.getByRole('button', { name: 'Test every path' }).click();
  await page.getByText(/100 % · 6 paths/).waitFor();
  await expect.poll(() => page.locator('[data-wire][data-paint=covered]').count()).toBe(6);
  expect(await page.evaluate('window.hacked')).toBeUndefined();

  const caller = await world.phoneOf('101');
  const call = await (await caller.call(dialled)).until('answered');
  await call.press('1');
  await call.until('ended', 30_000);
  const { items } = await world.must<{ items: { path: string[] }[] }>('GET', `/flows/${id}/tests`);
  expect(items[0]?.path).toEqual(await pathOfCall(call.callId));
});

/** A branch whose first way no call takes, and a request to the machine itself. */
const untestedFlow = flow('untested', {
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'ask' }),
    ask: node(
      'request',
      { url: 'http://127.0.0.1:9/?n=${caller.number}' },
      { ok: 'decide', 'http-error': 'bye', timeout: 'bye', failed: 'bye' },
    ),
    decide: node('branch', { branches: [{ when: '1 > 2', outcome: 'odd' }] }, { odd: 'bye', otherwise: 'bye' }),
    bye: node('hang-up', {}, {}),
  },
});

it('a company that publishes tested flows only is shown what no test takes; a request is tried from its form', async () => {
  const { company } = await world.must<{ company: string }>('GET', '/session');
  await world.must('PATCH', `/owners/${company}`, { settings: { testedFlowsOnly: true } });
  try {
    const id = await makeFlow(untestedFlow);
    const { page } = await edit(id);
    await page.keyboard.press('Control+Shift+P');
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Show the problems' }).click();
    await page.getByText('No test takes the outcome odd').first().waitFor();
    await page.locator('[data-wire^="decide"][data-paint=missing]').waitFor({ state: 'attached' });
    expect(await page.locator('[data-paint=missing]').count()).toBe(1);
    expect((await draftOf(id)).published).toBeNull();
    await page.locator('[data-node=ask]').dblclick();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('This address may not be asked').waitFor();
  } finally {
    await world.must('PATCH', `/owners/${company}`, { settings: { testedFlowsOnly: false } });
  }
});

it('a node is put on a wire by mouse; what was undone before it was saved does not come back', async () => {
  const id = await makeFlow(menuFlow('on-a-wire'));
  const { page, canvas } = await edit(id);
  const wire = (await page.locator('[data-wire^="first"] .react-flow__edge-interaction').boundingBox())!;
  await page.mouse.move(wire.x + wire.width / 2, wire.y + wire.height / 2, { steps: 5 });
  await page.getByRole('button', { name: 'Insert a node here' }).click();
  await chooseKind(page, 'Echo');
  const edges = async () => (await draftOf(id)).draft.document.edges;
  await expect.poll(edges).toContainEqual({ from: 'first', outcome: 'next', to: 'echo' });
  await expect.poll(edges).toContainEqual({ from: 'echo', outcome: 'next', to: 'bye' });
  await canvas.focus();
  await page.keyboard.press('Shift+S');
  await page.keyboard.press('Control+Z');
  await visit!.go(`/flows/${id}`);
  await page.locator('[data-node=echo]').waitFor();
  expect(await page.locator('.react-flow__node-note').count()).toBe(0);
});

it('the console starts with at most 350 kB of script', async () => {
  visit = await ConsoleVisit.open(browser, world.installation.url);
  await visit.page.locator('input[name=email]').waitFor();
  const sizes = await visit.page.evaluate<number[]>(
    `performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname.endsWith('.js')).map(({ encodedBodySize }) => encodedBodySize)`,
  );
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.every((size) => size > 0)).toBe(true);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(350_000);
});

it('axe finds nothing in the editor, in both languages and both colour schemes', async () => {
  const id = await makeFlow(menuFlow('accessible'));
  const found: string[] = [];
  // in dark colours nothing is different but the colours
  const look = async (what: string | null, ...rules: string[]) => {
    for (const fault of await visit!.violations(...rules)) found.push(`${what}: ${fault}`);
  };
  for (const locale of ['en', 'fr'] as const) {
    const { page } = await edit(id, { locale, colorScheme: 'light' });
    await page.locator('[data-node=choose]').click();
    await page.locator('[data-node-form]').waitFor();
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await page.locator('[data-panel] .mantine-Loader-root').first().waitFor({ state: 'detached' });
      await visit!.recolour('light');
      await look(`${await tab.textContent()} ${locale}`);
      await visit!.recolour('dark');
      await look(`${await tab.textContent()} ${locale} dark`, 'color-contrast');
    }
    await page.keyboard.press('Control+f');
    await page.getByRole('dialog').waitFor();
    await look(`search ${locale} dark`, 'color-contrast');
    await visit!.recolour('light');
    await look(`search ${locale}`);
    await visit!.close();
    visit = undefined;
  }
  expect(found).toEqual([]);
});
