/** An application on a bare TCP socket: sends frames as bytes and reads what comes, independent of any client library. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ServerUnderTest } from './server-under-test.ts';

export interface Frame {
  readonly tokens: readonly string[];
  /** What stands behind the token line, or undefined. */
  readonly sip: string | undefined;
}

export interface RawApp {
  readonly socket: Socket;
  readonly frames: Frame[];
  /** Sends `id|payload` as one frame; answers the id. */
  send(payload: string): string;
  /** The reply to that message, its tokens from the verdict (`OK`, `NO`, `NOK`) on. */
  reply(id: string): Promise<Frame>;
  /** Sends and awaits the reply. */
  ask(payload: string): Promise<Frame>;
  /** The first `sip` frame not taken yet whose SIP text matches; takes it. */
  sip(pattern: RegExp): Promise<Frame & { readonly sip: string }>;
  /** Token of a `sip` frame by its number in wire-protocols A3. */
  close(): void;
}

const WAIT_MS = 4_000;
export const frameOf = (payload: string): string => `${Buffer.byteLength(payload)}#${payload}`;

/** Connects; with `routes`, authenticates and asks for those methods. */
export async function rawApp(server: ServerUnderTest, routes?: readonly string[]): Promise<RawApp> {
  const socket = connect(server.appPort, server.appHost);
  socket.on('error', () => {});
  await once(socket, 'connect');
  const frames: Frame[] = [];
  const waiters = new Set<() => void>();
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const hash = pending.indexOf('#');
      const length = Number(pending.subarray(0, Math.max(hash, 0)).toString());
      if (hash < 0 || pending.length < hash + 1 + length) break;
      const text = pending.subarray(hash + 1, hash + 1 + length).toString('utf8');
      pending = pending.subarray(hash + 1 + length);
      const at = text.indexOf('\r\n');
      frames.push({
        tokens: (at < 0 ? text : text.slice(0, at)).split('|'),
        sip: at < 0 ? undefined : text.slice(at + 2),
      });
    }
    for (const wake of waiters) wake();
  });

  const take = (match: (frame: Frame) => boolean, what: string): Promise<Frame> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const at = frames.findIndex(match);
        if (at < 0) return;
        clearTimeout(timer);
        waiters.delete(look);
        resolve(frames.splice(at, 1)[0]!);
      };
      const timer = setTimeout(() => {
        waiters.delete(look);
        reject(new Error(`no ${what} came; waiting frames: ${JSON.stringify(frames.map((f) => [f.tokens, f.sip]))}`));
      }, WAIT_MS);
      waiters.add(look);
      look();
    });

  const app: RawApp = {
    socket,
    frames,
    send(payload) {
      const id = randomUUID();
      socket.write(frameOf(`${id}|${payload}`));
      return id;
    },
    async reply(id) {
      const frame = await take((f) => f.tokens[1] === 'response' && f.tokens[2] === id, `reply to ${id}`);
      return { tokens: frame.tokens.slice(3), sip: frame.sip };
    },
    ask: (payload) => app.reply(app.send(payload)),
    async sip(pattern) {
      const frame = await take((f) => f.tokens[1] === 'sip' && pattern.test(f.sip ?? ''), `SIP ${pattern}`);
      return { tokens: frame.tokens, sip: frame.sip! };
    },
    close: () => socket.destroy(),
  };
  if (routes) {
    await app.ask(`authenticate|${server.secret}|`);
    for (const method of routes) await app.ask(`route|${method}`);
  }
  return app;
}

/** Positions of the tokens of a `sip` frame (A3). */
export const TOKEN = {
  source: 2,
  bytes: 3,
  protocol: 4,
  address: 5,
  port: 6,
  time: 7,
  transaction: 8,
  dialog: 9,
  localAddress: 10,
  localPort: 11,
} as const;
