/** The flow a call runs: start it, hand it replies, let go of it. What it traces becomes facts, what it asks becomes notes. */
import type { Reply } from '../define/ask.ts';
import type { Coordinates } from '../protocol/index.ts';
import { withdrawAllAsks } from './asks.ts';
import type { PortStep } from './flow-port.ts';
import { chance, fact, liveLeg, partyOf, type Work } from './work.ts';

/** A call may be handed from flow to flow this often; more is a loop of destinations. */
const MAX_FLOWS = 20;
const MAX_PATH = 200;

/** Run a revision for a party; whatever flow ran before is left behind. */
export function runFlow(work: Work, revision: string, caller: number, as?: Coordinates): void {
  dropFlow(work);
  const closure = work.environment.closures[revision];
  const party = partyOf(work, caller);
  work.m.flows += 1;
  if (!closure || !party || work.m.flows > MAX_FLOWS) {
    failFlow(work, closure ? 'Too many flows in one call' : 'The flow of this call is not known');
    return;
  }
  if (work.m.flows > 1) fact(work, { type: 'flow.changed', revision });
  const path = `${work.callId}/flow/${work.m.flows}`;
  work.m.flow = { path, revision, caller, ...(as ? { called: as } : {}), state: null };
  const { locale, variables } = work.m.start;
  const called = as ?? work.m.start.called;
  const seed = chance(work);
  const start = { path, at: work.at, variables, seed, locale, caller: party.coordinates, called, overrides: {} };
  attend(work, () => work.port.start(closure, start));
}

/** Hand the flow a reply to one of its asks. */
export function replyToFlow(work: Work, reply: Reply): void {
  const flow = work.m.flow;
  const closure = flow && work.environment.closures[flow.revision];
  if (!flow || !closure) return;
  attend(work, () => work.port.reply(closure, flow.state, reply, work.at));
}

/** Step the flow; a fault in it ends the call instead of stranding its legs. */
function attend(work: Work, step: () => PortStep): void {
  let taken: PortStep;
  try {
    taken = step();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    failFlow(work, `The flow cannot go on (${code})`);
    return;
  }
  if (!work.m.flow) return;
  work.m.flow.state = taken.state;
  for (const item of taken.trace) {
    fact(work, item);
    if (item.type !== 'node.entered') continue;
    work.m.node = item.node;
    if (work.m.account.path.length < MAX_PATH) work.m.account.path.push(item.node);
  }
  for (const ask of taken.asks) work.notes.push({ note: 'ask', ask });
  if (taken.status === 'done') work.notes.push({ note: 'end', cause: 'normal', by: 'platform' });
  if (taken.status === 'failed') work.notes.push({ note: 'end', cause: 'failed', by: 'platform' });
}

function failFlow(work: Work, text: string): void {
  fact(work, { type: 'log', node: work.m.node, level: 'error', text });
  work.notes.push({ note: 'end', cause: 'failed', by: 'platform' });
}

/** Leave the running node by a command from outside; a code as `control.done` tells it. */
export function skipNode(work: Work, wish: { readonly node: string | null; readonly outcome: string | null }): string {
  const flow = work.m.flow;
  const closure = flow && work.environment.closures[flow.revision];
  if (!flow || !closure) return 'no-flow';
  const caller = liveLeg(work, flow.caller)?.leg;
  if (caller?.giving || caller?.taking) return 'moving';
  const skipped = work.port.skip(closure, flow.state, wish, work.at);
  if (!skipped.ok) return skipped.code;
  attend(work, () => skipped.step);
  return 'done';
}

/** The call goes on without its flow: that is told, unless there was none. */
export function leaveFlow(work: Work): void {
  if (work.m.flow) fact(work, { type: 'flow.changed', revision: null });
  dropFlow(work);
}

/** Let go of the flow and withdraw what it asked for. */
export function dropFlow(work: Work): void {
  withdrawAllAsks(work);
  work.m.flow = null;
}
