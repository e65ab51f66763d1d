/** An event-socket connection without any library: commands out, JSON events in. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from './far-end.ts';

export interface EventSocket {
  readonly events: Readonly<Record<string, string>>[];
  /** Sends a command and waits for its reply. */
  command(text: string): Promise<void>;
  close(): void;
}

/** Connects and authenticates. */
export async function connectSocket(server: { host: string; port: number; secret: string }): Promise<EventSocket> {
  const socket = connect(server.port, server.host);
  socket.on('error', () => {});
  await once(socket, 'connect');
  const events: Record<string, string>[] = [];
  let replies = 0;
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.indexOf('\n\n');
      if (end < 0) return;
      const head = pending.toString('utf8', 0, end);
      const length = Number(/^Content-Length: (\d+)/m.exec(head)?.[1] ?? 0);
      if (pending.length < end + 2 + length) return;
      const body = pending.toString('utf8', end + 2, end + 2 + length);
      pending = pending.subarray(end + 2 + length);
      if (head.includes('text/event-json')) events.push(JSON.parse(body));
      else replies++;
    }
  });
  const command = async (text: string): Promise<void> => {
    const before = replies;
    socket.write(`${text}\n\n`);
    await until(`a reply to ${text.split(' ')[0]}`, () => replies > before);
  };
  await until('the greeting', () => replies > 0);
  await command(`auth ${server.secret}`);
  return { events, command, close: () => socket.destroy() };
}
