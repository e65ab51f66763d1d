/** The browser's SIP user agent: over WebSocket on the console's own address. Import it lazily, it is large. */
import JsSIP from 'jssip';

/** A SIP log-in as the API hands it out. */
export interface PhoneLogIn {
  readonly username: string;
  readonly password: string;
  readonly realm: string;
}

/** Why a call never was: no microphone allowed, none at all on a page without TLS, no way to the server. */
export type CallFailure = 'microphone' | 'insecure' | 'offline' | 'refused';

export type Agent = InstanceType<typeof JsSIP.UA>;

/** Sound only. */
export const MEDIA = { mediaConstraints: { audio: true, video: false } };
const KEY_MS = 120;
/** How one key is sent: as an RFC 4733 event. */
export const KEY_OPTIONS = { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833, duration: KEY_MS };
/** A registration is renewed before this many seconds are over; a page that vanishes is forgotten after them. */
const REGISTERED_SECONDS = 120;
const USER_AGENT = 'Callwright browser phone';

const FAILURES: Readonly<Record<string, CallFailure>> = {
  [JsSIP.C.causes.USER_DENIED_MEDIA_ACCESS]: 'microphone',
  [JsSIP.C.causes.WEBRTC_ERROR]: 'microphone',
  [JsSIP.C.causes.CONNECTION_ERROR]: 'offline',
  [JsSIP.C.causes.REQUEST_TIMEOUT]: 'offline',
};

/** Why a session failed; null: somebody did not want it, which is no failure. */
export function failureOf({
  cause,
  originator,
}: {
  readonly cause: string;
  readonly originator: string;
}): CallFailure | null {
  const known = FAILURES[cause];
  if (known) return known;
  return originator === 'local' && cause === JsSIP.C.causes.CANCELED ? null : 'refused';
}

/** An agent that has not been started. */
export function sipAgent(
  { username, password, realm }: PhoneLogIn,
  { register }: { readonly register: boolean },
): Agent {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(`${scheme}://${location.host}/sip`)],
    uri: `sip:${username}@${location.hostname}`,
    authorization_user: username,
    password,
    realm,
    register,
    register_expires: REGISTERED_SECONDS,
    session_timers: false,
    user_agent: USER_AGENT,
  });
}
