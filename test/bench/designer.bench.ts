/**
 * The canvas of the editor at 500 nodes / 700 edges (or `-- <nodes> <edges>`) in Chromium beside React Flow's bare default nodes in the
 * same run: frame times of panning, zooming and dragging. One JSON line per canvas and movement; frames above 33 ms count as dropped.
 */

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { FlowDocument } from '@callwright/engine';
import type { Page } from 'playwright-core';
import { ConsoleVisit, launchBrowser } from '../browser/browser.ts';
import { World } from '../e2e/world.ts';
import { report, summarise } from './statistics.ts';

const [nodeCount = 500, edgeCount = 700] = process.argv.slice(2).map(Number);
const COLUMNS = 25;
const SPACING = { x: 320, y: 240 };
const DROPPED_MS = 33.4;
/** After opening: the first check of the flow, the first form, the first saving. */
const SETTLED_MS = 5_000;
const DESIGNER = resolve(import.meta.dirname, '../../designer');

const place = (index: number) => ({ x: (index % COLUMNS) * SPACING.x, y: Math.floor(index / COLUMNS) * SPACING.y });
/** Edges: each node to the next, then further ones ahead. */
const links = Array.from({ length: edgeCount }, (_, index) => {
  const from = index % (nodeCount - 2);
  return { from, to: index < nodeCount - 2 ? from + 1 : Math.min(nodeCount - 1, from + 7) };
});

function bigFlow(): { document: FlowDocument; layout: object } {
  const ids = Array.from({ length: nodeCount }, (_, index) => (index === 0 ? 'start' : `n${index}`));
  const choices = (index: number) => [
    { key: '1', outcome: 'a', label: '' },
    { key: '2', outcome: `b${index}`, label: '' },
  ];
  const used = new Map<number, number>();
  const document = {
    format: 1,
    name: 'big',
    title: 'Big',
    language: 'en',
    entry: 'start',
    variables: [],
    nodes: ids.map((id, number) => ({
      id,
      number,
      kind: number === 0 ? 'start' : 'menu',
      version: 1,
      label: `Node ${number}`,
      config:
        number === 0 ? {} : { prompts: [{ parts: [{ type: 'text', text: 'Choose' }] }], choices: choices(number) },
    })),
    edges: links.flatMap(({ from, to }) => {
      const nth = used.get(from) ?? 0;
      used.set(from, nth + 1);
      const outcome = from === 0 ? ['next'][nth] : ['a', `b${from}`][nth];
      return outcome === undefined ? [] : [{ from: ids[from]!, outcome, to: ids[to]! }];
    }),
  } as FlowDocument;
  return { document, layout: { positions: Object.fromEntries(ids.map((id, index) => [id, place(index)])), notes: [] } };
}

const bareGraph = () => ({
  nodes: Array.from({ length: nodeCount }, (_, index) => ({
    id: `n${index}`,
    position: place(index),
    data: { label: `Node ${index}` },
  })),
  edges: links.map(({ from, to }, index) => ({ id: `e${index}`, source: `n${from}`, target: `n${to}` })),
});

/** Frame times while something moves, ms. */
async function frames(page: Page, move: () => Promise<void>): Promise<number[]> {
  await page.evaluate(`window.frames_ = []; { let last = performance.now(); const tick = (now) => {
    window.frames_.push(now - last); last = now; if (window.frames_) requestAnimationFrame(tick); }; requestAnimationFrame(tick); }`);
  await move();
  return page.evaluate<number[]>(
    '(() => { const all = window.frames_.slice(2); window.frames_ = null; return all; })()',
  );
}

async function measure(page: Page, canvas: string, dragged: string): Promise<void> {
  const pane = (await page.locator('.react-flow__pane').boundingBox())!;
  const middle = { x: pane.x + pane.width / 2, y: pane.y + pane.height / 2 };
  const drag = async (from: { x: number; y: number }) => {
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    for (let step = 1; step <= 60; step += 1) await page.mouse.move(from.x + step * 3, from.y + step * 2);
    await page.mouse.up();
  };
  const empty = { x: pane.x + 12, y: pane.y + 12 };
  const movements: Readonly<Record<string, () => Promise<void>>> = {
    pan: () => drag(empty),
    zoom: async () => {
      await page.mouse.move(middle.x, middle.y);
      for (let step = 0; step < 40; step += 1) await page.mouse.wheel(0, step < 20 ? -60 : 60);
    },
    drag: async () => {
      const box = (await page.locator(dragged).boundingBox())!;
      await drag({ x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 8) });
    },
  };
  for (const [movement, move] of Object.entries(movements)) {
    const times = await frames(page, move);
    const dropped = times.filter((ms) => ms > DROPPED_MS).length;
    report('designer', { canvas, nodes: nodeCount, edges: edgeCount, movement, frameMs: summarise(times), dropped });
  }
}

/** Builds the bare page with the designer's own tools and serves it. */
async function serveBare(): Promise<{ url: string; close: () => void }> {
  const out = mkdtempSync(join(tmpdir(), 'bare-'));
  const vite = join(DESIGNER, 'node_modules/vite/bin/vite.js');
  const args = [
    vite,
    'build',
    join(DESIGNER, 'bench'),
    '--base',
    './',
    '--outDir',
    out,
    '--emptyOutDir',
    '--logLevel',
    'error',
  ];
  await promisify(execFile)(process.execPath, args, { cwd: join(DESIGNER, 'bench') });
  const types: Readonly<Record<string, string>> = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.css': 'text/css',
  };
  const server = createServer((request, response) => {
    const path = join(out, new URL(request.url ?? '/', 'http://bare').pathname);
    if (!existsSync(path)) response.writeHead(404).end();
    else {
      const type = types[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type }).end(readFileSync(path));
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const close = () => {
    server.close();
    rmSync(out, { recursive: true, force: true });
  };
  return { url: `http://127.0.0.1:${port}/index.html`, close };
}

const bare = await serveBare();
const world = await World.start();
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${bare.url}#${encodeURIComponent(JSON.stringify(bareGraph()))}`);
  await page
    .locator('.react-flow__node')
    .nth(nodeCount - 1)
    .waitFor({ state: 'attached' });
  await page.waitForTimeout(SETTLED_MS);
  await measure(page, 'bare', '[data-id=n260]');
  await page.close();

  const { id } = await world.must<{ id: string }>('POST', '/flows', { file: bigFlow() });
  const password = /with the password (\S+)/.exec(world.installation.readyBlock)?.[1] ?? '';
  const visit = await ConsoleVisit.open(browser, world.installation.url, { width: 1440 });
  await visit.logIn({ email: 'admin@demo.example', password });
  await visit.go(`/flows/${id}`);
  await visit.page
    .locator('.react-flow__node')
    .nth(nodeCount - 1)
    .waitFor({ state: 'attached' });
  await visit.page.getByRole('button', { name: 'Fit View' }).click();
  await visit.page.waitForTimeout(SETTLED_MS);
  await measure(visit.page, 'editor', '[data-node=n260]');
} finally {
  await browser.close();
  await world.stop();
  bare.close();
}
