/** Who sends a request: digest authentication against the log-ins, with bans on guessing (design §5). */
import {
  anyBanned,
  findSipLogin,
  guardAttempt,
  guardClear,
  type Keyring,
  SIP_REALM,
  SIP_SEALS,
  type SipLogin,
  type Store,
} from '@callwright/store';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import {
  algorithmOf,
  type Credentials,
  challenges,
  checkDigest,
  type DigestAlgorithm,
  isWellFormed,
  type Nonces,
  type StoredDigests,
} from '../sip/digest.ts';
import type { SipRequest, SipResponse } from '../sip/drachtio.ts';
import { hasControl, parseCredentials } from '../sip/headers.ts';

export interface AuthenticatorDeps {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly nonces: Nonces;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Offered in this order. */
  readonly algorithms: readonly DigestAlgorithm[];
  now(): number;
}

/** 401 for a registrar, 407 for whoever passes a call on (RFC 3261 §22.2, §22.3). */
export type Challenge = 'registrar' | 'proxy';

export interface Authenticator {
  /** The log-in that sent the request, or null when the request was answered: challenged or refused. */
  authenticate(req: SipRequest, res: SipResponse, as: Challenge): Promise<SipLogin | null>;
  challenge(res: SipResponse, as: Challenge, stale?: boolean): void;
}

/** Ten wrong answers for one log-in from one source in five minutes close it to that source for five more. */
const LOGIN_POLICY = { limit: 10, windowMs: 300_000, banMs: 300_000 };
/** A source that guesses at many log-ins is shut out for longer. */
const SOURCE_POLICY = { limit: 100, windowMs: 300_000, banMs: 900_000 };
/** How long one nonce serves before a phone is asked to take another. */
export const NONCE_LIFE_MS = 120_000;

const HEADERS = {
  registrar: { status: 401, ask: 'WWW-Authenticate', answer: 'authorization' },
  proxy: { status: 407, ask: 'Proxy-Authenticate', answer: 'proxy-authorization' },
} as const;

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { nonces, now } = deps;

  const challenge = (res: SipResponse, as: Challenge, stale = false): void => {
    const { status, ask } = HEADERS[as];
    // one header line each (RFC 3261 §7.3.1): challenges must not be joined by a comma
    const value = challenges(SIP_REALM, nonces.issue(now()), stale, deps.algorithms).join(`\r\n${ask}: `);
    res.send(status, { headers: { [ask]: value } });
  };

  const authenticate = async (req: SipRequest, res: SipResponse, as: Challenge): Promise<SipLogin | null> => {
    const given = parseCredentials(req.get(HEADERS[as].answer) ?? '').find(
      (c) => c.realm === SIP_REALM && algorithmOf(c),
    );
    if (!given || !isWellFormed(given)) {
      challenge(res, as);
      return null;
    }
    const username = given.username ?? '';
    if (hasControl(username)) {
      challenge(res, as);
      return null;
    }
    const source = req.source_address;
    const [login, banned] = await Promise.all([
      findSipLogin(deps.store.db, username),
      anyBanned(deps.store.db, subjects(source, username)),
    ]);
    if (banned) {
      deps.metrics.authentication.inc({ outcome: 'banned' });
      res.send(403);
      return null;
    }
    const right = checkDigest(given, req.method, login ? digestsOf(deps.keyring, login) : null);
    if (!right || !login) {
      await countFailure(deps, source, username);
      challenge(res, as);
      return null;
    }
    // told apart from a wrong password only to whoever has the right one; calls are admission's to refuse, but for emergencies,
    // which nobody dials from a phone that is not registered
    if (login.suspended && req.method !== 'INVITE' && req.method !== 'REGISTER') {
      deps.metrics.authentication.inc({ outcome: 'suspended' });
      res.send(403);
      return null;
    }
    // a log-in that dials one number and does nothing else
    if (login.onlyDials !== null && req.method !== 'INVITE') {
      deps.metrics.authentication.inc({ outcome: 'limited' });
      res.send(403);
      return null;
    }
    return fresh(deps, given, login, () => challenge(res, as, true), subjects(source, username)[0]!);
  };

  return { authenticate, challenge };
}

/** The digest is right; the nonce must be ours, young, and used with this count for the first time. */
function fresh(
  deps: AuthenticatorDeps,
  given: Credentials,
  login: SipLogin,
  again: () => void,
  subject: string,
): SipLogin | null {
  const nonce = given.nonce ?? '';
  const count = given.nc ?? '';
  const state = deps.nonces.check(nonce, count, deps.now());
  if (state !== 'fresh') {
    deps.metrics.authentication.inc({ outcome: state });
    again();
    return null;
  }
  deps.nonces.use(nonce, count, deps.now());
  deps.metrics.authentication.inc({ outcome: 'right' });
  guardClear(deps.store.db, subject).catch(() => {});
  return login;
}

const subjects = (source: string, username: string): [string, string] => [`sip:${source}:${username}`, `sip:${source}`];

async function countFailure(deps: AuthenticatorDeps, source: string, username: string): Promise<void> {
  deps.metrics.authentication.inc({ outcome: 'wrong' });
  deps.log.warn({ source }, 'digest authentication failed');
  const [login, whole] = subjects(source, username);
  await guardAttempt(deps.store.db, login, LOGIN_POLICY);
  // every phone behind this machine's own address would be shut out together
  if (!isLoopback(source)) await guardAttempt(deps.store.db, whole, SOURCE_POLICY);
}

function digestsOf(keyring: Keyring, login: SipLogin): StoredDigests {
  const { companyId, realm } = login;
  return {
    realm,
    ha1: {
      MD5: keyring.openText(SIP_SEALS.ha1Md5(companyId), login.ha1Md5Enc),
      'SHA-256': keyring.openText(SIP_SEALS.ha1Sha256(companyId), login.ha1Sha256Enc),
    },
  };
}
