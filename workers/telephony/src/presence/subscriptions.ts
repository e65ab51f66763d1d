/** SUBSCRIBE (RFC 6665 §4.2.1): who may know what, and for how long. The NOTIFYs are the notifier's. */
import {
  addSubscription,
  EVENT_PACKAGES,
  type EventPackage,
  renewSubscription,
  type SipLogin,
  type Store,
  subscriptionTarget,
} from '@callwright/store';
import type { Authenticator } from '../inbound/authenticate.ts';
import type { SipRequest, SipResponse } from '../sip/drachtio.ts';
import {
  escapeUser,
  hasControl,
  parseNameAddr,
  parseParams,
  parseSipUri,
  parseTokens,
  splitHeader,
} from '../sip/headers.ts';
import { BODY_TYPES } from './documents.ts';

export const ALLOW_EVENTS = EVENT_PACKAGES.join(', ');

const MIN_SECONDS = 60;
const MAX_SECONDS = 3600;
/** Lamps of one phone. */
const MAX_PER_LOGIN = 200;

export interface SubscriptionDeps {
  readonly store: Store;
  readonly authenticator: Authenticator;
  /** Name of the media instances whose SIP server this is. */
  readonly server: string;
  /** A subscription was answered: its first NOTIFY is due. */
  wake(): void;
}

/** Package and id of an Event header; null for a package that is not served. */
export function readEvent(
  value: string | undefined,
): { readonly package: EventPackage; readonly id: string | null } | null {
  const [name = '', ...rest] = splitHeader(value ?? '', ';');
  const found = EVENT_PACKAGES.find((one) => one === name.toLowerCase());
  const { id } = parseParams(rest);
  if (!found || (id !== undefined && !/^[\w.!%*+`'~-]{1,64}$/.test(id))) return null;
  return { package: found, id: id ?? null };
}

/** Seconds granted; null when fewer are asked for than we serve (RFC 6665 §4.2.1.1). 0 ends, or asks once. */
export function readSeconds(expires: string | undefined): number | null {
  if (expires === undefined) return MAX_SECONDS;
  if (!/^\s*\d{1,10}\s*$/.test(expires)) return MAX_SECONDS;
  const asked = Number(expires);
  return asked > 0 && asked < MIN_SECONDS ? null : Math.min(asked, MAX_SECONDS);
}

export function createSubscribeHandler(deps: SubscriptionDeps): (req: SipRequest, res: SipResponse) => Promise<void> {
  return async (req, res) => {
    const event = readEvent(req.get('event'));
    if (!event) return res.send(489, { headers: { 'Allow-Events': ALLOW_EVENTS } });
    if (
      ['call-id', 'from', 'to'].some((name) => hasControl(req.get(name) ?? '')) ||
      (req.get('call-id') ?? '').length > 400
    )
      return res.send(400);
    const login = await deps.authenticator.authenticate(req, res, 'registrar');
    if (!login) return;
    const seconds = readSeconds(req.get('expires'));
    if (seconds === null) return res.send(423, { headers: { 'Min-Expires': String(MIN_SECONDS) } });
    if (!accepts(req.get('accept'), event.package)) return res.send(406);
    const status = await subscribe(deps, req, login, event, seconds);
    const granted = { Expires: String(seconds), 'Allow-Events': ALLOW_EVENTS };
    res.send(status, status === 200 ? { headers: granted } : {}, () => deps.wake());
  };
}

const accepts = (accept: string | undefined, event: EventPackage): boolean => {
  if (accept === undefined || accept.trim() === '') return true;
  const types = parseTokens(accept).map((type) => type.split(';')[0]!.trim());
  return types.some((type) => type === BODY_TYPES[event] || type === '*/*' || type === 'application/*');
};

async function subscribe(
  { store, server }: SubscriptionDeps,
  req: SipRequest,
  login: SipLogin,
  event: { readonly package: EventPackage; readonly id: string | null },
  seconds: number,
): Promise<number> {
  const { companyId } = login;
  if (parseNameAddr(req.get('to') ?? '')?.params.tag) {
    const renewed = await renewSubscription(store.db, companyId, login.id, req.stackDialogId, seconds);
    return renewed ? 200 : 481;
  }
  const uri = parseSipUri(req.uri);
  if (!uri || uri.user === '' || uri.user.length > 64) return 404;
  const asker = { companyId, userId: login.user?.id ?? null };
  const target = await subscriptionTarget(store.db, asker, event.package, uri.user);
  if (!target) return 404;
  const tag = parseNameAddr(req.get('from') ?? '')?.params.tag ?? '';
  const added = await addSubscription(
    store.db,
    {
      ...target,
      companyId,
      server,
      seconds,
      dialogId: `${req.get('call-id') ?? ''};from-tag=${tag}`,
      loginId: login.id,
      package: event.package,
      eventId: event.id,
      entity: `sip:${escapeUser(uri.user)}@${uri.host}`,
    },
    MAX_PER_LOGIN,
  );
  return added ? 200 : 403;
}
