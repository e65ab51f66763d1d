/** One request outside a dialog to a trunk and its final response, a challenge answered once. */
import type { TelephonyTrunk } from '@callwright/store';
import type { SipMessage, SipRequest, SrfLike } from '../sip/drachtio.ts';
import { answerChallenge, type TrunkAccount } from './credentials.ts';

export interface TrunkRequest {
  readonly method: 'REGISTER' | 'OPTIONS' | 'NOTIFY';
  readonly uri: string;
  readonly hop: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly account: TrunkAccount | null;
  readonly timeoutMs: number;
}

/** Null: nobody answered in time, or the request could not be sent. */
export async function askTrunk(srf: SrfLike, request: TrunkRequest): Promise<SipMessage | null> {
  let sent = await once(srf, request, request.headers);
  // a second challenge is only followed when the first nonce had run out
  for (let tries = 0; tries < 2; tries++) {
    const response = sent?.response;
    if (!sent || !response || (response.status !== 401 && response.status !== 407)) break;
    if (tries > 0 && !/stale\s*=\s*"?true/i.test(challengeOf(response))) break;
    const credentials = credentialsFor(request, response);
    if (!credentials) break;
    sent = await once(srf, request, { ...request.headers, ...sameRequest(sent.request), ...credentials });
  }
  return sent?.response ?? null;
}

export const challengeOf = (response: SipMessage): string =>
  response.get(response.status === 407 ? 'proxy-authenticate' : 'www-authenticate') ?? '';

function credentialsFor({ account, method, uri }: TrunkRequest, response: SipMessage): Record<string, string> | null {
  const value = account ? answerChallenge(account, { method, uri, challenge: challengeOf(response) }) : null;
  return value === null ? null : { [response.status === 407 ? 'Proxy-Authorization' : 'Authorization']: value };
}

/** Call-ID, From and the next CSeq: the same request once more (RFC 3261 §22.1). */
function sameRequest(request: SipRequest): Record<string, string> {
  const [count = '0', method = ''] = (request.get('cseq') ?? '').split(/\s+/);
  return {
    'Call-ID': request.get('call-id') ?? '',
    From: request.get('from') ?? '',
    CSeq: `${Number.parseInt(count, 10) + 1} ${method}`,
  };
}

interface Sent {
  readonly request: SipRequest;
  readonly response: SipMessage | null;
}

function once(srf: SrfLike, request: TrunkRequest, headers: Readonly<Record<string, string>>): Promise<Sent | null> {
  return new Promise((resolve) => {
    let made: SipRequest | null = null;
    const late = setTimeout(() => resolve(made ? { request: made, response: null } : null), request.timeoutMs);
    const done = (value: Sent | null): void => {
      clearTimeout(late);
      resolve(value);
    };
    try {
      const { method, uri, hop, body } = request;
      srf.request(
        uri,
        { method, proxy: hop, headers: { ...headers }, ...(body === undefined ? {} : { body }) },
        (error, sent) => {
          if (error || !sent) {
            done(null);
            return;
          }
          made = sent;
          sent.on('response', (response) => {
            if (response.status >= 200) done({ request: sent, response });
          });
        },
      );
    } catch {
      // the connection to the SIP server is gone
      done(null);
    }
  });
}

/** The account of a trunk; null when it has none. */
export function accountOf(
  trunk: Pick<TelephonyTrunk, 'auth_user' | 'realm' | 'secretEnc'>,
  openSecret: (sealed: Uint8Array) => string,
): TrunkAccount | null {
  if (trunk.auth_user === null || trunk.secretEnc === null) return null;
  return { username: trunk.auth_user, secret: openSecret(trunk.secretEnc), realm: trunk.realm };
}
