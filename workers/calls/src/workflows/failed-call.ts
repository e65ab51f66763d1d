/**
 * The end of a call whose machine has failed: no leg is left behind and the account is true. Legs are hung up and released by the
 * runner itself; `call.ended` carries a CDR with cause `failed`, made of what the runner has seen.
 */
import type { CallRecord, EngineEvent, MediaCommand } from '@callwright/engine';
import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { type CallRun, instanceOf } from './call-run.ts';
import type { RecordStore } from './io-operations.ts';
import { runMediaOperation } from './media-operations.ts';

/** Longest wait for the far ends' answers to BYE; telephony itself gives up after 32 s (RFC 3261 §17.1.2.2). */
const HANGUP_PATIENCE = '40s';

export async function endFailedCall(run: CallRun, store: RecordStore): Promise<void> {
  const legs = legsOf(run);
  const over = new Set(run.ledger.legs.filter((leg) => leg.endedAt !== null).map((leg) => leg.leg));
  const waiting = new Set(legs.filter((leg) => !over.has(leg)));
  run.open.clear();
  for (const leg of [...waiting]) runMediaOperation(run, ownCommand(run, leg, 'hangup'));
  await settled(run, waiting);
  for (const leg of legs) runMediaOperation(run, ownCommand(run, leg, 'release'));
  await settled(run, new Set());
  run.open.clear();
  run.outbox.add([endedRecord(run)]);
  await storeAll(store);
}

/** Until these legs have ended and nothing is open, or nobody answers any more. */
async function settled(run: CallRun, waiting: Set<string>): Promise<void> {
  let patient = true;
  const patience = new CancellationScope();
  void patience
    .run(() => sleep(HANGUP_PATIENCE))
    .then(
      () => {
        patient = false;
      },
      () => {},
    );
  while (patient && (waiting.size > 0 || run.open.size > 0)) {
    await condition(() => run.ready.length > 0 || run.open.size === 0 || !patient);
    for (let event = run.ready.shift(); event; event = run.ready.shift()) note(run, event, waiting);
    if (run.open.size === 0 && waiting.size > 0) await condition(() => run.ready.length > 0 || !patient);
  }
  patience.cancel();
}

function note(run: CallRun, event: EngineEvent, waiting: Set<string>): void {
  if (event.type === 'leg') {
    run.processed.set(event.leg, event.n);
    run.ledger.seen(event);
    if (event.body.type === 'hangup') waiting.delete(event.leg);
  }
  // gone or failed: nobody will tell of this leg any more
  if (event.type === 'op.result')
    for (const leg of waiting) if (event.op === opOf(run, leg, 'hangup')) waiting.delete(leg);
  if (event.type === 'instance.lost')
    for (const leg of waiting) if (instanceOf(run, leg) === event.instance) waiting.delete(leg);
}

function legsOf(run: CallRun): string[] {
  if (!run.state) return run.start.inbound ? [run.start.inbound.leg] : [];
  return Object.keys(run.state.legs);
}

const opOf = (run: CallRun, leg: string, what: string): string =>
  `${run.start.callId}/runner/${what}/${leg}`.slice(0, 200);

function ownCommand(run: CallRun, leg: string, what: 'hangup' | 'release'): MediaCommand {
  const on = { op: opOf(run, leg, what), leg, instance: instanceOf(run, leg) ?? '' };
  return what === 'hangup'
    ? { kind: 'leg.hangup', ...on, cause: 'failed' }
    : { kind: 'leg.release', ...on, upTo: run.processed.get(leg) ?? 0 };
}

function endedRecord(run: CallRun): CallRecord {
  const at = Date.now();
  return {
    n: (run.state?.lastRecord ?? 0) + 1,
    at,
    stream: 'fact',
    type: 'call.ended',
    body: { type: 'call.ended', cdr: run.ledger.cdr(run.start, at) },
  };
}

async function storeAll(store: RecordStore): Promise<void> {
  while (!store.closed) {
    await condition(() => !store.busy);
    if (!store.closed) store.start(true);
  }
}
