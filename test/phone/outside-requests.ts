/** Requests of a test phone outside of dialogs that answer one challenge: REGISTER, SUBSCRIBE, MESSAGE. */
import { randomUUID } from 'node:crypto';
import { answerChallenge, type Credentials } from './digest.ts';
import { header, type SipMessage, statusOf, uriOf } from './message.ts';
import type { HeaderLines } from './options.ts';

/** What these requests need of the phone. */
export interface Requester {
  readonly server: string;
  readonly user: string;
  readonly credentials: Credentials | undefined;
  contact(): string;
  nextCseq(): number;
  transact(method: string, uri: string, headers: HeaderLines, body?: string): Promise<SipMessage>;
}

/** REGISTER; the final status. `params` are those of the Contact. */
export async function register(phone: Requester, expires: number, params: string): Promise<number> {
  const callId = randomUUID();
  const address = `<sip:${phone.user}@${phone.server}>`;
  const headers = (): HeaderLines => [
    ['From', `${address};tag=${callId.slice(0, 8)}`],
    ['To', address],
    ['Call-ID', callId],
    ['CSeq', `${phone.nextCseq()} REGISTER`],
    ['Contact', `${phone.contact()}${params}`],
    ['Supported', 'path, outbound'],
    ['Expires', String(expires)],
  ];
  return statusOf(await answering(phone, 'REGISTER', `sip:${phone.server}`, headers));
}

/** SUBSCRIBE; `within` = the answer with which it is renewed. */
export async function subscribe(
  phone: Requester,
  { to, event, expires, within }: { to: string; event: string; expires: number; within: SipMessage | undefined },
): Promise<SipMessage> {
  const uri = within ? uriOf(header(within, 'contact')) : `sip:${to}@${phone.server}`;
  const callId = within ? header(within, 'call-id') : randomUUID();
  const from = within ? header(within, 'from') : `<sip:${phone.user}@${phone.server}>;tag=${callId.slice(0, 8)}`;
  return answering(phone, 'SUBSCRIBE', uri, () => [
    ['From', from],
    ['To', within ? header(within, 'to') : `<sip:${to}@${phone.server}>`],
    ['Call-ID', callId],
    ['CSeq', `${phone.nextCseq()} SUBSCRIBE`],
    ['Contact', phone.contact()],
    ['Event', event],
    ['Expires', String(expires)],
  ]);
}

/** MESSAGE; the final status. */
export async function sendText(phone: Requester, to: string, text: string, type: string): Promise<number> {
  const uri = `sip:${to}@${phone.server}`;
  const callId = randomUUID();
  const headers = (): HeaderLines => [
    ['From', `<sip:${phone.user}@${phone.server}>;tag=${callId.slice(0, 8)}`],
    ['To', `<${uri}>`],
    ['Call-ID', callId],
    ['CSeq', `${phone.nextCseq()} MESSAGE`],
    ['Content-Type', type],
  ];
  return statusOf(await answering(phone, 'MESSAGE', uri, headers, text));
}

/** The final answer, one challenge met when the phone has a log-in. */
async function answering(
  phone: Requester,
  method: string,
  uri: string,
  headers: () => HeaderLines,
  body = '',
): Promise<SipMessage> {
  const first = await phone.transact(method, uri, headers(), body);
  const proxy = statusOf(first) === 407;
  const challenge = header(first, proxy ? 'proxy-authenticate' : 'www-authenticate');
  if ((!proxy && statusOf(first) !== 401) || !challenge || !phone.credentials) return first;
  const answer = answerChallenge(challenge, phone.credentials, method, uri);
  const name = proxy ? 'Proxy-Authorization' : 'Authorization';
  return phone.transact(method, uri, [...headers(), [name, answer]], body);
}
