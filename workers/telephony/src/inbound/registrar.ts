/** The registrar (RFC 3261 §10): bindings are rows. Path (RFC 3327) is kept, and where the request really came from (RFC 3581). */
import {
  type Contact,
  contactsOfLogin,
  type NewContact,
  type RegisterAnswer,
  register,
  type SipLogin,
  type Store,
} from '@callwright/store';
import type { Metrics } from '../metrics.ts';
import type { SipRequest, SipResponse } from '../sip/drachtio.ts';
import { parseNameAddr, parseNameAddrs, parseSipUri, parseTokens, plainText, splitHeader } from '../sip/headers.ts';
import type { Authenticator } from './authenticate.ts';

const MIN_EXPIRES_SECONDS = 60;
const MAX_EXPIRES_SECONDS = 3600;
const DEFAULT_EXPIRES_SECONDS = 3600;
/** Contacts of one REGISTER. */
const MAX_ASKED = 50;
/** Contacts of a log-in where its company says nothing. */
const CONTACTS_PER_LOGIN = 10;
/** Within this time a phone sends its keep-alive (RFC 5626 §4.4.2). */
const FLOW_SECONDS = 120;

export interface RegistrarDeps {
  readonly store: Store;
  readonly authenticator: Authenticator;
  readonly metrics: Metrics;
  readonly instance: string;
  now(): number;
}

/** `<protocol>:<address>:<port>` that a request came from. */
export function receivedFrom(req: SipRequest): string {
  const address = req.source_address.includes(':')
    ? `[${req.source_address.replace(/^\[|\]$/g, '')}]`
    : req.source_address;
  return `${(req.protocol || 'udp').toLowerCase()}:${address}:${req.source_port}`;
}

export type AskedContacts =
  | { readonly ok: true; readonly contacts: readonly NewContact[] | 'all' | 'none' }
  | { readonly ok: false; readonly status: 400 | 423 };

/** What the Contact and Expires headers ask for (RFC 3261 §10.3, steps 6 and 7). `none` only asks what is there. */
export function readContacts(contact: string | undefined, expires: string | undefined): AskedContacts {
  const general = expires === undefined ? DEFAULT_EXPIRES_SECONDS : readExpires(expires);
  if (contact === undefined || contact.trim() === '') return { ok: true, contacts: 'none' };
  if (contact.trim() === '*')
    return expires !== undefined && general === 0 ? { ok: true, contacts: 'all' } : { ok: false, status: 400 };
  // a star stands alone
  if (splitHeader(contact, ',').includes('*')) return { ok: false, status: 400 };
  const contacts: NewContact[] = [];
  for (const { uri, params } of parseNameAddrs(contact)) {
    const own = params.expires;
    const seconds = own === undefined ? general : readExpires(own);
    const parsed = parseSipUri(uri);
    if (!parsed || parsed.scheme === 'tel' || uri.length > 500) return { ok: false, status: 400 };
    if (seconds > 0 && seconds < MIN_EXPIRES_SECONDS) return { ok: false, status: 423 };
    contacts.push({ contact: uri, expires: Math.min(seconds, MAX_EXPIRES_SECONDS), ...traitsOf(params) });
  }
  return contacts.length > 0 && contacts.length <= MAX_ASKED ? { ok: true, contacts } : { ok: false, status: 400 };
}

/** Preference, and the instance with its flow (RFC 5626 §4.1), where a contact names them well. */
function traitsOf(params: Readonly<Record<string, string>>): Pick<NewContact, 'q' | 'flow'> {
  const { q, 'reg-id': regId = '' } = params;
  const instanceId = params['+sip.instance'] ?? '';
  const flow = /^<urn:[\x21-\x7e]{1,100}>$/.test(instanceId) && /^[1-9]\d{0,5}$/.test(regId);
  return {
    ...(q !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? { q: Number(q) } : {}),
    ...(flow ? { flow: { instanceId, regId: Number(regId) } } : {}),
  };
}

/** A UDP contact whose request came from elsewhere: what lies between must be kept open. */
function isNatted(contact: string, received: string): boolean {
  const uri = parseSipUri(contact);
  if (!uri || !received.startsWith('udp:')) return false;
  return `udp:${uri.host}:${uri.port ?? 5060}` !== received;
}

/** A malformed value counts as an hour (RFC 3261 §10.2.1.1 leaves it to the registrar). */
const readExpires = (value: string): number =>
  /^\s*\d{1,10}\s*$/.test(value) ? Math.min(Number(value), MAX_EXPIRES_SECONDS) : DEFAULT_EXPIRES_SECONDS;

export function createRegistrar(deps: RegistrarDeps): (req: SipRequest, res: SipResponse) => Promise<void> {
  const { metrics, authenticator, now } = deps;
  return async (req, res) => {
    const login = await authenticator.authenticate(req, res, 'registrar');
    if (!login) return void metrics.registrations.inc({ outcome: 'challenged' });
    if (!ownsAddress(req, login)) {
      metrics.registrations.inc({ outcome: 'forbidden' });
      return res.send(403);
    }
    const asked = readContacts(req.get('contact'), req.get('expires'));
    if (!asked.ok) {
      metrics.registrations.inc({ outcome: 'refused' });
      return res.send(
        asked.status,
        asked.status === 423 ? { headers: { 'Min-Expires': String(MIN_EXPIRES_SECONDS) } } : {},
      );
    }
    const answer = await apply(deps, req, login, asked.contacts);
    metrics.registrations.inc({ outcome: answer.status });
    if (answer.status === 'out-of-order') return res.send(500, { headers: { 'Retry-After': '1' } });
    // RFC 3261 has no status of its own for it; the Warning says why
    if (answer.status === 'too-many')
      return res.send(403, { headers: { Warning: '399 callwright "Too many contacts"' } });
    res.send(200, { headers: { ...okHeaders(req, answer.contacts, now()), ...flowHeaders(req, asked.contacts) } });
  };
}

/** A log-in registers its own address: its name, or the extension of its user. */
function ownsAddress(req: SipRequest, login: SipLogin): boolean {
  const user = parseSipUri(parseNameAddr(req.get('to') ?? '')?.uri ?? '')?.user;
  return user !== undefined && (user === login.username || user === login.user?.extension);
}

async function apply(
  { store, instance }: RegistrarDeps,
  req: SipRequest,
  login: SipLogin,
  contacts: readonly NewContact[] | 'all' | 'none',
): Promise<RegisterAnswer> {
  if (contacts === 'none') return { status: 'ok', contacts: await contactsOfLogin(store.db, login.id) };
  const received = receivedFrom(req);
  // through a proxy the proxy is asked for the way, not us
  const direct = !req.has('path');
  return register(store.db, {
    loginId: login.id,
    received,
    path: req.has('path') ? plainText(req.get('path') ?? '', 1000) : null,
    instance,
    userAgent: plainText(req.get('user-agent') ?? '', 200),
    sipCallId: plainText(req.get('call-id') ?? '', 400),
    cseq: Number.parseInt(req.get('cseq') ?? '0', 10) || 0,
    contacts:
      contacts === 'all'
        ? contacts
        : contacts.map((one) => ({ ...one, natted: direct && isNatted(one.contact, received) })),
    maxContacts: login.settings.contactsPerLogin ?? CONTACTS_PER_LOGIN,
  });
}

/** A flow was taken as one (RFC 5626 §6): its phone is told, and how often it should show that it lives. */
function flowHeaders(req: SipRequest, asked: readonly NewContact[] | 'all' | 'none'): Record<string, string> {
  const wanted = parseTokens(req.get('supported')).includes('outbound');
  const taken = wanted && typeof asked === 'object' && asked.some(({ flow, expires }) => flow && expires > 0);
  return taken ? { Require: 'outbound', 'Flow-Timer': String(FLOW_SECONDS) } : {};
}

function okHeaders(req: SipRequest, contacts: readonly Contact[], nowMs: number): Record<string, string> {
  const list = contacts
    .map(
      ({ contact, expiresAt, q }) =>
        `<${contact}>;expires=${Math.max(1, Math.round((expiresAt.getTime() - nowMs) / 1000))}${q === 1 ? '' : `;q=${q}`}`,
    )
    .join(', ');
  const path = parseTokens(req.get('supported')).includes('path') ? req.get('path') : undefined;
  return {
    ...(list ? { Contact: list } : {}),
    ...(path ? { Path: path } : {}),
    Date: new Date(nowMs).toUTCString(),
  };
}
