/**
 * The predictive dialer of the guide (V-064): numbers are called through a gateway into a responder where they wait, operators into
 * another, and whoever has accepted is handed to an operator who waits. Pure: what happens goes in, what is to be asked comes out.
 */
import { ACCEPTED, type Params } from '../seri.ts';

export interface Lead {
  readonly number: string;
  /** Our id of the call. */
  readonly extid: string;
  /** `leaving`: its end is asked for. */
  readonly state: 'waiting' | 'calling' | 'accepted' | 'joining' | 'talking' | 'leaving' | 'over';
  /** ID_COM_1, IVR_ID, IVR_CALL_ID of the guide. */
  readonly com: string;
  readonly ivrId: string;
  readonly ivrCall: string;
  /** Extension of who talks with it. */
  readonly operator: string;
  /** T8, or what was refused. */
  readonly outcome: string;
  /** Epoch ms of the last change. */
  readonly since: number;
  /** How long it waited for an operator. */
  readonly waitedMs: number;
}

export interface Operator {
  readonly id: string;
  readonly extension: string;
  readonly name: string;
  readonly state: 'free' | 'calling' | 'ready' | 'joining' | 'talking' | 'leaving' | 'away';
  readonly extid: string;
  /** ID_COM_2, OPERATOR_CALL_ID of the guide. */
  readonly com: string;
  readonly call: string;
  readonly since: number;
}

export interface Plan {
  readonly gatewayId: string;
  /** Shown to who is called. */
  readonly shown: string;
  readonly receptionId: string;
  readonly waitingId: string;
  /** Numbers that are called at a time for each operator. */
  readonly ratio: number;
  /** Nobody waits longer for an operator. */
  readonly patienceMs: number;
}

export interface Campaign {
  readonly plan: Plan;
  readonly running: boolean;
  readonly leads: readonly Lead[];
  readonly operators: readonly Operator[];
  /** Lines of the gateway that are free, as last heard. */
  readonly freeLines: number;
  /** Makes our ids unique. */
  readonly run: string;
  readonly made: number;
}

/** A request to the interface; `key` comes back with its answer. */
export interface Order {
  readonly key: string;
  readonly service: string;
  readonly params: Params;
}

export interface Step {
  readonly campaign: Campaign;
  readonly orders: readonly Order[];
}

export type Happening =
  | { readonly type: 'start' | 'stop' | 'tick'; readonly at: number }
  | { readonly type: 'lines'; readonly at: number; readonly free: number }
  | { readonly type: 'event'; readonly at: number; readonly query: URLSearchParams }
  /** An order was not taken. */
  | { readonly type: 'refused'; readonly at: number; readonly key: string; readonly why: string };

export function newCampaign(
  run: string,
  plan: Plan,
  numbers: readonly string[],
  operators: readonly Pick<Operator, 'id' | 'extension' | 'name'>[],
): Campaign {
  const nothing = { com: '', since: 0 };
  return {
    plan,
    run,
    running: false,
    freeLines: 0,
    made: 0,
    leads: numbers.map((number, n) => ({
      ...nothing,
      number,
      extid: `${run}-lead-${n}`,
      state: 'waiting',
      ivrId: '',
      ivrCall: '',
      operator: '',
      outcome: '',
      waitedMs: 0,
    })),
    operators: operators.map((one) => ({ ...nothing, ...one, state: 'free', extid: '', call: '' })),
  };
}

/** Digits, one number a line or by commas; each once. */
export const numbersOf = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,;]+/)
      .map((one) => one.replace(/[^0-9+*#]/g, ''))
      .filter((one) => one !== ''),
  ),
];

export interface Figures {
  readonly waiting: number;
  readonly open: number;
  readonly talking: number;
  readonly answered: number;
  /** Who accepted and talked with nobody. */
  readonly abandoned: number;
  readonly failed: number;
  /** Of those who talked with somebody. */
  readonly averageWaitMs: number;
}

export function figuresOf({ leads }: Campaign): Figures {
  const count = (fits: (lead: Lead) => boolean): number => leads.filter(fits).length;
  const met = leads.filter(({ operator, state }) => operator !== '' && (state === 'talking' || state === 'over'));
  return {
    waiting: count(({ state }) => state === 'waiting'),
    open: count(isOpen),
    talking: count(({ state }) => state === 'talking'),
    answered: count(({ ivrCall }) => ivrCall !== ''),
    abandoned: count(({ state, ivrCall, operator }) => state === 'over' && ivrCall !== '' && operator === ''),
    failed: count(({ state, outcome }) => state === 'over' && outcome !== ACCEPTED),
    averageWaitMs: met.length === 0 ? 0 : met.reduce((sum, { waitedMs }) => sum + waitedMs, 0) / met.length,
  };
}

/** Called, and with nobody yet. */
export const isOpen = ({ state }: Lead): boolean => state === 'calling' || state === 'accepted' || state === 'joining';
