/**
 * Saying something to a party of a running call by command. What the party hears or is asked is stopped for it and begins anew afterwards;
 * a conversation goes on below it. Whoever is to be joined with the party does not wait for its end.
 */
import type { ControlAction, JsonValue, MediaResult } from '../protocol/index.ts';
import { talkOf } from './hold.ts';
import type { LegState, OpUse } from './machine.ts';
import { pauseSound } from './queue-sound.ts';
import type { Saying } from './saying-state.ts';
import { fact, isAlive, legOf, legOp, type Work } from './work.ts';

type Say = Extract<ControlAction, { kind: 'say' }>;

/** Operations that may run on a leg meanwhile: they are not heard. */
const SILENT: ReadonlySet<OpUse['use']> = new Set(['record', 'supervise', 'allowance', 'dial', 'answer']);
/** What a flow lets its caller hear that can begin anew. */
const REPEATABLE: ReadonlySet<string> = new Set(['play', 'collect', 'background']);

/** Take the command for a leg; a code when that cannot be, null: it is answered when it was heard. */
export function sayTo(work: Work, id: string | null, { prompts, both }: Say, control: string): string | null {
  const leg = legOf(work, id);
  if (!id || !leg || !isAlive(leg) || leg.cut) return 'unknown-leg';
  if (leg.giving || leg.taking) return 'moving';
  if (leg.life !== 'answered') return 'not-answered';
  if (leg.saying) return 'saying';
  const talk = talkOf(work, id);
  if (!canHear(work, id, leg)) return 'not-now';
  const over = talk !== null;
  const saying: Saying = {
    control,
    leg: id,
    prompts,
    hearers: over ? (both ? 'both' : 'leg') : null,
    waiting: [],
    held: [],
  };
  work.m.sayings = { ...work.m.sayings, [control]: saying };
  leg.saying = control;
  if (!over) stopSounds(work, saying);
  beginWhenQuiet(work, saying);
  return null;
}

/** In a room, on hold, while supervising or being joined, or while something is played or recorded that cannot begin anew, nothing is said. */
function canHear(work: Work, id: string, leg: LegState): boolean {
  const talk = talkOf(work, id);
  if (work.m.inRoom?.party === leg.party || talk?.mix || talk?.hold || work.m.supervisions?.[id]) return false;
  if (Object.values(work.m.attempts).some((one) => one.stage === 'joining' && one.peer === leg.party)) return false;
  return Object.values(work.m.ops).every((use) => {
    if (use.leg !== id || SILENT.has(use.use) || use.use === 'queue-sound') return true;
    return use.use === 'ask' && REPEATABLE.has(work.m.asks[use.ask]?.kind ?? '');
  });
}

function stopSounds(work: Work, saying: Saying): void {
  const { control: say, leg } = saying;
  for (const [op, use] of Object.entries(work.m.ops)) {
    if (use.use !== 'ask' || use.leg !== leg || work.m.asks[use.ask]?.kind === 'background') continue;
    saying.held.push({ ask: use.ask, result: null });
    saying.waiting.push(op);
    work.m.ops[op] = { use: 'say-stop', say, ask: use.ask, leg };
    legOp(work, leg, { kind: 'media.stop', target: op }, null);
  }
  for (const op of pauseSound(work, leg)) {
    saying.waiting.push(op);
    work.m.ops[op] = { use: 'say-stop', say, ask: null, leg };
  }
}

function beginWhenQuiet(work: Work, saying: Saying): void {
  if (saying.waiting.length > 0) return;
  if (saying.cut) {
    finish(work, saying, 'interrupted');
    return;
  }
  const { leg, prompts, hearers, control: say } = saying;
  const body = { kind: 'media.play', prompts, clearDigits: false } as const;
  saying.op = legOp(work, leg, hearers ? { ...body, hearers } : body, { use: 'say', say, leg });
}

/** What had to stop first has come back; what it answered counts afterwards. */
export function quietResult(work: Work, id: string, op: string, ask: string | null, result: MediaResult): void {
  const saying = work.m.sayings?.[id];
  if (!saying) return;
  saying.waiting = saying.waiting.filter((one) => one !== op);
  const held = saying.held.find((one) => one.ask === ask);
  if (held) held.result = result as unknown as JsonValue;
  beginWhenQuiet(work, saying);
}

/** It was heard, or cut short. */
export function saidResult(work: Work, id: string, result: MediaResult): void {
  const saying = work.m.sayings?.[id];
  if (saying) finish(work, saying, result.status);
}

/** The party is joined with somebody now: what is being said to it ends. */
export function cutSaying(work: Work, leg: string): void {
  const saying = work.m.sayings?.[legOf(work, leg)?.saying ?? ''];
  if (!saying || saying.cut) return;
  saying.cut = true;
  if (saying.op) legOp(work, leg, { kind: 'media.stop', target: saying.op }, null);
}

/** The leg has ended. */
export function sayingOver(work: Work, leg: string): void {
  const saying = work.m.sayings?.[legOf(work, leg)?.saying ?? ''];
  if (saying) close(work, saying, 'gone');
}

/** The leg is asked for by another call: it is told nothing more. Operations to wait for, and what was stopped for it. */
export function sayingToGive(work: Work, leg: string): Pick<Saying, 'waiting' | 'held'> {
  const saying = work.m.sayings?.[legOf(work, leg)?.saying ?? ''];
  if (!saying) return { waiting: [], held: [] };
  const { op, waiting, held } = saying;
  if (op) legOp(work, leg, { kind: 'media.stop', target: op }, null);
  close(work, saying, 'moving');
  return { waiting: op ? [op] : waiting, held };
}

function close(work: Work, { control, leg }: Saying, code: string): void {
  const { [control]: _over, ...others } = work.m.sayings ?? {};
  work.m.sayings = others;
  const state = legOf(work, leg);
  if (state) delete state.saying;
  fact(work, { type: 'control.done', id: control, action: 'say', ok: code === 'done', code });
}

/** Whatever was stopped for it begins anew, and what waited for the leg goes on. */
function finish(work: Work, saying: Saying, code: string): void {
  close(work, saying, code);
  const { leg: id, held, hearers } = saying;
  const leg = legOf(work, id);
  if (!leg || !isAlive(leg) || leg.cut) return;
  for (const { ask, result } of held)
    work.notes.push({ note: 'held', leg: id, ask, result: result as unknown as MediaResult | null });
  if (!hearers && held.length === 0) resume(work, id, leg);
  work.notes.push({ note: 'leg.ready', leg: id });
}

/** The background that was heard before. */
function resume(work: Work, id: string, leg: LegState): void {
  const before = leg.sounding ? (leg.sound ?? 'music') : leg.background;
  if (!before || before === 'none') return;
  legOp(work, id, { kind: 'media.background', sound: before === 'prompt' ? 'ringback' : before }, null);
}
