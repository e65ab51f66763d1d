/** What a call's facts say beyond its CDR: where the time went moment by moment, who rang for whom, what led where. Pure. */
import type { Cdr, Coordinates, Disposition, Fact, LegSummary } from '../protocol/index.ts';
import { dispositionOf } from './cdr.ts';

/** A fact with its time, as it is stored. */
export interface TimedFact {
  readonly at: number;
  readonly fact: Fact;
}

/** Who of a call's sides a failure lies with. */
export type FailingSide = 'calling' | 'called' | 'platform';

/** Account of one leg, beside its `LegSummary`. */
export interface LegAccount {
  readonly leg: string;
  /** Seen from the party: `out`, it called; `in`, it was called. */
  readonly way: 'in' | 'out';
  readonly disposition: Disposition;
  /** Rung, not answered, and nobody else of its group took the call. */
  readonly missed: boolean;
  readonly ringMs: number;
  readonly talkMs: number;
  readonly holdMs: number;
  /** From the answer of a party outside to its end; 0 for a leg inside. */
  readonly billableMs: number;
  /** Whom it talked with last; else who called it, or whom it called. */
  readonly remote: Coordinates;
  /** Group or queue through which the call came to it. */
  readonly group: Coordinates | null;
}

/** Account of a call, beside its CDR. Before its answer a call rings or does not; after it every moment is one of talk, queue, ring, IVR. */
export interface CallAccount {
  readonly ringMs: number;
  readonly queueMs: number;
  readonly talkMs: number;
  readonly holdMs: number;
  readonly ivrMs: number;
  readonly billableMs: number;
  readonly failingSide: FailingSide | null;
  /** Trunk the call came in by. */
  readonly trunkIn: Coordinates | null;
  /** Trunk of the last leg that left by one. */
  readonly trunkOut: { readonly id: string; readonly name: string } | null;
  /** Who pays when that is not the caller: the last who forwarded the call. */
  readonly charged: Coordinates | null;
  readonly codec: string | null;
  /** Call from which a leg was handed over to this one. */
  readonly fromCallId: string | null;
  /** Call to which a leg of this one was handed over. */
  readonly toCallId: string | null;
  /** Why a user was not rung, in a call that nobody answered. */
  readonly refused: string | null;
  readonly legs: readonly LegAccount[];
}

type Span = readonly [from: number, to: number];

/** Sides that have no telephone number of the company's own. */
const OUTSIDE = new Set(['number', 'unknown', 'sip', 'trunk']);

const length = (spans: readonly Span[]): number => spans.reduce((sum, [from, to]) => sum + to - from, 0);

/** Spans in order, none touching another. */
function union(spans: readonly Span[]): Span[] {
  const merged: [number, number][] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) merged.push([from, to]);
  }
  return merged;
}

/** What of `spans` lies in none of `others`; both united. */
function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left: Span[] = [...spans];
  for (const [from, to] of others) {
    left = left.flatMap(([a, b]): Span[] =>
      to <= a || from >= b
        ? [[a, b]]
        : ([
            [a, Math.min(b, from)],
            [Math.max(a, to), b],
          ].filter(([x, y]) => y! > x!) as unknown as Span[]),
    );
  }
  return left;
}

interface Spans {
  readonly ring: Map<number, Span[]>;
  readonly talk: { readonly a: number; readonly b: number; readonly span: Span }[];
  readonly hold: Map<number, Span[]>;
  readonly queue: Span[];
}

const push = (map: Map<number, Span[]>, key: number, span: Span): void => {
  map.set(key, [...(map.get(key) ?? []), span]);
};

/** What goes on from when to when; what nothing has ended ends with the call. */
function spansOf(facts: readonly TimedFact[], endedAt: number): Spans {
  const spans: Spans = { ring: new Map(), talk: [], hold: new Map(), queue: [] };
  const open = new Map<string, { readonly from: number; readonly close: (span: Span) => void }>();
  const begin = (key: string, from: number, close: (span: Span) => void): void => {
    if (!open.has(key)) open.set(key, { from, close });
  };
  const end = (key: string, to: number): void => {
    const one = open.get(key);
    if (!one) return;
    open.delete(key);
    one.close([one.from, Math.max(one.from, to)]);
  };
  for (const { at, fact } of facts) {
    switch (fact.type) {
      case 'party.ringing':
        begin(`ring ${fact.party}`, at, (span) => push(spans.ring, fact.party, span));
        break;
      case 'party.answered':
        end(`ring ${fact.party}`, at);
        break;
      case 'party.left':
        end(`ring ${fact.party}`, at);
        end(`hold ${fact.party}`, at);
        end(`room ${fact.party}`, at);
        break;
      case 'party.held':
        begin(`hold ${fact.party}`, at, (span) => push(spans.hold, fact.party, span));
        break;
      case 'party.resumed':
        end(`hold ${fact.party}`, at);
        break;
      case 'parties.connected':
        begin(`talk ${fact.a} ${fact.b}`, at, (span) => spans.talk.push({ a: fact.a, b: fact.b, span }));
        break;
      case 'parties.parted':
        end(`talk ${fact.a} ${fact.b}`, at);
        break;
      case 'conference.joined':
        begin(`room ${fact.party}`, at, (span) => spans.talk.push({ a: fact.party, b: fact.party, span }));
        break;
      case 'conference.left':
        end(`room ${fact.party}`, at);
        break;
      case 'queue.entered':
        begin(`queue ${fact.queueId} ${fact.party}`, at, (span) => spans.queue.push(span));
        break;
      case 'queue.answered':
      case 'queue.left':
        end(`queue ${fact.queueId} ${fact.party}`, at);
        break;
      default:
    }
  }
  for (const key of [...open.keys()]) end(key, endedAt);
  return spans;
}

interface Cast {
  readonly roles: ReadonlyMap<number, string>;
  readonly who: ReadonlyMap<number, Coordinates>;
}

function castOf(facts: readonly TimedFact[]): Cast {
  const roles = new Map<number, string>();
  const who = new Map<number, Coordinates>();
  for (const { fact } of facts) {
    if (fact.type !== 'party.added') continue;
    roles.set(fact.party, fact.role);
    who.set(fact.party, fact.coordinates);
  }
  return { roles, who };
}

/** Groups and queues that were at it, each from when to when, and for whom (null: whoever rang). */
function groupsOf(
  facts: readonly TimedFact[],
  endedAt: number,
): { readonly group: Coordinates; readonly userId: string | null; readonly span: [number, number] }[] {
  const found: { group: Coordinates; groupId: string; userId: string | null; span: [number, number] }[] = [];
  // an agent may be offered before the caller is told to have entered
  const queues = new Map(
    facts.flatMap(({ fact }) => (fact.type === 'queue.entered' ? [[fact.queueId, fact.coordinates] as const] : [])),
  );
  for (const { at, fact } of facts) {
    if (fact.type === 'group.ringing') {
      found.push({ group: fact.coordinates, groupId: fact.groupId, userId: null, span: [at, endedAt] });
    } else if (fact.type === 'queue.offered') {
      const unnamed = { type: 'queue', id: fact.queueId, entityNumber: null, number: '', name: '' };
      const group = queues.get(fact.queueId) ?? unnamed;
      found.push({ group, groupId: fact.queueId, userId: fact.userId, span: [at, endedAt] });
    } else if (fact.type === 'group.ended') {
      const open = found.findLast((one) => one.groupId === fact.groupId && one.userId === null);
      if (open) open.span[1] = at;
    }
  }
  return found;
}

/** Seconds that cost: those of parties outside, from their answer. */
function billableMs(leg: LegSummary, endedAt: number): number {
  const outside = OUTSIDE.has(leg.coordinates.type) || leg.trunk !== undefined;
  return outside && leg.answeredAt !== null ? Math.max(0, (leg.endedAt ?? endedAt) - leg.answeredAt) : 0;
}

interface Reading {
  readonly cdr: Cdr;
  readonly spans: Spans;
  readonly cast: Cast;
  readonly groups: ReturnType<typeof groupsOf>;
}

function legAccount({ cdr, spans, cast, groups }: Reading, leg: LegSummary): LegAccount {
  const way = (cast.roles.get(leg.party) ?? (leg.direction === 'inbound' ? 'calling' : 'called')) === 'calling';
  const talks = spans.talk.filter(({ a, b }) => a === leg.party || b === leg.party);
  // in a meeting room one talks with nobody in particular
  const last = talks.findLast(({ a, b }) => a !== b);
  const other = last ? cast.who.get(last.a === leg.party ? last.b : last.a) : undefined;
  const userId = leg.coordinates.type === 'user' ? leg.coordinates.id : null;
  const group = way
    ? undefined
    : groups.findLast(
        ({ span, userId: only }) =>
          span[0] <= leg.startedAt && leg.startedAt <= span[1] && (only === null || only === userId),
      );
  const answered = leg.answeredAt !== null;
  const disposition = dispositionOf(leg.cause ?? 'failed', answered, way && leg.endedBy === 'remote');
  const rang = length(union(spans.ring.get(leg.party) ?? []));
  return {
    leg: leg.leg,
    way: way ? 'out' : 'in',
    disposition,
    missed:
      !way &&
      !answered &&
      cast.roles.get(leg.party) !== 'supervising' &&
      leg.cause !== 'answered-elsewhere' &&
      leg.cause !== 'transferred',
    ringMs: rang,
    talkMs: length(union(talks.map(({ span }) => span))),
    holdMs: length(union(spans.hold.get(leg.party) ?? [])),
    billableMs: billableMs(leg, cdr.endedAt),
    remote: other ?? (way ? (cdr.connected ?? cdr.called) : cdr.calling),
    group: group?.group ?? null,
  };
}

/** Null when the call was answered. A call of ours whose first party never answered failed on the calling side. */
function failingSide(cdr: Cdr, { roles }: Cast): FailingSide | null {
  if (cdr.disposition === 'answered') return null;
  if (cdr.disposition === 'media-lost' || cdr.disposition === 'failed') return 'platform';
  if (cdr.endedBy === 'calling') return 'calling';
  const first = cdr.legs.find((leg) => leg.direction === 'outbound' && roles.get(leg.party) === 'calling');
  if (first && first.answeredAt === null) return 'calling';
  return cdr.legs.some((leg) => leg.direction === 'outbound') || cdr.endedBy === 'called' ? 'called' : 'platform';
}

function movesOf(facts: readonly TimedFact[]): Pick<CallAccount, 'fromCallId' | 'toCallId'> {
  let [fromCallId, toCallId]: [string | null, string | null] = [null, null];
  for (const { fact } of facts) {
    if (fact.type !== 'leg.moved') continue;
    if (fact.direction === 'in') fromCallId ??= fact.callId;
    else toCallId ??= fact.callId;
  }
  return { fromCallId, toCallId };
}

/** Reads a call's facts, in order, beside its CDR. Facts of unknown form are passed over. */
export function accountOf(facts: readonly TimedFact[], cdr: Cdr): CallAccount {
  const spans = spansOf(facts, cdr.endedAt);
  const cast = castOf(facts);
  const reading = { cdr, spans, cast, groups: groupsOf(facts, cdr.endedAt) };
  const legs = cdr.legs.map((leg) => legAccount(reading, leg));
  const talk = union(spans.talk.map(({ span }) => span));
  const queue = without(union(spans.queue), talk);
  const ring = without(without(union([...spans.ring.values()].flat()), talk), queue);
  const served: Span[] = cdr.answeredAt === null ? [] : [[cdr.answeredAt, cdr.endedAt]];
  const trunkOut = cdr.legs.findLast((leg) => leg.direction === 'outbound' && leg.trunk)?.trunk;
  const trunkIn = cdr.legs.find((leg) => leg.direction === 'inbound' && leg.coordinates.type === 'trunk');
  const refused = facts.findLast(({ fact }) => fact.type === 'user.refused')?.fact;
  return {
    ringMs: length(ring),
    queueMs: length(queue),
    talkMs: length(talk),
    holdMs: cdr.holdMs,
    ivrMs: length(without(without(without(served, talk), queue), ring)),
    billableMs: cdr.legs.reduce((sum, leg) => sum + billableMs(leg, cdr.endedAt), 0),
    failingSide: failingSide(cdr, cast),
    trunkIn: trunkIn?.coordinates ?? null,
    trunkOut: trunkOut ? { id: trunkOut.id, name: trunkOut.name } : null,
    charged: cdr.legs.findLast((leg) => leg.charged)?.charged ?? null,
    codec: cdr.legs.find((leg) => leg.codec !== null)?.codec ?? null,
    ...movesOf(facts),
    refused: cdr.connectedAt === null && refused?.type === 'user.refused' ? refused.why : null,
    legs,
  };
}
