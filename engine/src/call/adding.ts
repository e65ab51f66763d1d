/** Adding somebody to a conversation by a command: he is called, and comes in as soon as he answers. */
import type { ControlAction } from '../protocol/index.ts';
import { openAttempt } from './attempt.ts';
import { talkOf } from './hold.ts';
import type { Attempt } from './machine.ts';
import { mixRefusal } from './mix.ts';
import { talkers } from './mix-state.ts';
import { isAlive, legOf, partyOf, type Work } from './work.ts';

type Add = Extract<ControlAction, { kind: 'add' }>;

/** The conversation meant: the leg's, else the one that runs, or is about to. */
function talkMeant(work: Work, leg: string | null): Attempt | null {
  if (leg !== null) {
    const party = legOf(work, leg)?.party ?? 0;
    return talkOf(work, leg) ?? beginning(work).find((one) => talkers(one).includes(party)) ?? null;
  }
  const talks = Object.values(work.m.attempts).filter((one) => one.stage === 'talking' && !one.consultOf);
  return talks[0] ?? beginning(work)[0] ?? null;
}

/** Both have answered, and are being joined. */
const beginning = (work: Work): Attempt[] =>
  Object.values(work.m.attempts).filter((one) => one.stage === 'joining' && one.peer !== null && !one.consultOf);

/** Who adds: the leg's party, else a user who talks, else whom the conversation is about. */
function adder(work: Work, talk: Attempt, leg: string | null): number {
  if (leg !== null) return legOf(work, leg)?.party ?? talk.anchor;
  return talkers(talk).find((party) => partyOf(work, party)?.coordinates.type === 'user') ?? talk.anchor;
}

/** A code when that cannot be; null: it is answered when the party has come in, or is not to be had. */
export function addByCommand(work: Work, { leg: id, destination }: Add, control: string): string | null {
  const leg = legOf(work, id);
  if (id !== null && (!leg || !isAlive(leg) || leg.cut)) return 'unknown-leg';
  const talk = talkMeant(work, id);
  if (!talk) return 'not-talking';
  const refused = mixRefusal(work, talk, null, true);
  if (refused) return refused;
  const by = adder(work, talk, id);
  const account = partyOf(work, by)?.coordinates;
  const { type, id: to } = destination;
  const attempt = openAttempt(work, {
    anchor: by,
    target: { type, id: to },
    addTo: talk.id,
    control,
    comfort: 'none',
    announced: true,
    ...(account?.type === 'user' ? { account: account.id } : {}),
  });
  work.notes.push({ note: 'resolve', attempt: attempt.id });
  return null;
}
