/** Who calls and whom: the identity of an INVITE and the route of what it dials. */
import type { Coordinates } from '@callwright/engine';
import { toE164 } from '@callwright/engine/numbers';
import type { Db } from '@callwright/store';
import {
  type CodecWish,
  companyOfPublicNumber,
  isKnownPhone,
  localeOf,
  type RoutedCall,
  type RouteRequest,
  routeCall,
  type SipLogin,
} from '@callwright/store';
import type { SipRequest, SipResponse } from '../sip/drachtio.ts';
import { parseNameAddr, parseSipUri, plainText, type SipUri } from '../sip/headers.ts';
import { findTrunkCall, type TrunkCall } from '../trunks/inbound.ts';
import type { Authenticator } from './authenticate.ts';
import { receivedFrom } from './registrar.ts';

export interface Caller {
  /** Null: somebody without a log-in. */
  readonly login: SipLogin | null;
  /** The trunk the call has come by; null: none. */
  readonly trunkId: string | null;
  readonly coordinates: Coordinates;
  /** Codecs that the account or trunk asks for. */
  readonly wish: CodecWish | null;
}

export interface FoundRoute {
  readonly caller: Caller;
  readonly route: RoutedCall;
}

/**
 * Caller and route of an INVITE; null when it was answered: challenged, or 404. Calls from a log-in act for its user; without one
 * only public numbers are reached, and whoever dials anything else is asked for a log-in, so that nobody learns what exists. A trunk is
 * known by where its requests come from or go to, and never asked for anything.
 */
export async function identify(
  db: Db,
  authenticator: Authenticator,
  req: SipRequest,
  res: SipResponse,
  dialled: SipUri,
  at: number,
): Promise<FoundRoute | null> {
  const from = parseNameAddr(req.get('from') ?? '');
  const fromUser = parseSipUri(from?.uri ?? '')?.user ?? '';
  if (req.has('proxy-authorization')) {
    const login = await authenticator.authenticate(req, res, 'proxy');
    return login ? routeOfLogin(db, res, login, dialled.user, at) : null;
  }
  const [known, byTrunk, companyId] = await Promise.all([
    isKnownPhone(db, fromUser, receivedFrom(req)),
    findTrunkCall(db, req, dialled.user),
    companyOfPublicNumber(db, dialled.user, dialled.host),
  ]);
  // a phone behind the same address as a trunk is a phone
  if (byTrunk.from === 'trunk' && (byTrunk.certain || !known)) return routeOfTrunk(db, res, byTrunk.call, at);
  const coordinates = stranger(fromUser, from?.name ?? '');
  const route =
    known || companyId === null
      ? null
      : await routeCall(db, {
          ...NOBODY,
          companyId,
          role: 'guest',
          calling: coordinates.number,
          dialled: dialled.user,
          at,
        });
  if (!route) {
    authenticator.challenge(res, 'proxy');
    return null;
  }
  return { caller: { login: null, trunkId: null, coordinates: withE164(coordinates, route), wish: null }, route };
}

const NOBODY = { userId: null, trunkId: null } satisfies Partial<RouteRequest>;

async function routeOfTrunk(db: Db, res: SipResponse, call: TrunkCall | null, at: number): Promise<FoundRoute | null> {
  const route =
    call &&
    (await routeCall(db, {
      ...NOBODY,
      companyId: call.companyId,
      role: 'trunk',
      calling: call.coordinates.number,
      trunkId: call.trunk.id,
      dialled: call.dialled,
      at,
      country: localeOf(call.settings).country,
    }));
  if (!route) {
    res.send(404);
    return null;
  }
  const { id: trunkId, codecs, codecs_forced: forced } = call.trunk;
  const wish = codecs.length > 0 ? { codecs, forced } : null;
  return { caller: { login: null, trunkId, coordinates: withE164(call.coordinates, route), wish }, route };
}

async function routeOfLogin(
  db: Db,
  res: SipResponse,
  login: SipLogin,
  dialled: string,
  at: number,
): Promise<FoundRoute | null> {
  if (login.onlyDials !== null && login.onlyDials !== dialled) {
    res.send(403);
    return null;
  }
  const coordinates = coordinatesOf(login);
  const route = await routeCall(db, {
    companyId: login.companyId,
    role: 'user',
    userId: login.user?.id ?? null,
    calling: coordinates.number,
    trunkId: null,
    dialled,
    at,
    country: localeOf(login.settings).country,
  });
  if (!route) {
    // the company was deleted in this very moment
    res.send(403);
    return null;
  }
  return { caller: { login, trunkId: null, coordinates, wish: login.user?.codecs ?? null }, route };
}

/** A caller from outside with the E.164 form of his number, read in the country of the company called. */
function withE164(coordinates: Coordinates, { settings }: RoutedCall): Coordinates {
  const e164 = toE164(coordinates.number, localeOf(settings).country);
  return e164 === null ? coordinates : { ...coordinates, e164 };
}

function coordinatesOf(login: SipLogin): Coordinates {
  const { user } = login;
  if (!user) return { type: 'sip', id: login.id, entityNumber: null, number: login.username.slice(0, 400), name: '' };
  return {
    type: 'user',
    id: user.id,
    entityNumber: user.number,
    number: user.extension,
    name: user.name.slice(0, 200),
  };
}

const stranger = (number: string, name: string): Coordinates => ({
  type: 'number',
  id: null,
  entityNumber: null,
  number: plainText(number, 64),
  name: plainText(name, 200),
});
