/** Session timers (RFC 4028): negotiation as UAS and UAC, then either refreshing or watching for the far end's refresh. */
import { parseTokens, splitHeader } from './headers.ts';

export const MIN_SE_SECONDS = 90;

export interface SessionTerms {
  readonly intervalSeconds: number;
  /** Whether this side sends the refreshes. */
  readonly weRefresh: boolean;
}

const readSeconds = (value: string | undefined): number | null => {
  const match = /^\s*(\d{1,9})/.exec(value ?? '');
  return match ? Number(match[1]) : null;
};

const refresherOf = (value: string | undefined): 'uac' | 'uas' | null => {
  const found = splitHeader(value ?? '', ';').find((part) => part.toLowerCase().startsWith('refresher='));
  const who = found?.slice('refresher='.length).toLowerCase();
  return who === 'uac' || who === 'uas' ? who : null;
};

export interface SessionHeaders {
  readonly sessionExpires: string | undefined;
  readonly minSe: string | undefined;
  readonly supported: string | undefined;
}

export type UasAnswer =
  | { readonly ok: true; readonly terms: SessionTerms; readonly headers: Readonly<Record<string, string>> }
  /** 422 Session Interval Too Small, with the least we take. */
  | { readonly ok: false; readonly minSeSeconds: number };

/** Answers an INVITE or UPDATE as UAS (RFC 4028 §9). `wantedSeconds` is used where the far end asks for nothing. */
export function answerSession(request: SessionHeaders, wantedSeconds: number): UasAnswer {
  const asked = readSeconds(request.sessionExpires);
  if (asked !== null && asked < MIN_SE_SECONDS) return { ok: false, minSeSeconds: MIN_SE_SECONDS };
  const theySupport = parseTokens(request.supported).includes('timer');
  const least = readSeconds(request.minSe) ?? 0;
  const intervalSeconds = Math.max(asked ?? wantedSeconds, least, MIN_SE_SECONDS);
  const refresher = theySupport ? (refresherOf(request.sessionExpires) ?? 'uac') : 'uas';
  const weRefresh = refresher === 'uas';
  return {
    ok: true,
    terms: { intervalSeconds, weRefresh },
    headers: {
      'Session-Expires': `${intervalSeconds};refresher=${refresher}`,
      // the far end must understand a timer that it is to refresh
      ...(weRefresh ? {} : { Require: 'timer' }),
    },
  };
}

/** Headers of an INVITE that offers a timer (RFC 4028 §7.1). */
export function offerSession(seconds: number, minSeSeconds = MIN_SE_SECONDS): Record<string, string> {
  return { 'Session-Expires': String(Math.max(seconds, minSeSeconds)), 'Min-SE': String(minSeSeconds) };
}

/** What a 2xx to our INVITE says (RFC 4028 §7.2); without the header we refresh at our own interval. */
export function readSessionAnswer(sessionExpires: string | undefined, offeredSeconds: number): SessionTerms {
  const seconds = readSeconds(sessionExpires);
  if (seconds === null) return { intervalSeconds: Math.max(offeredSeconds, MIN_SE_SECONDS), weRefresh: true };
  return { intervalSeconds: Math.max(seconds, MIN_SE_SECONDS), weRefresh: refresherOf(sessionExpires) !== 'uas' };
}

export interface SessionTimer {
  /** A refresh was made or received: begin anew, with new terms when given. */
  restart(terms?: SessionTerms): void;
  stop(): void;
}

/**
 * Runs the timer of one dialog: `refresh` at half the interval where we refresh, `expire` where the far end was to and did not
 * (interval minus the smaller of 32 s and a third, RFC 4028 §10).
 */
export function runSession(initial: SessionTerms, on: { refresh(): void; expire(): void }): SessionTimer {
  let terms = initial;
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    clearTimeout(timer);
    const intervalMs = terms.intervalSeconds * 1000;
    const dueMs = terms.weRefresh ? intervalMs / 2 : intervalMs - Math.min(32_000, intervalMs / 3);
    timer = setTimeout(() => (terms.weRefresh ? on.refresh() : on.expire()), dueMs);
    timer.unref();
  };
  arm();
  return {
    restart: (next) => {
      if (next) terms = next;
      arm();
    },
    stop: () => clearTimeout(timer),
  };
}
