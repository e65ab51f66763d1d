/**
 * The call machine's own state: parties, legs, what is under way on them, and the account kept for the CDR. Plain JSON, kept in
 * `CallState.machine`. A step works on a private copy of it; nothing outside `call/` reads it.
 */
import type { Comfort, ConnectOutcome } from '../define/ask.ts';
import type { GroupState } from '../group/ring-group.ts';
import type {
  CallStart,
  Cause,
  Coordinates,
  DialTarget,
  Diversion,
  ForwardReason,
  JsonValue,
  LegTrunk,
  Locale,
  Message,
  OfferedRecording,
  Prompt,
  RingPlan,
  SecondParty,
  SupervisionMode,
  Supervisor,
  TalkLimit,
} from '../protocol/index.ts';
import type { QueueWait } from './queue-wait.ts';
import type { Saying } from './saying-state.ts';

/** Who ended something: the side of the line, as on a leg's `hangup` event. */
export type Side = 'remote' | 'local' | 'network';

/** Life of a leg; the legal steps are in `leg-life.ts`. */
export type LegLife = 'offered' | 'dialling' | 'ringing' | 'answered' | 'ended' | 'released';

/** Life of the call; the legal steps are in `call-life.ts`. */
export type CallLife = 'reaching' | 'serving' | 'ending' | 'ended';

/** What waits for a leg to be answered. */
export type AfterAnswer =
  | { readonly next: 'ask'; readonly ask: string }
  | { readonly next: 'bridge'; readonly attempt: string }
  | { readonly next: 'refer'; readonly attempt: string }
  | { readonly next: 'queue'; readonly wait: string }
  | { readonly next: 'bring'; readonly bringing: string }
  | { readonly next: 'supervise' }
  | { readonly next: 'mix'; readonly attempt: string }
  | { readonly next: 'name'; readonly attempt: string }
  | { readonly next: 'comfort'; readonly sound: Comfort | 'prompt'; readonly prompt?: Prompt };

/** Where a hold comes from: the phone itself, or a command from outside. */
export type HoldBy = 'phone' | 'command';

/** A SIP dialog of a party, as far as this call knows it. Times in epoch ms. */
export interface LegState {
  party: number;
  instance: string;
  direction: 'inbound' | 'outbound';
  life: LegLife;
  /** Number of the last leg event taken. */
  processed: number;
  startedAt: number;
  ringingAt: number | null;
  answeredAt: number | null;
  endedAt: number | null;
  cause: Cause | null;
  sipStatus: number | null;
  endedBy: Side | null;
  codec: string | null;
  /** It goes to the outside and may not last for ever; `timer` runs while it is answered and ours. `warned`: its end was announced. */
  limit?: TalkLimit & { number: string; timer: string | null; warned?: boolean };
  /** The trunk it goes through, once telephony has said so. */
  trunk?: LegTrunk;
  sipCallId: string | null;
  /** Cause of the hang-up we asked for; a leg so marked never comes back to life. */
  cut: Cause | null;
  /** `leg.dial` has not answered yet: a hang-up sent now may come too early and is sent again. */
  dialPending: boolean;
  /** `leg.answer` is under way. */
  answering: boolean;
  afterAnswer: AfterAnswer[];
  /** 180 was sent. */
  rung: boolean;
  /** Early media flows: what it hears before the answer is ours to play. */
  early?: boolean;
  /** A background sound of ours plays. */
  sounding: boolean;
  heldAt: number | null;
  /** Its key sequences are watched. */
  keys?: boolean;
  /** Why its party holds; absent or empty = it does not. */
  holds?: HoldBy[];
  /** What plays while `sounding`. */
  sound?: Comfort | 'prompt';
  /** Background that its flow asked for last; absent once the flow asked for something else. */
  background?: Comfort | 'echo';
  /** Something is being said to it by command: what comes next waits. */
  saying?: string;
  /** On its way out: offered to another call. */
  giving: string | null;
  /** On its way in: `leg.take` is under way. */
  taking: string | null;
}

/** Who takes part in the call. `n` is its own number here; `grant` the pool's note that a user is occupied by it. */
export interface PartyState {
  n: number;
  role: 'calling' | 'called' | 'connected' | 'supervising';
  coordinates: Coordinates;
  leg: string | null;
  grant: string | null;
  left: boolean;
  /** Who pays for its leg when that is not the caller. */
  charged?: Coordinates;
}

/** Who waits for the result of an operation. */
export type OpUse =
  | { readonly use: 'ask'; readonly ask: string; readonly leg: string | null }
  | { readonly use: 'answer'; readonly leg: string }
  | { readonly use: 'dial'; readonly leg: string }
  | { readonly use: 'allowance'; readonly leg: string }
  | { readonly use: 'tell'; readonly attempt: string; readonly leg: string; readonly outcome: ConnectOutcome }
  | { readonly use: 'hangup'; readonly leg: string }
  | { readonly use: 'resolve'; readonly attempt: string; readonly leg: null }
  | { readonly use: 'bridge'; readonly attempt: string; readonly leg: string }
  | { readonly use: 'target'; readonly attempt: string; readonly leg: string }
  | { readonly use: 'mix'; readonly attempt: string; readonly act: 'part' | 'enter' | 'leave'; readonly leg: string }
  | { readonly use: 'hold'; readonly attempt: string; readonly leg: string }
  | { readonly use: 'record'; readonly act: 'start' | 'stop' | 'pause' | 'resume'; readonly leg: string }
  | { readonly use: 'supervise'; readonly leg: string; readonly mode: SupervisionMode }
  | { readonly use: 'announce' | 'name'; readonly attempt: string; readonly leg: string }
  | { readonly use: 'greet'; readonly attempt: string; readonly leg: string }
  | { readonly use: 'ringing' | 'park' | 'queue'; readonly ask: string; readonly leg: null }
  | { readonly use: 'policy'; readonly attempt: string; readonly by: string | null; readonly leg: null }
  | { readonly use: 'supervised'; readonly ask: string; readonly mode: SupervisionMode; readonly leg: null }
  | { readonly use: 'callback'; readonly wait: string; readonly leg: null }
  | {
      readonly use: 'room';
      readonly ask: string;
      readonly act: 'enter' | 'lock' | 'mute' | 'leave';
      readonly leg: null;
    }
  | { readonly use: 'callback-confirm'; readonly leg: string }
  | { readonly use: 'parked'; readonly attempt: string; readonly leg: string }
  | { readonly use: 'claim'; readonly attempt: string; readonly leg: null }
  | { readonly use: 'room-told'; readonly ask: string; readonly leg: string }
  | { readonly use: 'queue-sound'; readonly wait: string; readonly leg: string }
  | { readonly use: 'refer'; readonly attempt: string; readonly leg: string }
  | { readonly use: 'give'; readonly giving: string; readonly ask: string | null; readonly leg: string }
  | { readonly use: 'say'; readonly say: string; readonly leg: string }
  | { readonly use: 'say-stop'; readonly say: string; readonly ask: string | null; readonly leg: string }
  | { readonly use: 'take'; readonly taking: string; readonly leg: string }
  | { readonly use: 'keep'; readonly giving: string; readonly leg: string };

export type TimerUse =
  | { readonly use: 'ask'; readonly ask: string }
  | {
      readonly use: 'attempt';
      readonly attempt: string;
      readonly what: 'total' | 'pool' | 'step' | 'talk';
      readonly left?: number;
    }
  | { readonly use: 'queue'; readonly wait: string; readonly what: 'limit' | 'announce' | 'staff' }
  | { readonly use: 'origin' }
  | { readonly use: 'limit'; readonly leg: string }
  | { readonly use: 'follow'; readonly leg: string }
  | { readonly use: 'parking' }
  | { readonly use: 'bringing'; readonly bringing: string }
  | { readonly use: 'giving'; readonly giving: string }
  | { readonly use: 'taking'; readonly taking: string };

/** An ask of the flow without a reply yet; `spec` = the ask itself where it is done on the caller's leg. */
export interface OpenAsk {
  kind: string;
  op: string | null;
  timer: string | null;
  attempt: string | null;
  spec: JsonValue | null;
}

/** One leg that rings for an attempt. */
export interface Ring {
  leg: string;
  userId: string | null;
  grant: string | null;
  /** It has answered and hears the greeting: not joined before that is over. */
  greeted?: boolean;
}

/** Somebody whom a call has been to without being taken. */
export interface Via {
  readonly coordinates: Coordinates;
  readonly reason: ForwardReason;
}

/** What whoever answers hears before he is joined; with `confirm` he must accept by a key. */
export interface Greeting {
  readonly prompts: readonly Prompt[];
  readonly confirm: boolean;
}

/** Where an attempt leads: an entity of the registry or something that can be dialled as it is. */
export interface AttemptTarget {
  type: string;
  id: string;
  /** An outside number that is to go through these trunks, best first. */
  trunks?: string[];
  /** Of a user, only these log-ins ring. */
  loginIds?: string[];
}

/** Joining the anchor party with somebody: look up, ring, join, talk. */
export interface Attempt {
  id: string;
  /** Party that is being connected; it stays. */
  anchor: number;
  /** Ask of the flow to answer; null when the flow was left behind and the call ends with the attempt. */
  ask: string | null;
  stage: 'resolving' | 'ringing' | 'joining' | 'talking' | 'referring' | 'telling';
  /** The flow is forgotten as soon as somebody is reached. */
  forget: boolean;
  refer: boolean;
  target: AttemptTarget;
  /** User on whose account legs are placed: a forwarder, whoever transfers; absent = the anchor, when he is a user. */
  account?: string | null;
  hops: number;
  /** The user it rings and how he wants to be reached. */
  plan?: RingPlan | null;
  planOf?: Coordinates | null;
  /** Who forwarded it so far, first to last. */
  via?: Via[];
  /** User who transferred the anchor here. */
  by?: string | null;
  /** The caller has heard the message before the ringing. */
  announced?: boolean;
  greeting?: Greeting | null;
  /** The caller was asked for his name; null: he said none. */
  named?: { recordingId: string | null } | null;
  /** Who pays for members outside, when it is not who forwarded. */
  charges?: Coordinates | null;
  /** Members who hear one of their own, by id. */
  greetings?: Record<string, Greeting>;
  /** Where it goes when nobody of the group was reached. */
  fallback?: AttemptTarget | null;
  autoAnswer?: boolean;
  /** The number that whoever is rung sees as the one called. */
  shown?: string;
  /** What whoever sent the call on has written for the user who is rung. */
  note?: string;
  /** The call is placed for this group: there is no leg yet that anybody could be joined with. */
  origin?: { instance: string };
  /** Put before the name shown, and how phones ring: of the group or queue that the call is for. */
  namePrefix?: string;
  alert?: string;
  maxTalkMs?: number | null;
  /** What is said is recorded from the beginning. */
  record?: boolean;
  /** How long the leg to the outside that is dialled next may last. */
  limit?: TalkLimit;
  /** Why the called party was let go: the anchor is told. */
  farewell?: 'spend-cap' | 'max-duration';
  /** One of the two hands the other over, who waits meanwhile. */
  consult?: {
    by: number;
    kind: 'blind' | 'attended' | 'conference' | 'park';
    stage: 'parting' | 'asking' | 'consulting';
    /** The park slot that is taken for the other party. */
    slot?: string;
  } | null;
  /** More than its two talk, in a room of their own. */
  mix?: Mix | null;
  /** Whoever it reaches comes into this conversation; `control` waits to hear how it went. */
  addTo?: string;
  control?: string;
  /** A word with the target of another attempt's transfer. */
  consultOf?: string | null;
  /** Where the ringing phone, or a command, sends the call instead of answering. */
  deflect?: { to: AttemptTarget; note: string; shown?: string } | null;
  /** Its anchor's time in a queue. */
  queue?: string;
  ringTimeoutMs: number;
  totalRingMs: number | null;
  callerId: { number: string; name: string } | null;
  comfort: Comfort;
  group: GroupState | null;
  groupId: string | null;
  /** Standing request at the pool. */
  request: string | null;
  allowBusy: boolean;
  /** Whether the pool has said anything yet. */
  heard: boolean;
  timers: string[];
  members: Record<string, Coordinates>;
  /** Members who are no users: how they are dialled. */
  targets?: Record<string, DialTarget>;
  rings: Ring[];
  peer: number | null;
  /** First ring of this attempt that is not accounted yet. */
  ringFrom: number | null;
  talkFrom: number | null;
  talkMs: number;
  userId: string | null;
  /** The conversation is interrupted: `waits` operations are under way, `music` = parties that hear it. */
  hold?: { stage: 'parting' | 'held' | 'joining'; waits: number; music: number[] } | null;
}

/** A conversation of more than two: everybody is in a room of the media server (`mix.ts`). */
export interface Mix {
  room: string;
  /** `page`: only the anchor is heard. */
  kind: 'meeting' | 'page';
  /** Parties beside the attempt's anchor and peer. */
  others: number[];
  /** Parties in the room, those of them who are not heard, and those told to hear the anchor. */
  inside: number[];
  muted: number[];
  told: number[];
  /** `parting`: bridges end first; `closing`: two are left and go back to a plain conversation. `waits` = operations awaited. */
  stage: 'parting' | 'on' | 'closing';
  waits: number;
}

/** A leg of ours that another call has asked for. */
export interface Giving {
  id: string;
  leg: string;
  to: string;
  /** Name of the receiver's question. */
  ask: string;
  /** Operations whose results are still to come before the offer. */
  waiting: string[];
  /** Asks of the flow that were stopped for the move, and what their operations answered. */
  held: { ask: string; result: JsonValue | null }[];
  stage: 'stopping' | 'offered' | 'keeping';
  timer: string | null;
  /** Events of the leg above the offered number: the receiver's if it takes the leg, ours if it does not. */
  queue: JsonValue[];
  /** It was recorded until now; `op` closes that. */
  recording?: { op: string } & OfferedRecording;
  /** Attempt whose two parties were parted for the move; joined again if the offer is withdrawn. */
  attempt: string | null;
  lastNumber: number;
}

/** A leg we have asked another call for. */
export interface Taking {
  id: string;
  from: string;
  leg: string | null;
  coordinates: Coordinates | null;
  /** It was recorded where it comes from. */
  recording?: OfferedRecording;
  stage: 'asked' | 'taking';
  /** Party that the leg is to be joined with. */
  anchor: number;
  /** Party that gives way to it. */
  leaver: number | null;
  control: string | null;
  timer: string;
  /** The leg is to supervise one of ours. */
  supervise?: { leg: string; mode: SupervisionMode; by: string } | null;
  /** Legs that supervise it where it comes from. */
  supervisors?: readonly Supervisor[];
  /** The leg answers for one that rings: where, and which. */
  pickUp?: { attempt: string; leg: string } | null;
}

/** A leg of ours on its way to another call that has something for it. */
export interface Bringing {
  id: string;
  ask: string;
  to: string;
  leg: string;
  where: Extract<Message, { type: 'leg.bring' }>['where'];
  timer: string;
}

/** A leg of ours that supervises another. */
export interface Supervision {
  leg: string;
  /** The leg it is of. */
  target: string;
  mode: SupervisionMode;
  /** Who asked for it. */
  by: string;
  /** It hears. */
  on: boolean;
  /** Its beginning was told. */
  told: boolean;
  /** Why it ends. */
  code?: string;
  /** Whom it is of has gone to another call, which is to ask for it: this timer runs meanwhile. */
  follows?: string;
}

/** A party of ours that waits in a park slot. */
export interface Parking {
  ask: string;
  party: number;
  slot: string;
  number: string;
  /** User who parked it; it goes back to him. */
  by: string | null;
  timer: string | null;
  stage: 'waiting';
}

/** Somebody to be dialled before anything else, as soon as the pool grants him. */
export interface PendingOrigin {
  dial: NonNullable<CallStart['originate']>;
  request: string;
  timer: string;
}

/** The flow this call runs: its state is the flow machine's own. */
export interface FlowRun {
  path: string;
  revision: string;
  caller: number;
  /** What the flow knows as `called`, where that is not what the call began with. */
  called?: Coordinates;
  state: JsonValue;
}

/** Sums and marks for the CDR. */
export interface Account {
  answeredAt: number | null;
  connectedAt: number | null;
  connected: Coordinates | null;
  ringMs: number;
  talkMs: number;
  holdMs: number;
  path: string[];
}

export interface CallMachine {
  start: Pick<CallStart, 'number' | 'externalId' | 'direction' | 'called' | 'revision' | 'at' | 'variables'> & {
    locale: Locale;
    calling: Coordinates;
    diversions?: readonly Diversion[];
    recording?: boolean;
  };
  life: CallLife;
  end: { cause: Cause; by: 'calling' | 'called' | 'platform' } | null;
  counter: number;
  chance: number;
  origin: PendingOrigin | null;
  /** The party that the call is made for, where that is not the first: the member who answered for a group. */
  first?: number;
  flows: number;
  flow: FlowRun | null;
  node: string;
  parties: PartyState[];
  legs: Record<string, LegState>;
  ops: Record<string, OpUse>;
  timers: Record<string, TimerUse>;
  asks: Record<string, OpenAsk>;
  attempts: Record<string, Attempt>;
  givings: Record<string, Giving>;
  takings: Record<string, Taking>;
  /** Asks for whom a party is just being joined with, in order: answered once it is. */
  heldAsks?: Extract<Message, { type: 'leg.ask' }>[];
  bringings?: Record<string, Bringing>;
  /** By command. */
  sayings?: Record<string, Saying>;
  /** Times in queues, places kept among them. */
  waits?: Record<string, QueueWait>;
  parking?: Parking | null;
  /** Who supervises whom, by the supervisor's leg. */
  supervisions?: Record<string, Supervision>;
  /** The recording that runs; `by` asked for it. */
  recording?: { leg: string; key: string; paused: boolean; by: string; keys?: boolean } | null;
  /** A leg that came with a recording, which goes on as soon as it talks. */
  carried?: ({ leg: string } & OfferedRecording) | null;
  /** Drawn for policies that record a share of calls, 0 … 99. */
  sample?: number;
  /** The flow's caller is in a meeting room, or on his way there. */
  inRoom?: {
    ask: string;
    party: number;
    room: string;
    moderator: boolean;
    muted: boolean;
    entered: boolean;
    /** For a moderator, with music. */
    waiting?: boolean;
    announce?: { readonly name: Prompt | null } | null;
    record?: boolean;
  } | null;
  /** The last leg that was to be placed was refused, and how. */
  refused?: 'busy' | 'forbidden';
  /** To be called as soon as the first party has answered. */
  second?: SecondParty | null;
  /** Somebody has sent the flow's caller here: which user, when it was one. */
  led?: { by: string | null } | null;
  /** Commands and messages from outside taken already (last 200). */
  seen: string[];
  account: Account;
}
