/** Session timers (RFC 4028): negotiation as UAS and UAC, then either refreshing or watching for the far end's refresh. */
import { parseTokens, splitHeader } from './headers.ts';

export const MIN_SE_SECONDS = 90;

/** Our own side of every negotiation. */
export interface SessionWish {
  /** Interval we ask for where the far end asks for nothing. */
  readonly sessionSeconds: number;
  /** The shortest we take; no less than `MIN_SE_SECONDS` outside of tests (RFC 4028 §4). */
  readonly minSessionSeconds: number;
}

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

/** Answers an INVITE or UPDATE as UAS (RFC 4028 §9). */
export function answerSession(request: SessionHeaders, { sessionSeconds, minSessionSeconds }: SessionWish): UasAnswer {
  const asked = readSeconds(request.sessionExpires);
  if (asked !== null && asked < minSessionSeconds) return { ok: false, minSeSeconds: minSessionSeconds };
  const theySupport = parseTokens(request.supported).includes('timer');
  const least = readSeconds(request.minSe) ?? 0;
  const intervalSeconds = Math.max(asked ?? sessionSeconds, least, minSessionSeconds);
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

/** Headers of an INVITE that offers a timer (RFC 4028 §7.1); `askedMinSeconds` is what a 422 demanded. */
export function offerSession(wish: SessionWish, askedMinSeconds = 0): Record<string, string> {
  const least = Math.max(wish.minSessionSeconds, askedMinSeconds);
  return { 'Session-Expires': String(Math.max(wish.sessionSeconds, least)), 'Min-SE': String(least) };
}

const LONGEST_SECONDS = 86_400;

/** Min-SE of a 422 (RFC 4028 §7.3), within reason; an hour where it names none. */
export function readMinSe(minSe: string | undefined): number {
  return Math.min(readSeconds(minSe) ?? 3600, LONGEST_SECONDS);
}

/** What a 2xx to our INVITE says (RFC 4028 §7.2); without the header we refresh at our own interval. */
export function readSessionAnswer(sessionExpires: string | undefined, wish: SessionWish): SessionTerms {
  const { sessionSeconds, minSessionSeconds } = wish;
  const seconds = readSeconds(sessionExpires);
  if (seconds === null) return { intervalSeconds: Math.max(sessionSeconds, minSessionSeconds), weRefresh: true };
  return { intervalSeconds: Math.max(seconds, minSessionSeconds), weRefresh: refresherOf(sessionExpires) !== 'uas' };
}

export interface SessionTimer {
  readonly terms: SessionTerms;
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
    get terms() {
      return terms;
    },
    restart: (next) => {
      if (next) terms = next;
      arm();
    },
    stop: () => clearTimeout(timer),
  };
}
