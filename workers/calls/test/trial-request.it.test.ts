/** Requests that authors try, on real workers: sent once, guarded like those of calls. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TRIAL_REQUEST_WORKFLOW, type TrialRequestInput, trialRequestWorkflowId } from '@callwright/contract';
import type { HttpRequest } from '@callwright/engine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Installation, openInstallation } from './installation.ts';

let installation: Installation;
let server: Server;
let origin: string;
const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      response.writeHead(request.url === '/broken' ? 503 : 200, { 'content-type': 'application/json' });
      response.end('{"name":"Ada"}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  installation = await openInstallation({ allow: `${origin}/` });
  await installation.startCalls();
}, 60_000);
afterAll(async () => {
  await installation?.close();
  server?.close();
});

const request = (fields: Partial<HttpRequest>): HttpRequest => ({
  method: 'GET',
  url: `${origin}/customers`,
  headers: {},
  body: null,
  timeoutMs: 3000,
  retries: 0,
  retryUnsafe: false,
  ...fields,
});

async function attempt(fields: Partial<HttpRequest>): Promise<unknown> {
  const { temporal, companyId, id: suffix } = installation;
  const id = crypto.randomUUID();
  const args: [TrialRequestInput] = [{ companyId, id, request: request(fields) }];
  const workflowId = trialRequestWorkflowId(companyId, id);
  return temporal.client.workflow.execute(TRIAL_REQUEST_WORKFLOW, { taskQueue: `calls-${suffix}`, workflowId, args });
}

it('is sent as written and answers what came', async () => {
  const fields = { method: 'POST', body: '{"from":"100"}', headers: { 'x-key': 'k' } } as const;
  expect(await attempt(fields)).toEqual({ status: 'http', httpStatus: 200, body: { name: 'Ada' }, truncated: false });
  expect(seen.at(-1)).toMatchObject({ method: 'POST', body: '{"from":"100"}', headers: { 'x-key': 'k' } });
});

it('is sent once, however its retries stand and whatever comes', async () => {
  seen.length = 0;
  expect(await attempt({ url: `${origin}/broken`, retries: 5 })).toMatchObject({ status: 'http', httpStatus: 503 });
  expect(seen).toHaveLength(1);
});

it.each(['http://127.0.0.1:1/', 'http://169.254.169.254/latest', 'http://[::1]:9/', 'file:///etc/passwd'])(
  'is refused where the guard refuses: %s',
  async (url) => expect(await attempt({ url })).toMatchObject({ status: 'io-failed', code: 'refused' }),
);
