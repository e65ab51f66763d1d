/** Programs by which a contract can be tried: their pages, receivers that keep nothing unless watched, the live view. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PARTNERS } from '@callwright/partners';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../test-api.ts';

const contract = PARTNERS.find(({ demo }) => demo)!;
const base = `/partners/${contract.name}`;
const [logger, ivrLogger] = contract.demo!.receivers.map(({ name }) => name);

let api: TestApi;
let directory: string;
let url: string;
let moduleId: string;
let token: string;

beforeAll(async () => {
  const parent = mkdtempSync(join(tmpdir(), 'callwright-pages-'));
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  directory = join(parent, 'dist');
  mkdirSync(join(directory, 'assets'), { recursive: true });
  mkdirSync(join(directory, contract.name, 'demo'), { recursive: true });
  writeFileSync(join(directory, contract.name, 'demo', 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(directory, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(directory, '.built-from'), 'x');
  api = await startTestApi({ partnerPagesDirectory: directory });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
  ({ id: moduleId, token } = await newModule());
}, 60_000);
afterAll(async () => {
  await api?.close();
  rmSync(join(directory, '..'), { recursive: true, force: true });
});

async function newModule(key?: string): Promise<{ id: string; token: string }> {
  const with_ = key ? { key } : {};
  const body = { contract: contract.name, name: `Demo ${crypto.randomUUID().slice(0, 8)}` };
  const { id } = (await api.ask('POST', '/partner-modules', { body, ...with_ })).body;
  return { id, token: (await api.ask('GET', `/partner-modules/${id}/token`, with_)).body.token };
}

const get = (path: string, bearer?: string) =>
  fetch(url + path, { redirect: 'manual', ...(bearer ? { headers: { authorization: `Bearer ${bearer}` } } : {}) });

async function receiverPath(bearer: string, name: string): Promise<string> {
  const { items } = (await (await get(`${base}/receivers`, bearer)).json()) as {
    items: { name: string; path: string }[];
  };
  return items.find((one) => one.name === name)!.path;
}

/** What the live view shows; `close` ends it. */
async function watch(bearer: string) {
  const controller = new AbortController();
  const response = await fetch(`${url}${base}/stream`, {
    headers: { authorization: `Bearer ${bearer}` },
    signal: controller.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const lines: { n: number; receiver: string; query: string }[] = [];
  const done = (async () => {
    for await (const part of response.body!.pipeThrough(new TextDecoderStream()))
      for (const [, data] of part.matchAll(/^data: (.*)$/gm)) lines.push(JSON.parse(data!));
  })().catch(() => {});
  return { lines, done, close: () => controller.abort() };
}

describe('pages', () => {
  it('are listed with the contract', async () => {
    const { body } = await api.ask('GET', '/partner-contracts');
    const programs = body.items.find(({ name }: { name: string }) => name === contract.name).programs;
    expect(programs.map(({ path }: { path: string }) => path)).toEqual(
      contract.demo!.pages.map(({ path }) => `${base}/${path}`),
    );
  });

  it('are served by their names, under a policy without inline scripts; nothing else is', async () => {
    for (const path of [`${base}/`, ...contract.demo!.pages.map((page) => `${base}/${page.path}`)]) {
      const answer = await get(path);
      expect([answer.status, await answer.text()]).toEqual([200, '<!doctype html><title>page</title>']);
      expect(answer.headers.get('content-security-policy')).toMatch(/script-src 'self';.*frame-ancestors 'none'/);
      expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
    }
    expect((await get(base)).headers.get('location')).toBe(`${base}/`);
    const asset = await get('/partners/assets/index-abc123.js');
    expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    for (const path of [
      `${base}/nothing`,
      '/partners/',
      '/partners/nobody/',
      '/partners/assets/gone.js',
      '/partners/assets/..%2f..%2fsecret.txt',
      '/partners/assets/%2e%2e',
      '/partners/assets/..%2f.built-from',
      `${base}/%00`,
    ])
      expect((await get(path)).status, path).toBeGreaterThanOrEqual(400);
  });
});

describe('receivers', () => {
  it('are told to whoever has a token that opens a module, and to nobody else', async () => {
    expect((await get(`${base}/receivers`, token)).status).toBe(200);
    for (const wrong of [undefined, 'f'.repeat(32), token.slice(1)])
      for (const path of ['receivers', 'stream']) expect((await get(`${base}/${path}`, wrong)).status).toBe(401);
    expect(await receiverPath(token, logger!)).not.toContain(token);
  });

  it('are not there unless somebody looks on; then each line comes live, and what came before with it', async () => {
    const path = await receiverPath(token, logger!);
    expect((await get(`${path}?event=8`)).status).toBe(404);
    const first = await watch(token);
    const told = await get(`${path}?event=9&number=%2B39`);
    expect([told.status, await told.text()]).toEqual([200, '']);
    await expect.poll(() => first.lines).toMatchObject([{ n: 1, receiver: logger, query: 'event=9&number=%2B39' }]);
    first.close();
    await get(`${path}?event=14`);
    const second = await watch(token);
    await expect.poll(() => second.lines.map(({ query }) => query)).toEqual(['event=9&number=%2B39', 'event=14']);
    expect((await get(`${path.replace(logger!, 'other.php')}?x=1`)).status).toBe(404);
    second.close();
  });

  it('answer a script nothing, or what its address says', async () => {
    const view = await watch(token);
    const path = await receiverPath(token, ivrLogger!);
    expect(await (await get(`${path}?input=1`)).text()).toBe('');
    const answer = await get(`${path}?answer=command%3D1%0D%0Anode_key%3D2&input=1`);
    expect(await answer.text()).toBe('command=1\r\nnode_key=2');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    view.close();
  });

  it('keep modules and companies apart', async () => {
    const [sameCompany, other] = [await newModule(), await newModule(api.other.key)];
    const views = [await watch(token), await watch(sameCompany.token), await watch(other.token)];
    await get(`${await receiverPath(other.token, logger!)}?event=theirs`);
    await expect.poll(() => views[2]!.lines).toHaveLength(1);
    expect(views[1]!.lines).toEqual([]);
    expect(views[0]!.lines.some(({ query }) => query.includes('theirs'))).toBe(false);
    for (const view of views) view.close();
  });

  it('shut out a token that was replaced, and its address', async () => {
    const before = await watch(token);
    const path = await receiverPath(token, logger!);
    const next = (await api.ask('POST', `/partner-modules/${moduleId}/token`)).body.token;
    expect((await get(`${base}/stream`, token)).status).toBe(401);
    expect(await receiverPath(next, logger!)).not.toBe(path);
    token = next;
    before.close();
    await before.done;
  });

  it('bound how many look on at a time', async () => {
    const views = await Promise.all(Array.from({ length: 10 }, () => watch(token)));
    const refused = await get(`${base}/stream`, token);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    for (const view of views) view.close();
    await Promise.all(views.map(({ done }) => done));
    await expect
      .poll(async () => {
        const again = await get(`${base}/stream`, token);
        await again.body?.cancel();
        return again.status;
      })
      .toBe(200);
  });
});
