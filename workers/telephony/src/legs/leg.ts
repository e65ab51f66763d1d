/** A live leg: its log, its keys, its media, its phone, and what runs on it. */
import type { Cause, LegEventBody, LegTrunk, MediaResult } from '@callwright/engine';
import type { CodecWish } from '@callwright/store';
import type { MediaEndpoint } from '../media/endpoint.ts';
import type { Player } from '../media/player.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import type { KeyWatch } from './key-watch.ts';

/** How a leg ended; becomes its `hangup` event. */
export interface LegEnd {
  readonly cause: Cause;
  readonly sipStatus: number | null;
  readonly by: 'remote' | 'local' | 'network';
}

/** The SIP side of a leg: one dialog, or the INVITEs that may become one. */
export interface Phone {
  /** Tells the far end that it is over, in whatever way its state asks for. Never rejects; resolves when the message was sent. */
  end(end: LegEnd): Promise<void>;
  /** 180, or 183 with the media server's answer. Inbound and unanswered only. */
  ring(earlySdp: string | null): void;
  /** Sends the 200. Inbound and unanswered only. */
  answer(): Promise<void>;
  /** Our last description in its dialog; null before there is one. */
  described?(): string | null;
  /** The far end's last description; null before there is one. */
  remote?(): string | null;
  /** Offers another description by re-INVITE; the far end's answer. Rejects where it is not taken. Answered only. */
  offer?(sdp: string): Promise<string>;
  /** Sends REFER and waits for the outcome. Answered only. */
  refer(target: string): Promise<{ readonly ok: boolean; readonly sipStatus: number }>;
}

export interface Media {
  readonly endpoint: MediaEndpoint;
  readonly player: Player;
}

/** A recording of both sides that runs. */
export interface Tap {
  readonly file: string;
  /** Silence is kept instead of what is said, or no longer. */
  mask(act: 'mask' | 'unmask'): Promise<MediaResult>;
  /** Keeps it; `ended` says why. May be called twice. */
  stop(ended: string): Promise<MediaResult>;
}

export type LegState = 'proceeding' | 'early' | 'answered' | 'ended';

export interface Leg {
  readonly id: string;
  readonly companyId: string;
  readonly direction: 'inbound' | 'outbound';
  readonly log: EventLog;
  readonly digits: DigitBuffer;
  /** The call it belongs to; changes when it is moved. */
  callId: string;
  state: LegState;
  phone: Phone | null;
  /** The channel, once it is there; resolves null when it never will be. */
  readonly media: Promise<Media | null>;
  readonly setMedia: (media: Media | null) => void;
  /** Same, when it is there already. */
  readyMedia: Media | null;
  /** The leg it is joined with. */
  bridged: string | null;
  end: LegEnd | null;
  /** Resolves when its far end and its channel were told. */
  ending: Promise<void>;
  /** Aborted when the leg ends. */
  readonly over: AbortController;
  /** Recordings that run, by the name the call gave them. */
  readonly taps: Map<string, Tap>;
  /** Running operations by id: how to stop each. */
  readonly running: Map<string, AbortController>;
  /** Call-ID of its dialog, once it has one. */
  sipCallId: string | null;
  /** Tags of its dialog, ours and the far end's. */
  tags: { readonly local: string; readonly remote: string } | null;
  /** Host by which its far end knows us. */
  domain: string;
  /** Whom the running collect told to be asked about keys first. Null: keys go to the buffer. */
  onKey: ((digit: string) => void) | null;
  /** The leg here that it supervises. */
  supervised: string | null;
  /** Meeting room it is in. */
  room: string | null;
  /** What the others there hear when it leaves. */
  farewell: readonly string[];
  /** Key sequences looked for while it is joined with another. */
  keyWatch: KeyWatch | null;
  /** What was pressed while it was joined and nothing was looked for yet: the last few keys. */
  earlyKeys: string[];
  /** What its far end can do, in its own words: the offer of a caller, the answer of a called party. */
  theirSdp: string | null;
  /** Codecs that its account or trunk asks for. */
  wish: CodecWish | null;
  /** A caller who offers nothing that we speak. */
  onlyPasses: boolean;
  /** The far end was told a description of ours, which its answer repeats. */
  described: boolean;
  /** Format that it speaks when that is none of ours, as `g729/8000`: passed on to whom it is joined with. */
  carries: string | null;
  /** Its far end may ask to be transferred: a user of the company, never a stranger. */
  mayTransfer: boolean;
  /** The trunk whose line it takes, when it goes outside; told with its events. */
  trunk: LegTrunk | null;
  readonly createdAt: number;
}

/** Keys typed while nobody asks for them, oldest first. */
export interface DigitBuffer {
  push(digit: string): void;
  shift(): string | undefined;
  clear(): void;
}

const BUFFERED_DIGITS = 64;

function createDigitBuffer(): DigitBuffer {
  let digits: string[] = [];
  return {
    push: (digit) => {
      if (digits.length < BUFFERED_DIGITS) digits.push(digit);
    },
    shift: () => digits.shift(),
    clear: () => {
      digits = [];
    },
  };
}

export interface NewLegInput {
  readonly id: string;
  readonly callId: string;
  readonly companyId: string;
  readonly direction: 'inbound' | 'outbound';
  /** When its first message came, epoch ms; now when absent. */
  readonly createdAt?: number;
}

export function createLeg(input: NewLegInput, nowMs: number): Leg {
  let setMedia: (media: Media | null) => void = () => {};
  const media = new Promise<Media | null>((resolve) => {
    setMedia = resolve;
  });
  const leg: Leg = {
    id: input.id,
    callId: input.callId,
    companyId: input.companyId,
    direction: input.direction,
    log: createEventLog(input.id),
    digits: createDigitBuffer(),
    state: 'proceeding',
    phone: null,
    media,
    setMedia: (found) => {
      leg.readyMedia = found;
      setMedia(found);
    },
    readyMedia: null,
    bridged: null,
    end: null,
    ending: Promise.resolve(),
    over: new AbortController(),
    taps: new Map(),
    running: new Map(),
    sipCallId: null,
    tags: null,
    domain: 'localhost',
    onKey: null,
    keyWatch: null,
    earlyKeys: [],
    supervised: null,
    room: null,
    farewell: [],
    theirSdp: null,
    wish: null,
    onlyPasses: false,
    described: false,
    carries: null,
    mayTransfer: false,
    trunk: null,
    createdAt: input.createdAt ?? nowMs,
  };
  return leg;
}

const KEYS = /^[0-9A-D*#]$/;
/** The longest sequence of a company has eight. */
const EARLY_KEYS = 8;

/** A key of the far end, by RFC 4733 or INFO. While two parties talk it is meant for the other one. */
export function pressKey(leg: Leg, digit: string): void {
  const key = digit.toUpperCase();
  if (!KEYS.test(key) || leg.state === 'ended') return;
  if (leg.bridged !== null || leg.supervised !== null) {
    if (leg.keyWatch) leg.keyWatch.press(key);
    else leg.earlyKeys = [...leg.earlyKeys, key].slice(-EARLY_KEYS);
    return;
  }
  if (leg.onKey) leg.onKey(key);
  else if (leg.room !== null) leg.keyWatch?.press(key);
  else leg.digits.push(key);
}

/** The body with the leg's trunk, where the event is one that names it. */
export const withTrunk = (leg: Leg, body: LegEventBody): LegEventBody =>
  leg.trunk && (body.type === 'ringing' || body.type === 'answered' || body.type === 'hangup')
    ? { ...body, trunk: leg.trunk }
    : body;

/** Body of the event that reports an end. */
export const hangupBody = (end: LegEnd): LegEventBody => ({ type: 'hangup', ...end });
