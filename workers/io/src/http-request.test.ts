import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { HttpRequest } from '@callwright/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpSender } from './http-request.ts';
import { allowedUrls, urlGuard } from './url-guard.ts';

let origin: string;
let handle: (request: IncomingMessage, response: ServerResponse, body: string) => void;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => handle(request, response, body));
});
let sender: ReturnType<typeof httpSender>;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sender = httpSender(urlGuard(allowedUrls(`${origin}/open`)));
});
afterAll(async () => {
  await sender.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const request = (path: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: `${origin}${path}`,
  headers: {},
  body: null,
  timeoutMs: 1000,
  retries: 0,
  retryUnsafe: false,
  ...more,
});
const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
};

describe('an HTTP request of a flow', () => {
  it('carries method, body, the author’s headers and an idempotency key, and maps JSON', async () => {
    handle = (r, response, body) => json(response, { method: r.method, body, headers: r.headers });
    const { result } = await sender.send(
      request('/open', {
        method: 'POST',
        body: '{"a":1}',
        headers: { 'X-Mine': 'yes', Host: 'evil', 'Content-Length': '1' },
      }),
      'call/op/1',
    );
    expect(result).toMatchObject({
      status: 'http',
      httpStatus: 200,
      truncated: false,
      body: {
        method: 'POST',
        body: '{"a":1}',
        headers: {
          'x-mine': 'yes',
          'idempotency-key': 'call/op/1',
          'content-type': 'application/json',
          'content-length': '7',
        },
      },
    });
  });

  it.each([
    [200, false],
    [404, false],
    [500, false],
    [503, true],
    [429, true],
  ])('answers with status %i, worth another try: %s', async (status, transient) => {
    handle = (_r, response) => json(response, { ok: false }, status);
    expect(await sender.send(request('/open'), 'k')).toMatchObject({ transient, result: { httpStatus: status } });
  });

  it('reaches no internal address, neither directly nor by a redirect', async () => {
    let reached = 0;
    handle = (r, response) => {
      reached += 1;
      if (r.url === '/open/away') response.writeHead(302, { location: '/closed' }).end();
      else json(response, 'secret');
    };
    expect((await sender.send(request('/closed'), 'k')).result).toMatchObject({ status: 'io-failed', code: 'refused' });
    expect(reached).toBe(0);
    expect((await sender.send(request('/open/away'), 'k')).result).toMatchObject({
      status: 'io-failed',
      code: 'refused',
    });
    expect(reached).toBe(1);
    const local = request('', { url: `http://localhost:${new URL(origin).port}/closed` });
    expect((await sender.send(local, 'k')).result).toMatchObject({ status: 'io-failed', code: 'refused' });
    expect(reached).toBe(1);
  });

  it('follows a GET’s redirect within what is allowed, and not for ever', async () => {
    handle = (r, response) => {
      if (r.url === '/open/to') response.writeHead(301, { location: '/open/here' }).end();
      else if (r.url === '/open/loop') response.writeHead(302, { location: '/open/loop' }).end();
      else json(response, r.url);
    };
    expect((await sender.send(request('/open/to'), 'k')).result).toMatchObject({ body: '/open/here' });
    expect((await sender.send(request('/open/loop'), 'k')).result).toMatchObject({ code: 'bad-answer' });
    expect((await sender.send(request('/open/to', { method: 'POST' }), 'k')).result).toMatchObject({ httpStatus: 301 });
  });

  it('ends at its time-out, whether nothing comes or the body drips', async () => {
    handle = () => {};
    const began = Date.now();
    expect((await sender.send(request('/open', { timeoutMs: 200 }), 'k')).result).toMatchObject({ code: 'timeout' });
    handle = (_r, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    };
    expect((await sender.send(request('/open', { timeoutMs: 200 }), 'k')).result).toMatchObject({ code: 'timeout' });
    expect(Date.now() - began).toBeLessThan(1500);
  });

  it('reads no more than its cap', async () => {
    handle = (_r, response) => response.end('x'.repeat(400_000));
    expect((await sender.send(request('/open'), 'k')).result).toMatchObject({
      truncated: true,
      body: 'x'.repeat(256 * 1024),
    });
    handle = (_r, response) => json(response, 'x'.repeat(400_000));
    expect((await sender.send(request('/open'), 'k')).result).toMatchObject({ code: 'too-large' });
  });

  it('names wrong answers, wrong headers and closed ports', async () => {
    handle = (_r, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
    expect((await sender.send(request('/open'), 'k')).result).toMatchObject({ code: 'bad-answer' });
    const wrong = request('/open', { headers: { 'x-a': 'one\r\nx-b: two' } });
    expect((await sender.send(wrong, 'k')).result).toMatchObject({ code: 'refused' });
    const garbage = createTcpServer((socket) => socket.on('data', () => socket.end('SSH-2.0-x\r\n\r\n')));
    await new Promise<void>((done) => garbage.listen(0, '127.0.0.1', done));
    const port = (garbage.address() as AddressInfo).port;
    const own = httpSender(urlGuard(allowedUrls(`http://127.0.0.1:${port}`)));
    const to = request('', { url: `http://127.0.0.1:${port}/` });
    expect((await own.send(to, 'k')).result).toMatchObject({ code: 'bad-answer' });
    await new Promise((done) => garbage.close(done));
    expect(await own.send(to, 'k')).toMatchObject({ transient: true, result: { code: 'unreachable' } });
    await own.close();
  });
});
