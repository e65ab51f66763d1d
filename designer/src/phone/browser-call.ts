/**
 * One call from this browser: SIP over WebSocket on the console's own address, sound by WebRTC. The user agent is a chunk of its own;
 * import this file lazily.
 */
import JsSIP from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession.js';

/** A SIP log-in as the API hands it out. */
export interface PhoneLogIn {
  readonly username: string;
  readonly password: string;
  readonly realm: string;
}

export type CallState = 'calling' | 'ringing' | 'talking' | 'ended';
/** Why a call never was: no microphone allowed, none at all on a page without TLS, no way to the server. */
export type CallFailure = 'microphone' | 'insecure' | 'offline' | 'refused';

export interface BrowserCallEvents {
  readonly state: (state: CallState, failure: CallFailure | null) => void;
  /** What the other side says. */
  readonly sound: (stream: MediaStream) => void;
}

export interface BrowserCall {
  /** One key, as RFC 4733 events. */
  press(key: string): void;
  mute(muted: boolean): void;
  hangUp(): void;
}

const KEY_MS = 120;
const USER_AGENT = 'Callwright browser phone';

const FAILURES: Readonly<Record<string, CallFailure>> = {
  [JsSIP.C.causes.USER_DENIED_MEDIA_ACCESS]: 'microphone',
  [JsSIP.C.causes.WEBRTC_ERROR]: 'microphone',
  [JsSIP.C.causes.CONNECTION_ERROR]: 'offline',
  [JsSIP.C.causes.REQUEST_TIMEOUT]: 'offline',
};

function userAgent({ username, password, realm }: PhoneLogIn): InstanceType<typeof JsSIP.UA> {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new JsSIP.WebSocketInterface(`${scheme}://${location.host}/sip`);
  return new JsSIP.UA({
    sockets: [socket],
    uri: `sip:${username}@${location.hostname}`,
    authorization_user: username,
    password,
    realm,
    register: false,
    session_timers: false,
    user_agent: USER_AGENT,
  });
}

/** Calls `number` with a log-in; everything that happens comes by `events`. */
export function callFromBrowser(login: PhoneLogIn, number: string, events: BrowserCallEvents): BrowserCall {
  let session: RTCSession | null = null;
  let over = false;
  const end = (failure: CallFailure | null) => {
    if (over) return;
    over = true;
    removeEventListener('pagehide', hangUp);
    events.state('ended', failure);
    agent?.stop();
  };
  function hangUp(): void {
    if (session && !session.isEnded()) session.terminate();
    else end(null);
  }
  // browsers give a microphone to pages with TLS, and to this machine's own
  const agent = navigator.mediaDevices ? userAgent(login) : null;
  if (!agent) queueMicrotask(() => end('insecure'));
  agent?.on('connected', () => {
    // a connection that comes back places no second call
    if (over || session) return;
    session = agent.call(`sip:${number}@${location.hostname}`, {
      mediaConstraints: { audio: true, video: false },
      eventHandlers: {
        peerconnection: ({ peerconnection }) =>
          peerconnection.addEventListener('track', ({ streams }) => streams[0] && events.sound(streams[0])),
        progress: () => events.state('ringing', null),
        confirmed: () => events.state('talking', null),
        failed: ({ cause, originator }) =>
          end(FAILURES[cause] ?? (originator === 'local' && cause === JsSIP.C.causes.CANCELED ? null : 'refused')),
        ended: () => end(null),
      },
    });
  });
  agent?.on('disconnected', () => end(session?.isEstablished() ? null : 'offline'));
  // whoever closes the page hangs up
  addEventListener('pagehide', hangUp);
  events.state('calling', null);
  agent?.start();
  return {
    press: (key) => {
      if (session?.isEstablished())
        session.sendDTMF(key, { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833, duration: KEY_MS });
    },
    mute: (muted) => (muted ? session?.mute({ audio: true }) : session?.unmute({ audio: true })),
    hangUp,
  };
}
