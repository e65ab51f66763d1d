/**
 * A call that is placed for a ring group: its members are rung as when the group is called, by the pool's grants; who answers first is
 * the one the call is made for.
 */
import type { CallStart } from '../protocol/index.ts';
import { openAttempt } from './attempt.ts';
import { addParty } from './legs.ts';
import type { Work } from './work.ts';

/** The group is a party of its own; it has no leg, so nobody hears anything until a member answers. */
export function placeForGroup(work: Work, dial: NonNullable<CallStart['originate']>, group: string): void {
  const party = addParty(work, 'calling', dial.coordinates, null);
  addParty(work, 'called', work.m.start.called, null);
  const attempt = openAttempt(work, {
    anchor: party.n,
    target: { type: 'ring-group', id: group },
    origin: { instance: dial.instance },
    callerId: dial.callerId,
    ringTimeoutMs: dial.ringTimeoutMs,
    autoAnswer: dial.autoAnswer,
    comfort: 'none',
    // a message before the ringing has no listener
    announced: true,
    account: null,
    forget: true,
  });
  work.notes.push({ note: 'resolve', attempt: attempt.id });
}
