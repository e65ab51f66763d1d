/** Keeping us registered at a trunk (RFC 3261 §10.2): one REGISTER after the other, with patience after failures. */
import { randomUUID } from 'node:crypto';
import type { TelephonyTrunk, TrunkFinding } from '@callwright/store';
import type { SipMessage } from '../sip/drachtio.ts';
import { escapeUser, parseNameAddrs, parseSipUri } from '../sip/headers.ts';
import type { Keeping, KeepingDeps } from './keeping.ts';
import { runKeeping } from './keeping.ts';
import { hostPort, nextHops, sourceOfHop, transportParam } from './next-hops.ts';
import { accountOf, askTrunk } from './requests.ts';

const ANSWER_MS = 5000;
const GOODBYE_MS = 2000;
const FIRST_RETRY_MS = 5000;
const LAST_RETRY_MS = 300_000;
/** Who refuses our account will do so again. */
const REFUSED_RETRY_MS = 60_000;
const MAX_RETRY_AFTER_MS = 3_600_000;

/** What a REGISTER came to. */
export type RegisterOutcome =
  | { readonly outcome: 'registered'; readonly seconds: number; readonly serviceRoute: string | null }
  | { readonly outcome: 'brief'; readonly minSeconds: number }
  | { readonly outcome: 'refused'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly outcome: 'silent' };

/** The route of our calls through the registrar's proxies (RFC 3608 §6.1); null when it names none, or none that can be one. */
function readServiceRoute(value: string | undefined): string | null {
  const places = parseNameAddrs(value ?? '');
  const fits =
    places.length > 0 && places.length <= 5 && places.every(({ uri }) => /^sips?:/i.test(uri) && parseSipUri(uri));
  return fits ? places.map(({ uri }) => `<${uri}>`).join(', ') : null;
}

/** Reads a final response, null when there was none. `contactUser` names our binding among those listed. */
export function readRegister(response: SipMessage | null, contactUser: string, asked: number): RegisterOutcome {
  if (!response) return { outcome: 'silent' };
  const { status } = response;
  if (status >= 200 && status < 300) {
    const own = parseNameAddrs(response.get('contact') ?? '').find(({ uri }) => parseSipUri(uri)?.user === contactUser);
    const seconds = Number.parseInt(own?.params.expires ?? response.get('expires') ?? '', 10);
    return {
      outcome: 'registered',
      seconds: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) : asked,
      serviceRoute: readServiceRoute(response.get('service-route')),
    };
  }
  const least = Number.parseInt(response.get('min-expires') ?? '', 10);
  if (status === 423 && least > asked && least <= 86_400) return { outcome: 'brief', minSeconds: least };
  // what the SIP server says for a far end that is not there
  if (status === 408) return { outcome: 'silent' };
  const after = Number.parseInt(response.get('retry-after') ?? '', 10);
  return {
    outcome: 'refused',
    status,
    retryAfterMs: Number.isFinite(after) ? Math.min(after * 1000, MAX_RETRY_AFTER_MS) : null,
  };
}

/**
 * When the next REGISTER goes out, ms. `failures` counts those in a row, this one included; `chance` in [0, 1) spreads many trunks over
 * time. A binding is renewed half-way when it is short, a minute before its end when it is long.
 */
export function nextRegisterMs(found: RegisterOutcome, failures: number, chance: number): number {
  switch (found.outcome) {
    case 'registered':
      return Math.max(1000, found.seconds > 240 ? (found.seconds - 60) * 1000 : found.seconds * 500);
    case 'brief':
      return 0;
    case 'refused':
    case 'silent': {
      const doubled = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
      const hopeless = found.outcome === 'refused' && [401, 403, 404, 407].includes(found.status) && failures > 1;
      const asked = found.outcome === 'refused' ? (found.retryAfterMs ?? 0) : 0;
      return Math.max(asked, Math.round(Math.max(doubled, hopeless ? REFUSED_RETRY_MS : 0) * (0.8 + 0.4 * chance)));
    }
  }
}

/** Keeps a trunk registered until it is stopped; `stop(true)` takes the binding away. */
export function keepRegistered(deps: KeepingDeps, trunk: TelephonyTrunk): Keeping {
  const client = createClient(deps, trunk);
  let failures = 0;
  let seconds = trunk.register_seconds;
  return runKeeping({
    first: { state: 'registering', sipStatus: null, expiresAt: null },
    report: deps.report,
    log: deps.log,
    after: deps.after,
    round: async () => {
      const { response, addresses } = await client.register(seconds, ANSWER_MS);
      const found = readRegister(response, trunk.contactUser, seconds);
      if (found.outcome === 'brief') seconds = found.minSeconds;
      failures = found.outcome === 'registered' || found.outcome === 'brief' ? 0 : failures + 1;
      return {
        finding: findingOf(found, addresses, deps.now()),
        nextMs: nextRegisterMs(found, failures, Math.random()),
      };
    },
    farewell: () => client.register(0, GOODBYE_MS),
  });
}

function findingOf(found: RegisterOutcome, addresses: readonly string[], nowMs: number): TrunkFinding | null {
  switch (found.outcome) {
    case 'registered':
      return {
        state: 'registered',
        sipStatus: null,
        expiresAt: new Date(nowMs + found.seconds * 1000),
        addresses,
        serviceRoute: found.serviceRoute,
      };
    case 'refused':
      return { state: 'refused', sipStatus: found.status, expiresAt: null, addresses };
    case 'silent':
      return { state: 'unreachable', sipStatus: null, expiresAt: null, addresses };
    case 'brief':
      return null;
  }
}

interface Client {
  /** `seconds` 0 takes the binding away. */
  register(seconds: number, timeoutMs: number): Promise<{ response: SipMessage | null; addresses: string[] }>;
}

function createClient({ srf, guard, openSecret }: KeepingDeps, trunk: TelephonyTrunk): Client {
  const callId = randomUUID();
  let cseq = Math.floor(Math.random() * 1000) + 1;
  const domain = trunk.from_domain ?? trunk.host;
  const user = trunk.from_user ?? trunk.auth_user ?? trunk.contactUser;
  const address = `<sip:${escapeUser(user)}@${domain}>`;
  return {
    register: async (seconds, timeoutMs) => {
      const hops = await nextHops(guard, trunk);
      let response: SipMessage | null = null;
      for (const hop of hops) {
        response = await askTrunk(srf, {
          method: 'REGISTER',
          uri: `sip:${hostPort(trunk)}${transportParam(trunk)}`,
          hop,
          headers: {
            From: address,
            To: address,
            Contact: `<sip:${trunk.contactUser}@localhost>`,
            Expires: String(seconds),
            'Call-ID': callId,
            CSeq: `${cseq} REGISTER`,
          },
          account: accountOf(trunk, openSecret),
          timeoutMs,
        });
        cseq = Math.max(cseq, Number.parseInt(response?.get('cseq') ?? '0', 10)) + 1;
        if (response && response.status !== 408 && response.status !== 503) break;
      }
      return { response, addresses: hops.flatMap((hop) => sourceOfHop(hop) ?? []) };
    },
  };
}
