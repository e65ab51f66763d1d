/**
 * The telephone of a user in the browser: registered over WebSocket, several calls at once, hold and transfer. Import it lazily. What
 * happens is told as whole lists of lines; sound is played here, so that no page that is left takes a call along.
 */
import type { RTCSession } from 'jssip/lib/RTCSession.js';
import type { RTCSessionEvent } from 'jssip/lib/UA.js';
import { type CallFailure, failureOf, KEY_OPTIONS, MEDIA, type PhoneLogIn, sipAgent } from './sip-agent.ts';

export type LineState = 'ringing' | 'calling' | 'talking' | 'held';

/** One call at this phone. */
export interface PhoneLine {
  readonly id: string;
  readonly way: 'in' | 'out';
  readonly number: string;
  readonly name: string;
  readonly state: LineState;
  readonly muted: boolean;
  /** When it was answered, epoch milliseconds; null before. */
  readonly since: number | null;
  /** Set on a call that was placed to ask somebody before another call is handed to him: the other's id. */
  readonly asksFor: string | null;
}

export type PhoneReadiness = 'connecting' | 'ready' | 'refused';

export interface BrowserPhoneEvents {
  readonly lines: (lines: readonly PhoneLine[]) => void;
  readonly readiness: (readiness: PhoneReadiness) => void;
  /** A call or a transfer did not come to be. */
  readonly failed: (why: CallFailure | 'transfer') => void;
}

export interface BrowserPhone {
  /** Calls a number; whatever is talked with is held. */
  dial(number: string, asksFor?: string): void;
  answer(id: string): void;
  /** Hangs up, declines or gives up. */
  hangUp(id: string): void;
  hold(id: string, held: boolean): void;
  mute(id: string, muted: boolean): void;
  /** One key to the other side. */
  press(id: string, key: string): void;
  /** Hands the call to a number without asking first. */
  transfer(id: string, number: string): void;
  /** Joins the parties of two calls, and leaves both. */
  join(id: string, other: string): void;
  /** Ends all calls and the registration. */
  stop(): void;
}

interface Line {
  readonly session: RTCSession;
  readonly way: 'in' | 'out';
  readonly number: string;
  readonly name: string;
  readonly speaker: HTMLAudioElement;
  readonly asksFor: string | null;
  since: number | null;
}

export function startBrowserPhone(login: PhoneLogIn, events: BrowserPhoneEvents): BrowserPhone {
  const lines = new Map<string, Line>();
  const agent = sipAgent(login, { register: true });
  const tell = (): void => events.lines([...lines].map(([id, line]) => shown(id, line)));

  const add = (session: RTCSession, given: Pick<Line, 'way' | 'number' | 'name' | 'asksFor'>): void => {
    const speaker = new Audio();
    speaker.autoplay = true;
    speaker.hidden = true;
    document.body.append(speaker);
    const line: Line = { session, speaker, since: null, ...given };
    const listen = (connection: RTCPeerConnection): void =>
      connection.addEventListener('track', ({ streams }) => {
        if (streams[0]) speaker.srcObject = streams[0];
      });
    // an outgoing call has its connection before it is announced
    if (session.connection) listen(session.connection);
    session.on('peerconnection', ({ peerconnection }) => listen(peerconnection));
    const gone = (): void => {
      speaker.srcObject = null;
      speaker.remove();
      lines.delete(session.id);
      tell();
    };
    session.on('confirmed', () => {
      line.since ??= Date.now();
      tell();
    });
    session.on('failed', (event) => {
      const why = failureOf(event);
      // a caller who gives up, or is declined, is no failure
      if (why && (line.way === 'out' || why !== 'refused')) events.failed(why);
      gone();
    });
    session.on('ended', gone);
    for (const change of ['hold', 'unhold', 'muted', 'unmuted'] as const) session.on(change, tell);
    lines.set(session.id, line);
    tell();
  };

  const sessionOf = (id: string): RTCSession | null => lines.get(id)?.session ?? null;
  const holdOthers = (id: string | null): void => {
    for (const [other, { session }] of lines)
      if (other !== id && session.isEstablished() && !session.isOnHold().local)
        whenPossible(session, () => session.isOnHold().local || session.hold());
  };

  agent.on('newRTCSession', ({ originator, session }: RTCSessionEvent) => {
    if (originator !== 'remote') return;
    const { uri, display_name: name } = session.remote_identity;
    add(session, { way: 'in', number: uri.user, name: name ?? '', asksFor: null });
  });
  agent.on('registered', () => events.readiness('ready'));
  agent.on('registrationFailed', () => events.readiness('refused'));
  agent.on('disconnected', () => events.readiness('connecting'));
  const stop = (): void => {
    removeEventListener('pagehide', stop);
    for (const { session } of lines.values()) if (!session.isEnded()) session.terminate();
    agent.stop();
  };
  // whoever closes the page hangs up
  addEventListener('pagehide', stop);
  agent.start();

  return {
    dial: (number, asksFor) => {
      holdOthers(null);
      const session = agent.call(`sip:${encodeURIComponent(number)}@${location.hostname}`, MEDIA);
      add(session, { way: 'out', number, name: '', asksFor: asksFor ?? null });
    },
    answer: (id) => {
      holdOthers(id);
      sessionOf(id)?.answer(MEDIA);
    },
    hangUp: (id) => {
      const session = sessionOf(id);
      if (session && !session.isEnded()) session.terminate();
    },
    hold: (id, held) => {
      const session = sessionOf(id);
      if (!session?.isEstablished()) return;
      if (!held) holdOthers(id);
      whenPossible(session, () => session.isOnHold().local === held || (held ? session.hold() : session.unhold()));
    },
    mute: (id, muted) => {
      const session = sessionOf(id);
      if (muted) session?.mute({ audio: true });
      else session?.unmute({ audio: true });
    },
    press: (id, key) => {
      const session = sessionOf(id);
      if (session?.isEstablished()) session.sendDTMF(key, KEY_OPTIONS);
    },
    transfer: (id, number) =>
      refer(sessionOf(id), `sip:${encodeURIComponent(number)}@${location.hostname}`, null, events),
    join: (id, other) => {
      const asked = sessionOf(other);
      if (asked) refer(sessionOf(id), asked.remote_identity.uri.toString(), asked, events);
    },
    stop,
  };
}

const RETRY_MS = 200;
const RETRIES = 25;

/** A change is refused while the one before it is being agreed on (RFC 3261 §14.1): it is asked for again. */
function whenPossible(session: RTCSession, change: () => boolean, tries = RETRIES): void {
  if (session.isEnded() || change() || tries === 0) return;
  setTimeout(() => whenPossible(session, change, tries - 1), RETRY_MS);
}

/** REFER (RFC 3515), with Replaces (RFC 3891) where the other party is on a line already; done is done, the call is left. */
function refer(
  session: RTCSession | null,
  target: string,
  replaces: RTCSession | null,
  events: BrowserPhoneEvents,
): void {
  if (!session?.isEstablished()) return;
  const failed = () => events.failed('transfer');
  const leave = (): void => {
    for (const each of [session, replaces]) if (each && !each.isEnded()) each.terminate();
  };
  const eventHandlers = { requestFailed: failed, failed, accepted: leave };
  session.refer(target, { eventHandlers, ...(replaces ? { replaces } : {}) });
}

function shown(id: string, { session, way, number, name, since, asksFor }: Line): PhoneLine {
  const muted = session.isMuted().audio === true;
  const up: LineState = session.isOnHold().local ? 'held' : 'talking';
  const state: LineState = since !== null ? up : way === 'in' ? 'ringing' : 'calling';
  return { id, way, number, name, state, muted, since, asksFor };
}
