/**
 * A simulated call as data: what happens to it, step by step, and where that took it. The designer's simulator plays scripts, keeps
 * them as tests of a flow and forks them; the command line runs the same ones. Deterministic: the same flow, script and world give
 * the same run.
 */
import * as z from 'zod';
import type { FlowDocument, RevisionClosure } from '../src/flow/document.ts';
import { Cause, type Fact, type IoResult, Json } from '../src/protocol/index.ts';
import { TestCall, type TestCallOptions } from './test-call.ts';
import { earliest } from './world.ts';

/** How requests of the flow are answered from here on. */
export const RequestAnswer = z.union([
  z.strictObject({ status: z.number().int().min(100).max(599), body: Json }),
  z.strictObject({ failure: z.enum(['timeout', 'unreachable']) }),
]);
export type RequestAnswer = z.infer<typeof RequestAnswer>;

/** One thing that happens to the call. */
export const ScriptStep = z.discriminatedUnion('do', [
  /** The caller presses keys. */
  z.strictObject({ do: z.literal('press'), digits: z.string().regex(/^[0-9*#]{1,64}$/) }),
  z.strictObject({ do: z.literal('hang-up') }),
  z.strictObject({ do: z.literal('wait'), ms: z.number().int().min(1).max(86_400_000) }),
  /** Time passes until the flow stands at another node, somebody rings or the call ends; an hour at most. */
  z.strictObject({ do: z.literal('next') }),
  /** A user whose phone rings answers, refuses or, later, hangs up. */
  z.strictObject({ do: z.literal('answer'), user: z.string().max(400) }),
  z.strictObject({ do: z.literal('reject'), user: z.string().max(400), cause: Cause.optional() }),
  z.strictObject({ do: z.literal('user-hangs-up'), user: z.string().max(400) }),
  /** Somebody outside tells the flow to go on. */
  z.strictObject({ do: z.literal('continue') }),
  z.strictObject({ do: z.literal('answer-requests'), answer: RequestAnswer }),
]);
export type ScriptStep = z.infer<typeof ScriptStep>;

export const Script = z.array(ScriptStep).max(500);
export type Script = z.infer<typeof Script>;

/** What one step brought about. */
export interface StepResult {
  /** Null for the start of the call. */
  readonly step: ScriptStep | null;
  readonly facts: readonly Fact[];
  /** What the caller began to hear. */
  readonly heard: readonly string[];
  /** Epoch ms after the step. */
  readonly at: number;
  /** False when the step could not happen, e.g. a user answers whose phone does not ring. */
  readonly possible: boolean;
}

export interface ScriptRun {
  readonly steps: readonly StepResult[];
  /** `node=outcome` of every node passed. */
  readonly path: readonly string[];
  /** Node where the flow stands; null when it does not run. */
  readonly node: string | null;
  /** Users whose phones ring, and those the caller talks to. */
  readonly ringing: readonly string[];
  readonly talking: readonly string[];
  readonly ended: boolean;
  readonly disposition: string | null;
}

const LONGEST_WAIT_MS = 3_600_000;

/** Plays a script from the start. */
export function runScript(
  flow: FlowDocument | RevisionClosure,
  script: readonly ScriptStep[],
  options: Omit<TestCallOptions, 'world' | 'http'> = {},
): ScriptRun {
  let answer: RequestAnswer = { status: 200, body: {} };
  const http = (): IoResult =>
    'failure' in answer
      ? { status: 'io-failed', code: answer.failure, message: '' }
      : { status: 'http', httpStatus: answer.status, body: answer.body, truncated: false };
  const call = TestCall.start(flow, { ...options, http });
  let [facts, heard] = [0, 0];
  const note = (step: ScriptStep | null, possible: boolean): StepResult => {
    const result = {
      step,
      possible,
      facts: call.facts.slice(facts),
      heard: call.heard.slice(heard),
      at: call.world.now(),
    };
    [facts, heard] = [call.facts.length, call.heard.length];
    return result;
  };
  call.waits(100);
  const steps = [note(null, true)];
  for (const step of script) {
    if (step.do === 'answer-requests') answer = step.answer;
    steps.push(note(step, play(call, step)));
  }
  return { steps, path: call.path, ...situationOf(call) };
}

/** False when the step cannot happen now. */
function play(call: TestCall, step: ScriptStep): boolean {
  if (call.ended) return false;
  const legs = () => [...call.world.telephony.legs.values()];
  const ofUser = (user: string, state: 'ringing' | 'answered') =>
    legs().some((leg) => leg.userId === user && leg.direction === 'outbound' && leg.state === state);
  switch (step.do) {
    case 'press':
      call.presses(step.digits);
      return true;
    case 'hang-up':
      call.hangsUp();
      return true;
    case 'wait':
      call.waits(step.ms);
      return true;
    case 'next':
      return passUntilChange(call);
    case 'continue':
      call.controls({ kind: 'continue' });
      return true;
    case 'answer-requests':
      return true;
    case 'answer':
      if (!ofUser(step.user, 'ringing')) return false;
      call.userAnswers(step.user);
      return true;
    case 'reject':
      if (!ofUser(step.user, 'ringing')) return false;
      call.userRejects(step.user, step.cause);
      return true;
    case 'user-hangs-up':
      if (!ofUser(step.user, 'answered')) return false;
      call.userHangsUp(step.user);
      return true;
  }
}

function passUntilChange(call: TestCall): boolean {
  const before = signature(call);
  const limit = call.world.now() + LONGEST_WAIT_MS;
  while (signature(call) === before) {
    const next = earliest(call.world.heads());
    if (!next || next.at > limit) return false;
    call.world.happen(next);
  }
  return true;
}

/** What an author would call a change: another node, another prompt, another phone that rings. */
function signature(call: TestCall): string {
  const { node, ringing, talking, ended } = situationOf(call);
  return JSON.stringify([node, ringing, talking, ended, call.heard.length, call.path.length]);
}

function situationOf(call: TestCall): Pick<ScriptRun, 'node' | 'ringing' | 'talking' | 'ended' | 'disposition'> {
  const legs = [...call.world.telephony.legs.values()].filter(
    (leg) => leg.userId !== null && leg.direction === 'outbound',
  );
  let node: string | null = null;
  for (const fact of call.facts) {
    if (fact.type === 'node.entered') node = fact.node;
    else if (fact.type === 'node.left' && fact.node === node) node = null;
  }
  const rang = (leg: (typeof legs)[number]) =>
    leg.state === 'ringing' && leg.log.some(({ type }) => type === 'ringing');
  return {
    node: call.ended ? null : node,
    ringing: legs.filter(rang).map((leg) => leg.userId!),
    talking: legs.filter((leg) => leg.state === 'answered' && leg.bridged !== null).map((leg) => leg.userId!),
    ended: call.ended,
    disposition: call.cdr?.disposition ?? null,
  };
}
