/** SUBSCRIBE (RFC 6665 §4.2.1): who may know what, and for how long. The NOTIFYs are the notifier's. */
import {
  addSubscription,
  EVENT_PACKAGES,
  type EventPackage,
  isKnownPhone,
  renewSubscription,
  type SipLogin,
  type Store,
  type Subscriber,
  type SubscriptionTarget,
  subscriptionOfPeer,
  subscriptionTarget,
} from '@callwright/store';
import type { Authenticator } from '../inbound/authenticate.ts';
import { receivedFrom } from '../inbound/registrar.ts';
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
import { mailboxOf, peersOf } from './peer-notifies.ts';

export const ALLOW_EVENTS = EVENT_PACKAGES.join(', ');

const MIN_SECONDS = 60;
const MAX_SECONDS = 3600;
/** Lamps of one phone. */
const MAX_PER_LOGIN = 200;
/** Boxes that one peer watches. */
const MAX_PER_TRUNK = 10_000;

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
    const asker = (await askingPeer(deps, req, event.package)) ?? (await askingPhone(deps, req, res));
    if (!asker) return;
    const seconds = readSeconds(req.get('expires'));
    if (seconds === null) return res.send(423, { headers: { 'Min-Expires': String(MIN_SECONDS) } });
    if (!accepts(req.get('accept'), event.package)) return res.send(406);
    const status = await subscribe(deps, req, asker, event, seconds);
    const granted = { Expires: String(seconds), 'Allow-Events': ALLOW_EVENTS };
    res.send(status, status === 200 ? { headers: granted } : {}, () => deps.wake());
  };
}

const accepts = (accept: string | undefined, event: EventPackage): boolean => {
  if (accept === undefined || accept.trim() === '') return true;
  const types = parseTokens(accept).map((type) => type.split(';')[0]!.trim());
  return types.some((type) => type === BODY_TYPES[event] || type === '*/*' || type === 'application/*');
};

/** Who subscribes, and what a name means to him. */
interface Asker {
  readonly companyId: string;
  readonly subscriber: Subscriber;
  readonly most: number;
  target(eventPackage: EventPackage, name: string): Promise<SubscriptionTarget | null>;
}

async function askingPhone(deps: SubscriptionDeps, req: SipRequest, res: SipResponse): Promise<Asker | null> {
  const login: SipLogin | null = await deps.authenticator.authenticate(req, res, 'registrar');
  if (!login) return null;
  const { companyId } = login;
  return {
    companyId,
    subscriber: { loginId: login.id },
    most: MAX_PER_LOGIN,
    target: (eventPackage, name) =>
      subscriptionTarget(deps.store.db, { companyId, userId: login.user?.id ?? null }, eventPackage, name),
  };
}

/** A trusted peer that asks about a box; null for anybody else, who is asked for a log-in. */
async function askingPeer(
  { store: { db } }: SubscriptionDeps,
  req: SipRequest,
  asked: EventPackage,
): Promise<Asker | null> {
  if (asked !== 'message-summary' || req.has('authorization')) return null;
  const { trunks } = await peersOf(db, req);
  if (trunks.length === 0) return null;
  const within = parseNameAddr(req.get('to') ?? '')?.params.tag !== undefined;
  if (within) {
    const held = await subscriptionOfPeer(
      db,
      trunks.map(({ id }) => id),
      req.stackDialogId,
    );
    return held && { ...held, most: MAX_PER_TRUNK, target: async () => null };
  }
  // a phone behind the same address as a trunk is a phone
  const fromUser = parseSipUri(parseNameAddr(req.get('from') ?? '')?.uri ?? '')?.user ?? '';
  if (await isKnownPhone(db, fromUser, receivedFrom(req))) return null;
  const found = await mailboxOf(db, trunks, req, '');
  const { companyId, trunkId } = found ?? { companyId: trunks[0]!.ownerId, trunkId: trunks[0]!.id };
  return {
    companyId,
    subscriber: { trunkId },
    most: MAX_PER_TRUNK,
    // what other peers say of the user is not this one's to know
    target: async () => (found?.boxId ? { userId: null, boxId: found.boxId } : null),
  };
}

async function subscribe(
  { store, server }: SubscriptionDeps,
  req: SipRequest,
  asker: Asker,
  event: { readonly package: EventPackage; readonly id: string | null },
  seconds: number,
): Promise<number> {
  const { companyId, subscriber } = asker;
  if (parseNameAddr(req.get('to') ?? '')?.params.tag) {
    const renewed = await renewSubscription(store.db, companyId, subscriber, req.stackDialogId, seconds);
    return renewed ? 200 : 481;
  }
  const uri = parseSipUri(req.uri);
  if (!uri || uri.user === '' || uri.user.length > 64) return 404;
  const target = await asker.target(event.package, uri.user);
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
      subscriber,
      package: event.package,
      eventId: event.id,
      entity: `sip:${escapeUser(uri.user)}@${uri.host}`,
    },
    asker.most,
  );
  return added ? 200 : 403;
}
