/**
 * Commands: everything a machine may ask of the outside, a closed union (design §2, `protocol/`).
 *
 * A command never returns; its answer is an event that names the same `op` (or `timer`). A runner executes commands in order.
 * `leg.*` and `media.*` go to telephony, on the queue of the media instance named in `instance`; `io.*` to an io worker;
 * `timer.*` and `send` are the runner's own.
 */
import * as z from 'zod';
import {
  Alert,
  CallId,
  Cause,
  Coordinates,
  DialTarget,
  Diversion,
  InstanceName,
  LegId,
  OpId,
  Prompt,
  TimerId,
} from './common.ts';
import { HttpRequest, Lookup } from './io.ts';
import { Message } from './message.ts';
import { MediaRecord, MediaTap } from './recording.ts';
import { MediaSupervise } from './supervision.ts';

const onLeg = { op: OpId, leg: LegId, instance: InstanceName };

/** 180 (or 183 with early media) on an inbound leg that is not answered yet. */
export const LegRing = z.strictObject({ kind: z.literal('leg.ring'), ...onLeg, earlyMedia: z.boolean() });
/** Answer an inbound leg: media endpoint, then 200 OK. Result `done` when the 200 was sent. */
export const LegAnswer = z.strictObject({ kind: z.literal('leg.answer'), ...onLeg });
/**
 * Place an outbound leg. Result `done` as soon as the INVITEs are out and the leg row is written; ringing, answer and failure
 * come as leg events of the new leg. A user with several contacts is forked by telephony under this one leg.
 */
export const LegDial = z.strictObject({
  kind: z.literal('leg.dial'),
  ...onLeg,
  target: DialTarget,
  callerId: z.strictObject({ number: z.string().max(64), name: z.string().max(200) }),
  called: Coordinates,
  /** Telephony cancels the leg after this time with cause `no-answer`. */
  ringTimeoutMs: z.number().int().min(1000).max(3_600_000),
  autoAnswer: z.boolean().default(false),
  /** Who forwarded the call before, first to last: told to the called side (RFC 5806, RFC 7044). */
  diversions: z.array(Diversion).max(10).optional(),
  /** The number that was called, where that is not the called party's own (RFC 7315 section 4.2). */
  shown: z.string().max(64).optional(),
  /** Who pays for the leg, when it is not who calls: a forwarder, whoever transfers. */
  charged: Coordinates.optional(),
  /** How the phone is to ring; absent = as it does for colleagues or for the outside. */
  alert: Alert.optional(),
  /** What whoever sent the call here has written for the called user (RFC 3261 section 20.36). */
  subject: z.string().max(500).optional(),
});
/** End a leg whatever its state: reject or CANCEL before answer, BYE after. The leg's `hangup` event follows. */
export const LegHangup = z.strictObject({
  kind: z.literal('leg.hangup'),
  ...onLeg,
  cause: Cause,
  sipStatus: z.number().int().min(300).max(699).optional(),
});
/** Send REFER; the result tells whether the far end accepted and how the referred call went. */
export const LegRefer = z.strictObject({ kind: z.literal('leg.refer'), ...onLeg, target: DialTarget });
/** Acknowledge a leg's hang-up so that telephony forgets the leg. `upTo` = highest leg event number processed. */
export const LegRelease = z.strictObject({ kind: z.literal('leg.release'), ...onLeg, upTo: z.number().int() });
/** Commit the move of a leg to this call by one conditional row update (design §4, moving a leg). */
export const LegTake = z.strictObject({
  kind: z.literal('leg.take'),
  ...onLeg,
  giver: CallId,
  lastNumber: z.number().int(),
});

/** Play prompts one after the other. Result `done` at the end, `interrupted` when stopped or hung up. */
export const MediaPlay = z.strictObject({
  kind: z.literal('media.play'),
  ...onLeg,
  prompts: z.array(Prompt).max(20),
  /** Empty the leg's digit buffer first; else digits already typed stay for the next collect. */
  clearDigits: z.boolean(),
  /** Heard above the conversation of the leg, which goes on: by its party alone, or by both sides. No key cuts it. */
  hearers: z.enum(['leg', 'both']).optional(),
});
/**
 * One whole interaction: prompts, digits, barge-in, inter-digit and total time-outs, retries of one digit string, all in the
 * media layer (design §3). The answer is a `collected` result.
 */
export const MediaCollect = z.strictObject({
  kind: z.literal('media.collect'),
  ...onLeg,
  prompts: z.array(Prompt).max(20),
  modes: z.array(z.enum(['keys', 'speech'])).min(1),
  minDigits: z.number().int().min(0).max(64),
  maxDigits: z.number().int().min(1).max(64),
  /** Keys that end the entry and are not part of it, e.g. "#". */
  terminators: z.string().max(12),
  /** Wait for the first key after the prompts end. */
  firstDigitTimeoutMs: z.number().int().min(0).max(600_000),
  interDigitTimeoutMs: z.number().int().min(100).max(60_000),
  /** From the end of the prompts to the end of the entry; 0 = no limit. */
  totalTimeoutMs: z.number().int().min(0).max(600_000),
  /** How often the whole interaction is done when the entry is missing or not one of `accept`. */
  tries: z.number().int().min(1).max(20),
  /** Legal entries; absent = any. An entry that no longer prefixes one of them ends the try at once. */
  accept: z.array(z.string().max(64)).max(500).optional(),
  noInputPrompts: z.array(Prompt).max(20),
  noMatchPrompts: z.array(Prompt).max(20),
  clearDigits: z.boolean(),
  /** Keys that end the entry at once and are the whole of it, whatever was typed before: a way back. */
  loneKeys: z.string().max(12).optional(),
});
/** Start a background sound and return at once: ringback, music on hold, silence, or `echo` (the party hears itself). The next media operation replaces it. */
export const MediaBackground = z.strictObject({
  kind: z.literal('media.background'),
  ...onLeg,
  sound: z.enum(['ringback', 'music', 'none', 'echo', 'prompt']),
  /** Of `prompt`: played again and again; what cannot be played is the ringing tone. */
  prompt: Prompt.optional(),
});
/** Stop a running operation on a leg; that operation answers `interrupted`. */
export const MediaStop = z.strictObject({ kind: z.literal('media.stop'), ...onLeg, target: OpId });
/** Join two answered legs of one instance. `leg` is the first one, `other` the second. */
export const MediaBridge = z.strictObject({ kind: z.literal('media.bridge'), ...onLeg, other: LegId });
/** Part two joined legs; both stay up, silent. */
export const MediaUnbridge = z.strictObject({ kind: z.literal('media.unbridge'), ...onLeg, other: LegId });

/**
 * Watch a leg for key sequences while it talks with another; each that is pressed is the leg event `feature`. Holds until the leg ends;
 * the last one counts. Keys are never told.
 */
export const MediaKeys = z.strictObject({
  kind: z.literal('media.keys'),
  ...onLeg,
  sequences: z.array(z.strictObject({ keys: z.string().regex(/^[0-9*#]{1,8}$/), name: z.string().max(40) })).max(20),
  /** Whose leg it is: the company's own keys and the user's rights decide over the sequences; null = nobody's, absent = as they stand. */
  user: z.string().max(64).nullable().optional(),
  /** Longest pause between two keys of a sequence. */
  betweenMs: z.number().int().min(200).max(10_000),
});

/**
 * Enter a meeting room, or be heard there or not when the leg is in it; null = leave the room it is in. Result `done` when inside. All hear
 * `hello` when the leg has come in and `goodbye` when it leaves in any way. `record` names who asked for the room to be recorded: one
 * recording, from the first who comes with it until the room is empty.
 */
export const MediaConference = z.strictObject({
  kind: z.literal('media.conference'),
  ...onLeg,
  room: z.string().min(1).max(400).nullable(),
  moderator: z.boolean(),
  muted: z.boolean(),
  hello: Prompt.optional(),
  goodbye: Prompt.optional(),
  record: z.string().max(200).optional(),
});

/** Ask for `timer.fired` at `dueAt`. */
export const TimerStart = z.strictObject({
  kind: z.literal('timer.start'),
  timer: TimerId,
  delayMs: z.number().int().min(0),
  dueAt: z.number().int(),
});
export const TimerCancel = z.strictObject({ kind: z.literal('timer.cancel'), timer: TimerId });

/** An HTTP request of a flow, by an io worker behind the SSRF guard. */
export const IoRequest = z.strictObject({ kind: z.literal('io.request'), op: OpId, request: HttpRequest });
/** A live look-up by id (users, groups, destinations, calendars …); time-out 1 s. */
export const IoLookup = z.strictObject({ kind: z.literal('io.lookup'), op: OpId, lookup: Lookup });

/** A message to another machine that runs elsewhere: another call or the company's pool. Repeatable by `id`. */
export const Send = z.strictObject({
  kind: z.literal('send'),
  to: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('call'), callId: CallId }),
    z.strictObject({ type: z.literal('pool') }),
  ]),
  message: Message,
});

export const MediaCommand = z.discriminatedUnion('kind', [
  LegRing,
  LegAnswer,
  LegDial,
  LegHangup,
  LegRefer,
  LegRelease,
  LegTake,
  MediaPlay,
  MediaCollect,
  MediaRecord,
  MediaTap,
  MediaBackground,
  MediaStop,
  MediaBridge,
  MediaUnbridge,
  MediaKeys,
  MediaConference,
  MediaSupervise,
]);
export type MediaCommand = z.infer<typeof MediaCommand>;

export const IoCommand = z.discriminatedUnion('kind', [IoRequest, IoLookup]);
export type IoCommand = z.infer<typeof IoCommand>;

export const Command = z.discriminatedUnion('kind', [
  ...MediaCommand.options,
  ...IoCommand.options,
  TimerStart,
  TimerCancel,
  Send,
]);
export type Command = z.infer<typeof Command>;
export type CommandKind = Command['kind'];
