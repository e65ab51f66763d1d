/** The user's calls as his events tell them (V-017…V-020, V-061, V-062). Pure. */

export interface BarCall {
  readonly id: string;
  readonly number: string;
  readonly direction: 'in' | 'out';
  readonly state: 'ringing' | 'calling' | 'active' | 'held';
  /** Of the last change of state, epoch ms. */
  readonly since: number;
}

export interface BarNotice {
  readonly at: number;
  readonly kind: 'missed' | 'failed' | 'message';
  /** Who called, or what went wrong. */
  readonly text: string;
}

export interface BarState {
  readonly calls: readonly BarCall[];
  /** Newest first. */
  readonly notices: readonly BarNotice[];
  /** Calls that have ended: the history has changed. */
  readonly ended: number;
}

export const NO_CALLS: BarState = { calls: [], notices: [], ended: 0 };

export interface BarUser {
  readonly id: string;
  readonly extension: string;
}

const MOST_NOTICES = 5;

type Read = (state: BarState, query: URLSearchParams, at: number) => BarState;

const begins =
  (direction: BarCall['direction'], as: BarCall['state']): Read =>
  (state, query, at) => {
    const id = query.get('call_id') ?? '';
    const call: BarCall = { id, number: query.get('number') ?? '', direction, state: as, since: at };
    return { ...state, calls: [...state.calls.filter((one) => one.id !== id), call] };
  };

const turns =
  (to: BarCall['state']): Read =>
  (state, query, at) => ({
    ...state,
    calls: state.calls.map((one) => (one.id === query.get('call_id') ? { ...one, state: to, since: at } : one)),
  });

const ends: Read = (state, query) => ({
  ...state,
  calls: state.calls.filter(({ id }) => id !== query.get('call_id')),
  ended: state.ended + 1,
});

const notes =
  (kind: BarNotice['kind'], name: string): Read =>
  (state, query, at) => ({
    ...state,
    notices: [{ at, kind, text: query.get(name) ?? '' }, ...state.notices].slice(0, MOST_NOTICES),
  });

const ANSWERED = turns('active');

const OF_USER: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['incoming_call', begins('in', 'ringing')],
  ['outgoing_call', begins('out', 'calling')],
  // who has come by a transfer was not told of before
  [
    'call_answered',
    (state, query, at) =>
      state.calls.some(({ id }) => id === query.get('call_id'))
        ? ANSWERED(state, query, at)
        : begins('in', 'active')(state, query, at),
  ],
  ['call_rejected', ends],
  ['call_disconnect_out', ends],
  ['call_disconnect_in', ends],
  ['lost_call', notes('missed', 'number')],
  ['new_voicemail', notes('message', 'number')],
  ['cmd_failed', notes('failed', 'error_msg')],
]);

const OF_EXCHANGE: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['call_held', turns('held')],
  ['call_retrieved', turns('active')],
]);

/** Takes one event; those of others change nothing. */
export function readEvent(state: BarState, user: BarUser, query: URLSearchParams, at: number): BarState {
  const name = query.get('event_name') ?? '';
  const mine = query.get('ext') === user.extension ? OF_USER.get(name) : undefined;
  const held = query.get('user_id') === user.id ? OF_EXCHANGE.get(name) : undefined;
  return (mine ?? held)?.(state, query, at) ?? state;
}

/** After a command that was taken: shown at once, also where the module is not told of holds. */
export const afterHold = (state: BarState, id: string, held: boolean, at: number): BarState =>
  turns(held ? 'held' : 'active')(state, new URLSearchParams({ call_id: id }), at);
