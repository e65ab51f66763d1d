/** Scripts of responders: a real server is asked in the form of the contract; what it answers becomes an instruction, or none. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpRequest } from '@callwright/engine';
import { PARTNERS } from '@callwright/partners';
import { keyringFromBytes, newPartnerToken, partnerModules, trustedScope, uuidv7 } from '@callwright/store';
import { type TestDatabase, testDatabase } from '@callwright/test-support';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { httpSender } from '../src/http-request.ts';
import { askScript } from '../src/partners/script.ts';
import { type AllowedUrl, allowedUrls, urlGuard } from '../src/url-guard.ts';

const contract = PARTNERS.find(({ scripts }) => scripts)!;
const allowed: AllowedUrl[] = [];
const http = httpSender(urlGuard(allowed));
const companyId = uuidv7();
const scope = trustedScope(companyId);
const callId = uuidv7();
let database: TestDatabase;
let server: Server;
let base: string;
let reply: (request: IncomingMessage, response: ServerResponse) => void;
const asked: URL[] = [];

beforeAll(async () => {
  database = await testDatabase();
  const { pool } = database.store;
  await pool.query(
    `insert into owner (id, kind, path, name, number) values ($1, 'company', array[$1::uuid], 'c', 4321)`,
    [companyId],
  );
  await pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, 10724, $2, 'inbound', 'started', '{}', 'x', '{}', '{}')`,
    [callId, companyId],
  );
  await pool.query(`insert into ring_group (id, company_id, number, name, strategy) values ($1, $2, 5, 'g', 'all')`, [
    uuidv7(),
    companyId,
  ]);
  const token = newPartnerToken(keyringFromBytes(Buffer.alloc(32, 7)), scope);
  const settings = contract.settings.parse({ licenseId: 'MP1', domain: 'a.test' }) as Record<string, string>;
  const fields = { contract: contract.name, name: 'm', enabled: true, settings, ...token };
  await partnerModules.create(database.store.db, scope, uuidv7(), fields);
  server = createServer((request, response) => {
    asked.push(new URL(request.url!, base));
    reply(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  allowed.push(...allowedUrls(`${base}/`));
});
afterEach(() => {
  asked.splice(0);
});
afterAll(async () => {
  await http.close();
  server?.closeAllConnections();
  server?.close();
  await database?.drop();
});

async function ask(answer: typeof reply | string, more: Partial<HttpRequest> = {}, company = scope) {
  reply = typeof answer === 'string' ? (_request, response) => response.end(answer) : answer;
  const script = { dialect: '', flow: 'none', node: 3, calling: '35', called: '12345', input: '1', tag: -1 };
  const request = { method: 'GET', url: `${base}/s.php?k=1`, headers: {}, body: null, timeoutMs: 2000, retries: 0 };
  const whole = { ...request, retryUnsafe: false, script, ...more } as HttpRequest & { script: typeof script };
  const attempt = await askScript({
    db: database.store.db,
    http,
    scope: company,
    callId,
    op: uuidv7(),
    request: whole,
  });
  return attempt.result;
}

describe('a script', () => {
  it('is asked with everything in the query', async () => {
    expect(await ask('command=1\r\nnode_key=2')).toEqual({ status: 'script', answer: { do: 'next', key: '2' } });
    expect(asked.map(({ search }) => search)).toEqual([
      '?k=1&license_id=MP1&domain=a.test&ivrid=&nodeid=3&callid=10724&calling=35&called=12345&input=1&tag=-1',
    ]);
  });

  it('names an entity by its number in the company', async () => {
    const result = await ask('command=3\r\nrecipient_number=0733\r\nrecipient_id=5\r\nrecipient_type=1');
    expect(result).toEqual({
      status: 'script',
      answer: { do: 'transfer', to: { type: 'ring-group', id: expect.any(String) }, shown: '0733' },
    });
  });

  it.each([
    ['an entity that is not there', 'command=3\r\nrecipient_number=1\r\nrecipient_id=6\r\nrecipient_type=1'],
    ['audio that is not there', 'command=4\r\naudio_message=none.wav'],
    ['HTML', '<html>command=0</html>'],
    ['nothing', ''],
    ['1 MB', `command=0\r\n${'x'.repeat(1024 * 1024)}`],
  ])('gives no instruction by %s', async (_what, body) => {
    expect(await ask(body)).toMatchObject({ status: 'io-failed', code: 'bad-answer' });
  });

  it('gives none by an error', async () => {
    expect(
      await ask((_request, response) => {
        response.statusCode = 500;
        response.end('command=0');
      }),
    ).toMatchObject({ status: 'io-failed', code: 'bad-answer' });
  });

  it('gives none when it is late', async () => {
    expect(await ask(() => {}, { timeoutMs: 200 })).toMatchObject({ status: 'io-failed', code: 'timeout' });
  });

  it('is not asked at an inside address, nor led to one', async () => {
    expect(await ask('command=0', { url: 'http://127.0.0.1:1/x' })).toMatchObject({ code: 'refused' });
    const led = (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/x' });
      response.end();
    };
    expect(await ask(led)).toMatchObject({ status: 'io-failed', code: 'refused' });
    expect(asked).toHaveLength(1);
  });

  it('is asked about calls of its company only', async () => {
    expect(await ask('command=0', {}, trustedScope(uuidv7()))).toMatchObject({ code: 'failed' });
    expect(asked).toEqual([]);
  });
});
