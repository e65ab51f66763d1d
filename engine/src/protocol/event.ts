/**
 * Events: everything a machine may be told, a closed union. Every event carries `at`; a machine has no other clock.
 */
import * as z from 'zod';
import {
  At,
  CallId,
  Cause,
  Coordinates,
  Destination,
  DialTarget,
  Diversion,
  InstanceName,
  Json,
  LegId,
  LegTrunk,
  Locale,
  OpId,
  Prompt,
  RevisionHash,
  TimerId,
} from './common.ts';
import { CallRouted } from './fact.ts';
import { IoResult } from './io.ts';
import { Message } from './message.ts';
import { Recorded } from './recording.ts';
import { SupervisionMode } from './supervision.ts';

/** Result of a `leg.*` or `media.*` operation. */
export const MediaResult = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('done') }),
  /** Stopped on request or cut by hang-up. */
  z.strictObject({ status: z.literal('interrupted') }),
  /** Answer of `media.collect`. `value` is personal: never logged, encrypted at rest. */
  z.strictObject({
    status: z.literal('collected'),
    mode: z.enum(['keys', 'speech']),
    value: z.string().max(64),
    confidence: z.number().min(0).max(1),
    ended: z.enum(['terminator', 'max', 'matched', 'timeout']),
    tries: z.number().int(),
  }),
  /** No entry, or none that was legal, in all tries. `value` is the last illegal entry. */
  z.strictObject({
    status: z.literal('not-collected'),
    reason: z.enum(['no-input', 'no-match']),
    value: z.string().max(64),
    tries: z.number().int(),
  }),
  Recorded,
  /** The leg is unknown to the instance: it has ended. */
  z.strictObject({ status: z.literal('gone') }),
  z.strictObject({ status: z.literal('failed'), code: z.string().max(60), message: z.string().max(500) }),
]);
export type MediaResult = z.infer<typeof MediaResult>;

/** What telephony says of a leg. All of it is numbered per leg, gap-free from 1 (design §4, order). */
export const LegEventBody = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ringing'), early: z.boolean(), trunk: LegTrunk.optional() }),
  /** Outbound: 2xx received and acknowledged. Inbound: ACK received. `coordinates` when the answering contact is known better. */
  z.strictObject({
    type: z.literal('answered'),
    codec: z.string().max(40),
    sipCallId: z.string().max(400),
    trunk: LegTrunk.optional(),
  }),
  /** Final. `sipStatus` of a refused INVITE; `by` tells which side ended it. */
  z.strictObject({
    type: z.literal('hangup'),
    cause: Cause,
    sipStatus: z.number().int().nullable(),
    by: z.enum(['remote', 'local', 'network']),
    trunk: LegTrunk.optional(),
  }),
  /** A key, sent only while no collect runs and the call asked for single keys. */
  z.strictObject({ type: z.literal('key'), digit: z.string().length(1) }),
  /** A key sequence that `media.keys` named was pressed. */
  z.strictObject({ type: z.literal('feature'), name: z.string().max(40) }),
  z.strictObject({ type: z.literal('held') }),
  /** A phone that rings sends its call elsewhere (302); its `hangup` follows. `target`: a number of ours or a whole SIP URI. */
  z.strictObject({ type: z.literal('deflected'), target: z.string().max(400) }),
  z.strictObject({ type: z.literal('resumed') }),
  /** A recording (`media.tap`) was cut short by the media layer; what there is of it is kept. */
  z.strictObject({
    type: z.literal('tap-ended'),
    key: z.string().max(200),
    code: z.string().max(60),
    recordingId: z.uuid().nullable(),
  }),
  /** The far end asks to be transferred (REFER). `replaces` names the other call's leg for an attended transfer. */
  z.strictObject({
    type: z.literal('refer'),
    target: z.string().max(400),
    replacesLeg: LegId.nullable(),
    replacesCall: CallId.nullable(),
  }),
  /** An operation has ended. */
  z.strictObject({ type: z.literal('result'), op: OpId, result: MediaResult }),
]);
export type LegEventBody = z.infer<typeof LegEventBody>;

/** An inbound leg as known when its call starts. */
export const StartLeg = z.strictObject({
  leg: LegId,
  instance: InstanceName,
  sipCallId: z.string().max(400),
  coordinates: Coordinates,
});

/** Whom a call that is placed is for: called when the first party has answered; no flow runs. */
export const SecondParty = z.strictObject({
  to: z.union([DialTarget, Destination]),
  ringTimeoutMs: z.number().int().min(1000).max(3_600_000),
  /** Number and name shown; null = the first party's. */
  callerId: z.strictObject({ number: z.string().max(64), name: z.string().max(200) }).nullable(),
  /** Heard by each side before the two are joined. */
  firstPrompts: z.array(Prompt).max(5),
  secondPrompts: z.array(Prompt).max(5),
  autoAnswer: z.boolean(),
  maxTalkMs: z.number().int().min(1000).nullable(),
  /** Their conversation is recorded; both are told. */
  record: z.boolean().optional(),
});
export type SecondParty = z.infer<typeof SecondParty>;

/**
 * First event of every call. Either `inbound` (a leg is there, not yet answered) or `originate` (dial `target` first, or ring the members
 * of `group`, then run the flow with the leg that answers as the caller).
 */
export const CallStart = z.strictObject({
  type: z.literal('call.start'),
  at: At,
  callId: CallId,
  /** Positive integer, unique on the platform; parties are numbered `number * 1000 + n`. */
  number: z.number().int().positive(),
  companyId: z.string(),
  externalId: z.string().max(200).nullable(),
  direction: z.enum(['inbound', 'outbound', 'internal']),
  locale: Locale,
  /** Seed of all chance in the call. */
  seed: z.number().int().nonnegative(),
  /** Published revision to run (its closure is in the runner's input). */
  revision: RevisionHash,
  variables: z.record(z.string(), Json),
  /** The called party as dialled. */
  called: Coordinates,
  /** How it came to this flow: what routing decided and admission refused. Told as facts. */
  routing: z
    .strictObject({
      routed: CallRouted,
      refused: z
        .strictObject({ code: z.string().max(40), check: z.string().max(40), by: z.string().max(40) })
        .nullable(),
    })
    .optional(),
  inbound: StartLeg.nullable(),
  /** Forwardings that the call has been through before it came here, first to last. */
  diversions: z.array(Diversion).max(20).optional(),
  originate: z
    .strictObject({
      instance: InstanceName,
      /** Null with a group. */
      target: DialTarget.nullable(),
      /** Ring group whose members are rung; who answers first is the caller. */
      group: z.string().optional(),
      coordinates: Coordinates,
      callerId: z.strictObject({ number: z.string().max(64), name: z.string().max(200) }),
      ringTimeoutMs: z.number().int().min(1000).max(3_600_000),
      autoAnswer: z.boolean(),
    })
    .nullable(),
  second: SecondParty.optional(),
  /** The company records by policy: it is asked whenever two begin to talk. */
  recording: z.boolean().optional(),
});
export type CallStart = z.infer<typeof CallStart>;

/** A command from outside to a running call: API, console, partner. Stored as a row before it is sent. */
export const ControlAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hangup'), leg: LegId.nullable() }),
  /** Send the caller (or the given leg) to another destination, resolved by a look-up. */
  z.strictObject({
    kind: z.literal('redirect'),
    leg: LegId.nullable(),
    destination: Destination,
    /** Trunks for an outside number; absent = as the company's routing says. */
    trunks: z.array(z.string()).min(1).max(10).optional(),
    /** For whoever is rung. */
    note: z.string().max(500).optional(),
    /** The number that whoever is rung sees as the one called. */
    shown: z.string().max(64).optional(),
  }),
  /**
   * Take the answered outside leg of another call and join it with this call's: with whoever the call serves, or with whom `replaces` talks
   * to, which leaves.
   */
  z.strictObject({
    kind: z.literal('join'),
    callId: CallId,
    leg: LegId.nullable(),
    replaces: LegId.nullable().optional(),
  }),
  /** A leg that rings is not answered; its caller goes to `destination` instead, with a note for whoever is there. */
  z.strictObject({
    kind: z.literal('deflect'),
    leg: LegId,
    destination: Destination,
    trunks: z.array(z.string()).min(1).max(10).optional(),
    note: z.string().max(500),
    shown: z.string().max(64).optional(),
  }),
  /** A user's phone that rings is to take the call by itself: it is called anew and told so. Phones that cannot do it ring on. */
  z.strictObject({ kind: z.literal('answer'), leg: LegId }),
  /** Add somebody to a conversation, called for the given leg's party: he comes in as soon as he answers. */
  z.strictObject({ kind: z.literal('add'), leg: LegId.nullable(), destination: Destination }),
  /** Record the conversation, or what the leg's party hears and says; null = of whoever the call serves. */
  z.strictObject({
    kind: z.literal('record'),
    act: z.enum(['start', 'stop', 'pause', 'resume']),
    leg: LegId.nullable(),
    announce: z.boolean(),
  }),
  /** In a meeting room: be heard by the others, or not; leave it for what comes after. */
  z.strictObject({ kind: z.literal('mute'), muted: z.boolean() }),
  z.strictObject({ kind: z.literal('leave-room') }),
  /**
   * Let a user hear the call (`media.supervise`): he is dialled; again for who is there already changes his mode, `end` lets him go. `leg` =
   * whom he supervises; null = the user of the conversation, else its first side.
   */
  z.strictObject({
    kind: z.literal('supervise'),
    mode: z.enum([...SupervisionMode.options, 'end']),
    leg: LegId.nullable(),
    supervisor: Coordinates,
    /** Log-ins to dial; absent = all of his. */
    loginIds: z.array(z.string().max(64)).max(20).optional(),
    autoAnswer: z.boolean(),
  }),
  /** The leg's party holds: whom it talks with hears music until `retrieve`. Null = whoever the call has reached. */
  z.strictObject({ kind: z.literal('hold'), leg: LegId.nullable() }),
  z.strictObject({ kind: z.literal('retrieve'), leg: LegId.nullable() }),
  /** Whoever waits in a queue gets another priority (`QueueNeeds`). */
  z.strictObject({ kind: z.literal('prioritise'), priority: z.number().int().min(-1000).max(1000) }),
  /** Leave a `wait` node by its `continue` outcome. */
  z.strictObject({ kind: z.literal('continue') }),
  z.strictObject({ kind: z.literal('override'), node: z.string(), config: z.record(z.string(), Json) }),
  /**
   * Leave the running node as if it had come to `outcome` (null = its first one). `node`, when given, is where the call is believed to
   * be, as in the trace: a call that has gone on is left alone.
   */
  z.strictObject({
    kind: z.literal('skip'),
    node: z.string().max(600).nullable(),
    outcome: z.string().max(60).nullable(),
  }),
  /**
   * Let the given leg's party (null = whoever the call serves) hear something: what it hears or is asked stops for it and begins anew
   * afterwards. A conversation goes on below it; `both` = its other side hears it, too.
   */
  z.strictObject({
    kind: z.literal('say'),
    leg: LegId.nullable(),
    prompts: z.array(Prompt).min(1).max(5),
    both: z.boolean(),
  }),
]);
export type ControlAction = z.infer<typeof ControlAction>;

export const EngineEvent = z.discriminatedUnion('type', [
  CallStart,
  z.strictObject({ type: z.literal('leg'), at: At, leg: LegId, n: z.number().int().positive(), body: LegEventBody }),
  /** Result of an `io.*` operation, or of a media operation that never reached telephony (`gone`, `failed`). */
  z.strictObject({ type: z.literal('op.result'), at: At, op: OpId, result: z.union([IoResult, MediaResult]) }),
  z.strictObject({ type: z.literal('timer.fired'), at: At, timer: TimerId }),
  z.strictObject({ type: z.literal('message'), at: At, message: Message }),
  z.strictObject({
    type: z.literal('control'),
    at: At,
    id: z.string(),
    by: z.strictObject({ type: z.string(), id: z.string() }),
    action: ControlAction,
  }),
  /** A media instance is lost: every leg on it is gone, its open operations will never answer. */
  z.strictObject({ type: z.literal('instance.lost'), at: At, instance: InstanceName }),
]);
export type EngineEvent = z.infer<typeof EngineEvent>;
