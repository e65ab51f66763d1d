/** Who calls and whom: the identity of an INVITE and the route of what it dials. */
import type { Coordinates } from '@callwright/engine';
import type { Db } from '@callwright/store';
import { isKnownPhone, type Route, routeInCompany, routePublic, type SipLogin } from '@callwright/store';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
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
}

export interface FoundRoute {
  readonly caller: Caller;
  readonly route: Route;
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
): Promise<FoundRoute | null> {
  const from = parseNameAddr(req.get('from') ?? '');
  const fromUser = parseSipUri(from?.uri ?? '')?.user ?? '';
  if (req.has('proxy-authorization')) {
    const login = await authenticator.authenticate(req, res, 'proxy');
    return login ? routeOfLogin(db, res, login, dialled.user) : null;
  }
  const [known, byTrunk, route] = await Promise.all([
    isKnownPhone(db, fromUser, receivedFrom(req)),
    findTrunkCall(db, req, dialled.user),
    routePublic(db, dialled.user, dialled.host),
  ]);
  // a phone behind the same address as a trunk is a phone
  if (byTrunk.from === 'trunk' && (byTrunk.certain || !known)) return routeOfTrunk(db, res, byTrunk.call);
  if (known || !route) {
    authenticator.challenge(res, 'proxy');
    return null;
  }
  return { caller: { login: null, trunkId: null, coordinates: stranger(fromUser, from?.name ?? '') }, route };
}

async function routeOfTrunk(db: Db, res: SipResponse, call: TrunkCall | null): Promise<FoundRoute | null> {
  const route =
    call && (await routeInCompany(db, call.companyId, call.dialled, toE164(call.dialled, call.settings.country)));
  if (!route) {
    res.send(404);
    return null;
  }
  return { caller: { login: null, trunkId: call.trunk.id, coordinates: call.coordinates }, route };
}

async function routeOfLogin(db: Db, res: SipResponse, login: SipLogin, dialled: string): Promise<FoundRoute | null> {
  const route = await routeInCompany(db, login.companyId, dialled, toE164(dialled, login.settings.country));
  if (!route) {
    // the outside needs a trunk, and there is none
    res.send(404);
    return null;
  }
  return { caller: { login, trunkId: null, coordinates: coordinatesOf(login) }, route };
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

/** A dialled number in E.164, as written or in the company's country; null when it is none. */
export function toE164(dialled: string, country: string | undefined): string | null {
  if (!/^[+0-9]{5,20}$/.test(dialled)) return null;
  const text = dialled.startsWith('00') ? `+${dialled.slice(2)}` : dialled;
  return parsePhoneNumberFromString(text, country as CountryCode | undefined)?.number ?? null;
}
