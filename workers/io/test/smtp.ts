/** A real SMTP server on a free port, which keeps what it takes and can be told to refuse. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly text: string;
}

export interface Smtp {
  readonly port: number;
  readonly received: ReceivedMail[];
  /** Log-ins seen, user and password. */
  readonly logIns: string[];
  /** Answer to the next recipients, until it is null again. */
  refuse: { readonly code: number } | null;
  close(): Promise<void>;
}

export async function startSmtp(options: { readonly password?: string } = {}): Promise<Smtp> {
  const received: ReceivedMail[] = [];
  const logIns: string[] = [];
  const server = new SMTPServer({
    authOptional: options.password === undefined,
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) => {
      logIns.push(`${username}:${password}`);
      if (password === options.password) done(null, { user: username });
      else done(new Error('wrong'));
    },
    onRcptTo: (_address, _session, done) => {
      done(smtp.refuse ? Object.assign(new Error('refused'), { responseCode: smtp.refuse.code }) : null);
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        received.push({ to, text: Buffer.concat(parts).toString('latin1') });
        done(null);
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', () => up()));
  const smtp: Smtp = {
    port: (server.server.address() as AddressInfo).port,
    received,
    logIns,
    refuse: null,
    close: () => new Promise<void>((down) => server.close(() => down())),
  };
  return smtp;
}
