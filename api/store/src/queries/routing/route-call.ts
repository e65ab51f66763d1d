/**
 * Leads a new call: routing decides, admission lets it be placed, the destination is looked up. The answer is all that is needed to start
 * the call, whatever was decided: a refused call is one, too, which hears why and leaves a CDR.
 */
import type { CallStart, Coordinates, Destination, IoResult, JsonValue } from '@callwright/engine';
import { admit, REFUSALS, type Refusal, type RefusalCode, type Standing } from '@callwright/engine/admission';
import type { RouteDecision } from '@callwright/engine/routing';
import { sql } from 'kysely';
import type { Asking } from '../destinations/destination-type.ts';
import { followDestination, lookUpNumber } from '../destinations/number.ts';
import { outsideId } from '../destinations/outside.ts';
import { destinationType, resolveDestination } from '../destinations/registry.ts';
import type { OwnerSettings } from '../owners.ts';
import type { Db } from '../scope.ts';
import { loadStanding } from './admission.ts';
import { type DecidedRoute, decideRoute, type RouteRequest } from './decide-route.ts';
import { expectedDestination, rememberDestination } from './look-ahead.ts';

type Routing = NonNullable<CallStart['routing']>;

/** A call as it is to be started. */
export interface RoutedCall {
  readonly companyId: string;
  readonly settings: OwnerSettings;
  /** What was dialled, as the entity it leads to. */
  readonly called: Coordinates;
  /** Published revision that serves it; null when its flow is missing or was never published. */
  readonly revision: string | null;
  readonly variables: Readonly<Record<string, JsonValue>>;
  readonly direction: CallStart['direction'];
  /** It asks about recording whenever two begin to talk. */
  readonly records: boolean;
  readonly routing: Routing;
  /** Next call number of the platform. */
  readonly callNumber: number;
}

/** Null when the company is gone, or a guest has dialled what no guest may reach. */
export async function routeCall(db: Db, request: RouteRequest): Promise<RoutedCall | null> {
  const expected = expectedDestination(request);
  // side by side: the caller hears nothing until all of it is known
  const [decided, standing, ahead] = await Promise.all([
    decideRoute(db, request),
    expected?.type === 'number' ? null : loadStanding(db, askingOf(request), INSIDE),
    expected === null || expected.type === 'number' ? null : lookUpEntity(db, request, expected),
  ]);
  if (!decided) return null;
  const { decision, loaded } = decided;
  if (!decision.destination && request.role === 'guest') return null;
  if (decision.destination) rememberDestination(request, decision.destination);
  const target = await targetOf(db, request, decided, { standing, ahead, serve: true });
  const flow =
    target.looked?.flow === target.flow && target.looked.serving
      ? target.looked.serving
      : await serving(db, request.companyId, target.flow);
  return {
    companyId: request.companyId,
    settings: loaded.settings,
    records: loaded.records,
    called: target.called,
    revision: target.revision ?? flow.revision,
    variables: target.variables,
    direction: target.outside ? 'outbound' : request.role === 'user' ? 'internal' : 'inbound',
    routing: { routed: routedOf(decision), refused: target.refused },
    callNumber: flow.callNumber,
  };
}

const INSIDE = { outside: null };

const askingOf = ({ companyId, userId, at }: RouteRequest) => ({
  companyId,
  userId,
  at,
  callId: null,
  routing: true,
});

/** A destination as it was found, with the flow that will most likely serve the call. */
interface Looked {
  readonly destination: Destination;
  readonly found: IoResult;
  readonly flow: string;
  /** Null: nobody asked for it. */
  readonly serving: Serving | null;
}

/** An entity of the company, and the published revision that serves it. */
async function lookUpEntity(db: Db, request: RouteRequest, destination: Destination, serve = true): Promise<Looked> {
  const { companyId } = request;
  const flow = destinationType(destination.type)?.servedBy ?? destination.id;
  const [found, served] = await Promise.all([
    resolveDestination(db, companyId, destination, askingOf(request)),
    serve ? serving(db, companyId, flow) : null,
  ]);
  return { destination, found, flow, serving: served };
}

const OUTSIDE_FLOW = 'direct-outside';

/** A number that routing has decided on: an entity after all, or the outside. */
async function lookUpDialled(
  db: Db,
  request: RouteRequest,
  { decision, feature, loaded }: DecidedRoute,
  destination: Destination,
  serve: boolean,
): Promise<Looked> {
  const { companyId } = request;
  const asking: Asking = askingOf(request);
  const [found, served] = await Promise.all([
    feature
      ? lookUpNumber(db, companyId, destination.id, asking, resolveDestination)
      : followDestination(db, companyId, destination, decision.trunks, asking, resolveDestination, 0, loaded),
    serve ? serving(db, companyId, OUTSIDE_FLOW) : null,
  ]);
  return { destination, found, flow: OUTSIDE_FLOW, serving: served };
}

const routedOf = ({ reason, rule, destination, passed }: RouteDecision): Routing['routed'] => ({
  reason,
  rule: rule && { ...rule, name: rule.name.slice(0, 200) },
  destination,
  passed: passed.length,
});

interface Target {
  readonly called: Coordinates;
  /** Name or id of the flow that serves it. */
  readonly flow: string;
  readonly variables: Readonly<Record<string, JsonValue>>;
  readonly outside: boolean;
  readonly refused: Routing['refused'];
  readonly found: IoResult['status'];
  readonly trunks: readonly string[];
  /** Set where what was found names its revision itself. */
  readonly revision: string | null;
  /** Null: nothing was looked up. */
  readonly looked: Looked | null;
}

/** What was asked beside the decision. */
interface Beside {
  readonly standing: Standing | null;
  readonly ahead: Looked | null;
  /** The call is to be placed. */
  readonly serve: boolean;
}

async function targetOf(
  db: Db,
  request: RouteRequest,
  decided: DecidedRoute,
  { standing, ahead, serve }: Beside,
): Promise<Target> {
  const { dialled } = request;
  const { destination, rule } = decided.decision;
  if (!destination) {
    // whoever is shut out is told that, not what exists behind it
    const refusal = admit(INSIDE, standing ?? (await loadStanding(db, askingOf(request), INSIDE)));
    if (refusal?.code === 'ADM_SUSPENDED') return announce(refusal.announcement, request, decided, refusal);
    return announce('unknown-number', request, decided, null);
  }
  if (decided.loaded.away && mayNotLeave(decided, destination)) {
    const refused = { code: 'ADM_AWAY', check: 'mode', by: 'user' } as const;
    return announce(REFUSALS.ADM_AWAY.announcement, request, decided, refused);
  }
  const [refusal, looked] = await Promise.all([
    // the outside is admitted where it is looked up
    destination.type === 'number' ? null : admitInside(db, request, destination, standing),
    destination.type === 'number'
      ? lookUpDialled(db, request, decided, destination, serve)
      : ahead && isSame(ahead.destination, destination)
        ? ahead
        : lookUpEntity(db, request, destination, serve),
  ]);
  const { found } = looked;
  if (refusal) return announce(refusal.announcement, request, decided, refusal);
  if (found.status === 'refused') return announce(announcementOf(found.code), request, decided, found);
  if (found.status !== 'destination') return announce('unavailable', request, decided, null);
  const type = destinationType(found.destination.type);
  if (found.destination.type === 'number') {
    const outside = outsideId(rule?.id ?? null, found.destination.id);
    return {
      called: { ...found.coordinates, number: dialled },
      flow: OUTSIDE_FLOW,
      variables: { outside },
      outside: true,
      refused: null,
      found: found.status,
      trunks: found.trunks ?? [],
      revision: null,
      looked,
    };
  }
  const called = withNumber(found.coordinates, decided, dialled);
  return {
    called,
    flow: type?.servedBy ?? found.destination.id,
    variables: {},
    outside: found.destination.type === 'sip' || found.destination.type === 'peer',
    refused: null,
    found: found.status,
    trunks: [],
    revision: type?.servedBy === null ? found.revision : null,
    looked,
  };
}

const isSame = (a: Destination, b: Destination): boolean => a.type === b.type && a.id === b.id;

/** What a code may lead to that reaches somebody else. */
const REACHING: ReadonlySet<string> = new Set(['number', 'user', 'intercom', 'pick-up']);

/** Whoever is away places no calls, but to helpers, to his box, and by the codes that change how he is set. */
const mayNotLeave = ({ feature, loaded }: DecidedRoute, { type }: Destination): boolean =>
  (feature === null || REACHING.has(type)) &&
  loaded.class.kind !== 'emergency' &&
  type !== 'voicemail' &&
  !FREE.has(type);

/** Refusing somebody costs nothing: it needs no admission. */
const FREE: ReadonlySet<string> = new Set(['hang-up', 'announcement']);

async function admitInside(
  db: Db,
  request: RouteRequest,
  destination: Destination,
  standing: Standing | null,
): Promise<Refusal | null> {
  if (FREE.has(destination.type)) return null;
  return admit(INSIDE, standing ?? (await loadStanding(db, askingOf(request), INSIDE)));
}

const announcementOf = (code: string): string =>
  Object.hasOwn(REFUSALS, code) ? REFUSALS[code as RefusalCode].announcement : 'unavailable';

/** The call is started all the same, with the flow that says why it goes nowhere. */
function announce(
  id: string,
  { dialled }: RouteRequest,
  decided: DecidedRoute,
  refused: { readonly code: string; readonly check: string; readonly by: string } | null,
): Target {
  const entity: Coordinates = { type: 'announcement', id, entityNumber: null, number: '', name: '' };
  return {
    called: withNumber(entity, decided, dialled),
    flow: 'announcement',
    variables: {},
    outside: false,
    refused: refused && { code: refused.code, check: refused.check, by: refused.by },
    found: refused ? 'refused' : 'not-found',
    trunks: [],
    revision: null,
    looked: null,
  };
}

/** The entity, under the number that was dialled for it. */
function withNumber(entity: Coordinates, { loaded }: DecidedRoute, dialled: string): Coordinates {
  const { e164 } = loaded.class;
  return { ...entity, number: dialled, ...(e164 ? { e164 } : {}) };
}

interface Serving {
  readonly revision: string | null;
  readonly callNumber: number;
}

/** The flow's published revision, and the call's number in the same breath. */
async function serving(db: Db, companyId: string, flow: string): Promise<Serving> {
  const { rows } = await sql<{ revision: string | null; callNumber: string }>`
    select nextval('call_number_seq')::text as "callNumber", (
      select published_hash from flow where company_id = ${companyId} and deleted_at is null and (id::text = ${flow} or name = ${flow})
      order by id::text = ${flow} desc limit 1) as revision`.execute(db);
  const row = rows[0]!;
  return { revision: row.revision, callNumber: Number(row.callNumber) };
}

/** What `explain` tells: the decision, the rules passed over, and what admission would say. */
export interface ExplainedRoute {
  readonly decision: RouteDecision;
  readonly class: DecidedRoute['loaded']['class'];
  /** Feature code that was dialled. */
  readonly feature: string | null;
  /** What the destination is at this moment. */
  readonly found: IoResult['status'];
  readonly called: Coordinates;
  /** Trunks for an outside number, best first. */
  readonly trunks: readonly string[];
  readonly refused: Routing['refused'];
}

const NOTHING: Beside = { standing: null, ahead: null, serve: false };

/** What would become of a call, without placing it. Null like `routeCall`. */
export async function explainRoute(db: Db, request: RouteRequest): Promise<ExplainedRoute | null> {
  const decided = await decideRoute(db, request);
  if (!decided) return null;
  const { decision, loaded, feature } = decided;
  const { called, refused, found, trunks } = await targetOf(db, request, decided, NOTHING);
  return { decision, class: loaded.class, feature: feature?.action.action ?? null, found, called, trunks, refused };
}
