/** The applications connected to the server: their sockets, the methods they want, and whose turn it is (A2, A5). */
import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { frameReader, writeFrame } from './frame.ts';

/** One application's connection. */
export interface App {
  readonly id: number;
  alive: boolean;
  /** Lower-case verbs it asked for. */
  readonly verbs: Set<string>;
  /** Sends one frame: tokens joined by `|` behind a new message id. */
  send(tokens: string, sip?: Buffer): void;
  /** Answers one of the app's messages. */
  reply(messageId: string, tokens: string, sip?: Buffer): void;
  /** Closes after what was written has gone. */
  end(): void;
}

export interface AppsOptions {
  readonly host: string;
  readonly port: number;
}

export interface AppsHandlers {
  onMessage(app: App, messageId: string, kind: string, tokens: readonly string[], sip: Buffer | undefined): void;
  onGone(app: App): void;
  onDropped(): void;
}

export interface Apps {
  readonly port: number;
  readonly size: number;
  /** The next app in turn that wants this method, or undefined. */
  next(method: string): App | undefined;
  close(): Promise<void>;
}

const MAX_APPS = 256;
const FIRST_FRAME_MS = 30_000;
const KEEP_ALIVE_MS = 45_000;
/** An app that leaves this much unread is gone for all purposes. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** Listens for applications. Rejects when the port is taken. */
export async function listenForApps(options: AppsOptions, handlers: AppsHandlers): Promise<Apps> {
  const apps = new Map<number, { app: App; socket: Socket }>();
  const turns = new Map<string, number>();
  let lastId = 0;

  const adopt = (socket: Socket): void => {
    const app = makeApp(++lastId, socket);
    apps.set(app.id, { app, socket });
    const firstFrame = setTimeout(() => socket.destroy(), FIRST_FRAME_MS);
    const reader = frameReader(
      (payload) => {
        clearTimeout(firstFrame);
        takeFrame(app, payload, handlers);
      },
      () => {
        handlers.onDropped();
        socket.destroy();
      },
    );
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(firstFrame);
      apps.delete(app.id);
      app.alive = false;
      handlers.onGone(app);
    });
  };

  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (apps.size < MAX_APPS) adopt(socket);
    else {
      handlers.onDropped();
      socket.destroy();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port }, () => resolve());
  });
  const address = server.address();

  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    get size() {
      return apps.size;
    },
    next(method) {
      const verb = method.toLowerCase();
      const willing = [...apps.values()].filter(({ app }) => app.alive && app.verbs.has(verb));
      if (willing.length === 0) return undefined;
      const turn = turns.get(verb) ?? 0;
      if (turns.has(verb) || turns.size < MAX_APPS) turns.set(verb, turn + 1);
      return willing[turn % willing.length]!.app;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const { socket } of apps.values()) socket.destroy();
      await closed;
    },
  };
}

function makeApp(id: number, socket: Socket): App {
  const write = (line: string, sip?: Buffer): void => {
    if (!app.alive) return;
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
    else socket.write(writeFrame(line, sip));
  };
  const app: App = {
    id,
    alive: true,
    verbs: new Set(),
    send: (tokens, sip) => write(`${randomUUID()}|${tokens}`, sip),
    reply: (messageId, tokens, sip) => write(`${randomUUID()}|response|${messageId}|${tokens}`, sip),
    end: () => socket.end(),
  };
  return app;
}

function takeFrame(app: App, payload: Buffer, handlers: AppsHandlers): void {
  const breakAt = payload.indexOf('\r\n');
  const line = payload.toString('latin1', 0, breakAt < 0 ? payload.length : breakAt);
  const [messageId = '', kind = '', ...tokens] = line.split('|');
  handlers.onMessage(app, messageId, kind, tokens, breakAt < 0 ? undefined : payload.subarray(breakAt + 2));
}
