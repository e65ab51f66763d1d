import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowFile, normalizeDocument } from '@callwright/engine';
import { catalogue } from '@callwright/flows';
import { runCommand, startCommand } from '@callwright/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

/** Flows as code, as people use it: the command line as a process against a listening api, the canvas as requests to it. */

/** Every command is a process of its own, which takes its time on a busy machine. */
const PATIENCE_MS = 120_000;
const SEEN = { timeout: 60_000 };
let api: TestApi;
let dir: string;
let names = 0;
/** A name of one's own, for a test that is tried again too. */
const fresh = (name: string): string => {
  names += 1;
  return `${name}-${names}`;
};

beforeAll(async () => {
  api = await startTestApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  dir = mkdtempSync(join(tmpdir(), 'callwright-code-'));
  writeFileSync(join(dir, 'admin.key'), `${api.demo.admin.apiKey}\n`);
  const { port } = api.app.server.address() as AddressInfo;
  writeFileSync(join(dir, 'ports.json'), JSON.stringify({ http: port }));
});
afterAll(async () => {
  rmSync(dir, { recursive: true });
  await api.close();
});

const place = () => ({ cwd: dir, env: { CALLWRIGHT_DATA_DIR: dir } });
const run = (...args: string[]) => runCommand(place(), args);

const path = (name: string) => join(dir, name);
const text = (name: string) => readFileSync(path(name), 'utf8');
const edit = (name: string, from: string, to: string) => {
  const before = text(name);
  expect(before).toContain(from);
  writeFileSync(path(name), before.replace(from, to));
};

/** A flow of the catalogue under another name, drawn. */
function drawn(name: string): FlowFile {
  const document = { ...catalogue['front-desk']!, name };
  const positions = Object.fromEntries(document.nodes.map(({ id }, index) => [id, { x: index * 10, y: 0.5 }]));
  return FlowFile.parse({
    document,
    layout: {
      positions,
      notes: [{ x: 1, y: 2, text: '*/ note', colour: 'blue' }],
      groups: [{ id: 'sales', title: 'Sales', nodes: ['sales', 'sales-busy'], collapsed: true }],
    },
  });
}

interface Stored {
  readonly id: string;
  readonly draftVersion: number;
  readonly draft: FlowFile;
}
const make = async (file: FlowFile): Promise<Stored> => (await api.ask('POST', '/flows', { body: { file } })).body;
const stored = async ({ id }: Stored): Promise<Stored> => (await api.ask('GET', `/flows/${id}`)).body;
const canvasSaves = async (flow: Stored, change: (file: FlowFile) => FlowFile): Promise<void> => {
  const now = await stored(flow);
  const body = { version: now.draftVersion, file: change(now.draft) };
  expect((await api.ask('PUT', `/flows/${flow.id}/draft`, { body })).status).toBe(200);
};
const titled = (title: string) => (file: FlowFile) => ({ ...file, document: { ...file.document, title } });

test(
  'canvas to TypeScript to canvas changes nothing, and one side that changed gives',
  async () => {
    const name = fresh('desk-one');
    const flow = await make(drawn(name));
    const pulled = await run('pull', name);
    expect([pulled.code, pulled.err]).toEqual([0, '']);
    expect(JSON.parse(text(`${name}.layout.json`))).toEqual(flow.draft.layout);
    expect((await run('push', `${name}.ts`)).out).toContain('alike');
    expect((await stored(flow)).draftVersion).toBe(flow.draftVersion);

    edit(`${name}.ts`, "title: 'Front desk'", "title: 'By hand'");
    expect((await run('pull', name)).out).toContain('ahead');
    const differs = await run('diff', `${name}.ts`);
    expect(differs.out.trim()).toBe('~ flow title: "Front desk" → "By hand"');
    expect((await run('diff', '--check', `${name}.ts`)).code).toBe(1);
    expect((await run('push', `${name}.ts`)).out).toContain('pushed');
    const after = await stored(flow);
    expect(after.draft.layout).toEqual(flow.draft.layout);
    expect(normalizeDocument(after.draft.document)).toEqual({
      ...normalizeDocument(flow.draft.document),
      title: 'By hand',
    });
    expect((await run('diff', `${name}.ts`)).out.trim()).toBe('no difference');

    await canvasSaves(flow, titled('By mouse'));
    expect((await run('push', `${name}.ts`)).out).toContain('behind');
    expect((await run('pull', name)).out).toContain('pulled');
    expect(text(`${name}.ts`)).toContain("title: 'By mouse'");
  },
  PATIENCE_MS,
);

test(
  'what both sides changed is a conflict, told with its differences, until somebody decides',
  async () => {
    const name = fresh('desk-two');
    const flow = await make(drawn(name));
    await run('pull', name);
    edit(`${name}.ts`, "title: 'Front desk'", "title: 'By hand'");
    await canvasSaves(flow, titled('By mouse'));
    for (const command of [
      ['push', `${name}.ts`],
      ['pull', name],
    ]) {
      const refused = await run(...command);
      expect(refused.code).toBe(1);
      expect(refused.err).toContain('~ flow title: "By mouse" → "By hand"');
    }
    expect((await run('pull', '--force', name)).code).toBe(0);
    expect(text(`${name}.ts`)).toContain('By mouse');
    edit(`${name}.ts`, 'By mouse', 'By hand');
    rmSync(path('.callwright'), { recursive: true });
    expect((await run('push', `${name}.ts`)).code).toBe(1);
    expect((await run('push', '--force', `${name}.ts`)).code).toBe(0);
    expect((await stored(flow)).draft.document.title).toBe('By hand');
  },
  PATIENCE_MS,
);

test(
  'a draft that no author could write is kept as JSON, and comes back',
  async () => {
    const name = fresh('twice');
    const file = drawn(name);
    const [edge] = file.document.edges;
    const flow = await make({
      ...file,
      document: { ...file.document, edges: [...file.document.edges, { ...edge!, to: 'end' }] },
    });
    expect((await run('pull', name)).out).toContain(`${name}.json`);
    expect((await run('push', `${name}.json`)).out).toContain('alike');
    expect((await stored(flow)).draftVersion).toBe(flow.draftVersion);
  },
  PATIENCE_MS,
);

test(
  'revisions are compared by what they mean',
  async () => {
    const name = fresh('desk-three');
    const flow = await make(drawn(name));
    const published = await api.ask('POST', `/flows/${flow.id}/publish`, { body: {} });
    expect(published.status).toBe(200);
    expect((await run('diff', `${name}@published`, `${name}@draft`)).out.trim()).toBe('no difference');
    await canvasSaves(flow, (file) => ({
      ...file,
      document: {
        ...file.document,
        edges: file.document.edges.map((one) => (one.from === 'nobody' ? { ...one, to: 'end' } : one)),
      },
    }));
    expect((await run('diff', `${name}@1`, `${name}@draft`)).out.trim()).toBe('~ nobody "next": goodbye → end');
    expect((await run('diff', 'nothing@draft', `${name}@1`)).err).toContain('There is no flow nothing');
    expect((await run('diff', `${name}@7`, `${name}@1`)).code).toBe(1);
  },
  PATIENCE_MS,
);

test(
  'dev keeps both sides alike while both are edited, and says what is wrong',
  async () => {
    const name = fresh('desk-four');
    const flow = await make(drawn(name));
    const folder = mkdtempSync(path('dev-'));
    const file = join(folder, `${name}.ts`);
    expect((await run('pull', name, '--dir', folder)).code).toBe(0);
    const child = startCommand(place(), ['dev', folder]);
    let said = '';
    child.stdout!.on('data', (chunk) => {
      said += String(chunk);
    });
    const closed = new Promise<number | null>((done) => child.on('close', done));
    try {
      await expect.poll(() => said, SEEN).toContain('watching');
      writeFileSync(file, readFileSync(file, 'utf8').replace("title: 'Front desk'", "title: 'Typed'"));
      await expect.poll(async () => (await stored(flow)).draft.document.title, SEEN).toBe('Typed');
      await expect.poll(() => said, SEEN).toContain(`${name}.ts: pushed`);
      await canvasSaves(flow, titled('Drawn'));
      await expect.poll(() => readFileSync(file, 'utf8'), SEEN).toContain("title: 'Drawn'");
      const { draftVersion } = await stored(flow);
      writeFileSync(file, 'export default {;');
      await expect.poll(() => said, SEEN).toContain('cannot be loaded');
      expect((await stored(flow)).draftVersion).toBe(draftVersion);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await closed).toBe(0);
  },
  PATIENCE_MS,
);
