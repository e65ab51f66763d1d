/**
 * One call from this browser: SIP over WebSocket on the console's own address, sound by WebRTC. The user agent is a chunk of its own;
 * import this file lazily.
 */
import type { RTCSession } from 'jssip/lib/RTCSession.js';
import { type CallFailure, failureOf, KEY_OPTIONS, MEDIA, type PhoneLogIn, sipAgent } from './sip-agent.ts';

export type { CallFailure } from './sip-agent.ts';

export type CallState = 'calling' | 'ringing' | 'talking' | 'ended';

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
  const agent = navigator.mediaDevices ? sipAgent(login, { register: false }) : null;
  if (!agent) queueMicrotask(() => end('insecure'));
  agent?.on('connected', () => {
    // a connection that comes back places no second call
    if (over || session) return;
    session = agent.call(`sip:${number}@${location.hostname}`, {
      ...MEDIA,
      eventHandlers: {
        peerconnection: ({ peerconnection }) =>
          peerconnection.addEventListener('track', ({ streams }) => streams[0] && events.sound(streams[0])),
        progress: () => events.state('ringing', null),
        confirmed: () => events.state('talking', null),
        failed: (event) => end(failureOf(event)),
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
      if (session?.isEstablished()) session.sendDTMF(key, KEY_OPTIONS);
    },
    mute: (muted) => (muted ? session?.mute({ audio: true }) : session?.unmute({ audio: true })),
    hangUp,
  };
}
