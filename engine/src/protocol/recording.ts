/** Recording: what is recorded of a leg and for what, and what a voicemail box can be asked while a call runs. */
import * as z from 'zod';
import { Coordinates, InstanceName, LegId, OpId, Prompt } from './common.ts';

/** When a greeting is played: why the called party is not to be had. */
export const AbsenceState = z.enum(['default', 'busy', 'no-answer', 'dnd', 'away', 'closed']);
export type AbsenceState = z.infer<typeof AbsenceState>;
/** What may be recorded for a box: a greeting per state, or the name alone. */
export const GreetingKind = z.enum([...AbsenceState.options, 'name']);
export type GreetingKind = z.infer<typeof GreetingKind>;

/** What becomes of a recording once it is stored. */
export const RecordingPurpose = z.discriminatedUnion('type', [
  /** A message for a box: it is there as soon as the recording is, whoever hangs up. */
  z.strictObject({ type: z.literal('voicemail'), boxId: z.uuid(), from: Coordinates }),
  /** A greeting that is tried out; the box uses it when it is told to. */
  z.strictObject({ type: z.literal('greeting'), boxId: z.uuid() }),
  /** What was said in a call; `by` asked for it. */
  z.strictObject({ type: z.literal('call'), by: z.string().max(200) }),
  /** Kept by a flow. */
  z.strictObject({ type: z.literal('flow'), label: z.string().max(200) }),
]);
export type RecordingPurpose = z.infer<typeof RecordingPurpose>;

/**
 * Play prompts and a beep, then record what the far end says until it presses a terminator, is silent for `silenceMs`, hangs up, or
 * `maxMs` have passed. What was said is stored before the operation answers, also when a hang-up cuts it. Keys pressed while the
 * prompts play skip them.
 */
export const MediaRecord = z.strictObject({
  kind: z.literal('media.record'),
  op: OpId,
  leg: LegId,
  instance: InstanceName,
  prompts: z.array(Prompt).max(20),
  purpose: RecordingPurpose,
  beep: z.boolean(),
  maxMs: z.number().int().min(1000).max(3_600_000),
  /** What is shorter is not kept. */
  minMs: z.number().int().min(0).max(60_000),
  /** 0 = silence does not end it. */
  silenceMs: z.number().int().min(0).max(60_000),
  terminators: z.string().regex(/^[0-9*#]{0,12}$/),
});
export type MediaRecord = z.infer<typeof MediaRecord>;

/**
 * Record both sides of a leg while it talks, from `start` to `stop` or the leg's end; `key` names the recording. Results: `done`, and of
 * `stop` `recorded`. Paused, silence is kept. The `announcement` is heard by both first.
 */
export const MediaTap = z.strictObject({
  kind: z.literal('media.tap'),
  op: OpId,
  leg: LegId,
  instance: InstanceName,
  act: z.enum(['start', 'stop', 'pause', 'resume']),
  key: z.string().min(1).max(200),
  /** Who asked for it: kept with the recording. */
  by: z.string().max(200),
  announcement: Prompt.nullable(),
  /** Who hears it: both sides (absent), the leg alone, or whom it talks with. */
  hearers: z.enum(['leg', 'other']).optional(),
});

/** A leg that goes to another call was recorded, and is to be so there. */
export const OfferedRecording = z.strictObject({
  by: z.string().max(200),
  paused: z.boolean(),
  /** The users of the call may pause and end it by their keys. */
  keys: z.boolean().optional(),
});
export type OfferedRecording = z.infer<typeof OfferedRecording>;

/**
 * Whether a conversation that has begun is to be recorded: by the company's policy, or, with `by`, since that user has asked for it by his
 * keys. Answer: `recording`, else `not-found`, or `refused` without the right.
 */
export const RecordingLookup = z.strictObject({
  what: z.literal('recording'),
  direction: z.enum(['inbound', 'outbound', 'internal']),
  called: Coordinates,
  parties: z.array(Coordinates).max(10),
  /** Ids of the ring group and the queue it came through. */
  group: z.string().max(64).nullable(),
  queue: z.string().max(64).nullable(),
  /** Ids of trunks of its legs. */
  trunks: z.array(z.string().max(64)).max(10),
  /** Drawn once per call, 0 … 99: a policy for a share of calls holds below its percentage. */
  sample: z.number().int().min(0).max(99),
  by: z.string().max(64).nullable(),
});
export const RecordingFound = z.strictObject({
  status: z.literal('recording'),
  /** Id of the policy; null = the user's own setting. */
  policy: z.string().max(64).nullable(),
  announce: z.enum(['none', 'outside', 'both']),
  /** What is said then; null = in the words of the platform. */
  notice: Prompt.nullable(),
  keys: z.boolean(),
});

const party = z.number().int().positive();

/** What the outside learns of a recording. Its file is told of apart, once it is stored. */
export const RecordingFacts = [
  /** `by`: who asked for it, `policy:<id>`, `user:<id>` (by key) or who gave the command. */
  z.strictObject({ type: z.literal('recording.started'), party, by: z.string().max(200).optional() }),
  z.strictObject({ type: z.literal('recording.paused'), party }),
  z.strictObject({ type: z.literal('recording.resumed'), party }),
  z.strictObject({ type: z.literal('recording.refused'), party, code: z.string().max(60) }),
  /** It was cut short: `disk-full`, or a code of telephony. `recordingId`: what had been recorded by then; null = nothing. */
  z.strictObject({
    type: z.literal('recording.failed'),
    party,
    code: z.string().max(60),
    recordingId: z.uuid().nullable(),
  }),
  /** `recordingId` null: not known yet, or nothing was kept. */
  z.strictObject({ type: z.literal('recording.stopped'), party, recordingId: z.uuid().nullable() }),
] as const;

/** Answer of `media.record`. `recordingId` is null when what was said was too short to be kept. */
export const Recorded = z.strictObject({
  status: z.literal('recorded'),
  recordingId: z.uuid().nullable(),
  durationMs: z.number().int().nonnegative(),
  ended: z.enum(['terminator', 'silence', 'max', 'disk']),
});
export type Recorded = z.infer<typeof Recorded>;

/** A box as whoever leaves a message needs it. `id`: of the box or its user, or its access number; a state may follow after `/`. */
export const VoicemailLookup = z.strictObject({ what: z.literal('voicemail'), id: z.string().max(400) });

export const VoicemailFound = z.strictObject({
  status: z.literal('voicemail'),
  boxId: z.uuid(),
  state: AbsenceState,
  /** It takes no more messages. */
  full: z.boolean(),
  maxMs: z.number().int().min(1000).max(3_600_000),
  /** Recorded for the state, or for all of them; null = it is said by text. */
  greeting: Prompt.nullable(),
  /** The recorded name of its user. */
  name: Prompt.nullable(),
  language: z.string().max(10).nullable(),
});
export type VoicemailFound = z.infer<typeof VoicemailFound>;

/** One thing that the owner of a box does with it by telephone. */
export const MailboxLookup = z.strictObject({
  what: z.literal('mailbox'),
  /** Id of the box, its access number or its user's extension; empty = the caller's own. */
  box: z.string().max(400),
  /** Id of the user who calls from a phone of his; he needs no PIN for his own box. */
  user: z.string().max(64).nullable(),
  do: z.discriminatedUnion('act', [
    /** Opens the box. `pin` is personal. */
    z.strictObject({ act: z.literal('open'), pin: z.string().max(64).nullable() }),
    z.strictObject({ act: z.literal('mark'), message: z.uuid(), as: z.enum(['old', 'deleted']) }),
    z.strictObject({ act: z.literal('set-pin'), pin: z.string().max(64) }),
    z.strictObject({ act: z.literal('set-greeting'), greeting: GreetingKind, recording: z.uuid() }),
  ]),
});

export const MailboxMessage = z.strictObject({
  id: z.uuid(),
  /** Epoch ms. */
  at: z.number().int(),
  /** Number to call back; empty when it is not known. */
  number: z.string().max(400),
  fresh: z.boolean(),
});
export type MailboxMessage = z.infer<typeof MailboxMessage>;

export const MailboxFound = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('mailbox'),
    boxId: z.uuid(),
    language: z.string().max(10).nullable(),
    editGreeting: z.boolean(),
    fresh: z.number().int().nonnegative(),
    old: z.number().int().nonnegative(),
    /** New ones first, oldest first among each; the first 100. */
    messages: z.array(MailboxMessage).max(100),
  }),
  /** It asks for a PIN first. */
  z.strictObject({ status: z.literal('mailbox-locked') }),
  z.strictObject({ status: z.literal('mailbox-done') }),
]);
