/** Hands one mail to one SMTP server. Servers of companies must be public or listed; the platform's own may be anywhere. */
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import type { UrlGuard } from '../url-guard.ts';
import type { MailText } from './templates.ts';

export interface Envelope extends MailText {
  /** Made of the mail's row: the same in every try. */
  readonly messageId: string;
  readonly recipient: string;
  readonly attachment: { readonly filename: string; readonly path: string } | null;
}

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly security: 'none' | 'starttls' | 'tls';
  readonly username: string | null;
  readonly password: string | null;
  readonly sender: string;
  /** Configured by the platform itself: no guard. */
  readonly trusted: boolean;
}

/** How a try ended. `code` is a fixed word or a number of SMTP; it holds nothing of the mail. */
export type Handed =
  | { readonly taken: true }
  | { readonly taken: false; readonly code: string; readonly forGood: boolean };

const CONNECT_MS = 10_000;
const SILENCE_MS = 15_000;

/** What a server says of the recipient or the mail itself; anything else may change. */
const FINAL_COMMANDS: ReadonlySet<string> = new Set(['RCPT TO', 'DATA', 'API']);

/** Tries once. Never rejects. */
export async function handOver(guard: UrlGuard, server: SmtpServer, mail: Envelope): Promise<Handed> {
  let address: string;
  try {
    address = await addressOf(guard, server);
  } catch (error) {
    const refused = codeOf(error) === 'refused';
    return { taken: false, code: refused ? 'refused-host' : 'no-such-host', forGood: false };
  }
  const transport = createTransport({
    host: address,
    port: server.port,
    secure: server.security === 'tls',
    requireTLS: server.security === 'starttls',
    ignoreTLS: server.security === 'none',
    // the name is what the certificate must be of, though we connect to the address that was checked
    tls: { servername: server.host },
    ...(server.username === null ? {} : { auth: { user: server.username, pass: server.password ?? '' } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    // nothing of ours is read or fetched because a text names it
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from: server.sender,
      to: mail.recipient,
      subject: mail.subject,
      text: mail.text,
      messageId: mail.messageId,
      attachments: mail.attachment
        ? [{ filename: mail.attachment.filename, path: mail.attachment.path, contentType: 'audio/wav' }]
        : [],
    });
    return { taken: true };
  } catch (error) {
    return failureOf(error);
  } finally {
    transport.close();
  }
}

/** The address of the server, as far as the guard lets us go there. */
async function addressOf(guard: UrlGuard, { host, port, trusted }: SmtpServer): Promise<string> {
  const name = host.replace(/^\[|\]$/g, '');
  if (trusted || guard.allowsMail(name, port)) return name;
  const found = await promisify(guard.lookup)(name, {});
  return String(found);
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

function failureOf(error: unknown): Handed {
  const { responseCode, command, code } = error as { responseCode?: number; command?: string; code?: string };
  if (typeof responseCode === 'number') {
    const forGood = responseCode >= 500 && FINAL_COMMANDS.has(command ?? '');
    return { taken: false, code: `smtp-${responseCode}`, forGood };
  }
  // an attachment that is no more will not come back
  if (code === 'ENOENT' || code === 'EENVELOPE') return { taken: false, code: code.toLowerCase(), forGood: true };
  return { taken: false, code: /^E[A-Z]{2,20}$/.test(code ?? '') ? code!.toLowerCase() : 'failed', forGood: false };
}
