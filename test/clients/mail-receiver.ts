/** A mail server for tests on a free port: it takes every message and keeps it. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface MailReceiver {
  readonly port: number;
  /** Messages in the order in which they came, as they were sent. */
  readonly received: string[];
  close(): Promise<void>;
}

export async function receiveMail(): Promise<MailReceiver> {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onData: (stream, _session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        received.push(Buffer.concat(parts).toString('latin1'));
        done(null);
      });
    },
  });
  // a client that is killed in the middle of a message is no fault of ours
  server.on('error', () => {});
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', () => up()));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    close: () => new Promise<void>((down) => server.close(() => down())),
  };
}
