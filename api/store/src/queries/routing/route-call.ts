/**
 * Leads a new call: routing decides, admission lets it be placed, the destination is looked up. The answer is all that is needed to start
 * the call, whatever was decided: a refused call is one, too, which hears why and leaves a CDR.
 */
import type { CallStart, Coordinates, Destination, IoResult, JsonValue } from '@callwright/engine';
import { REFUSALS, type Refusal, type RefusalCode } from '@callwright/engine/admission';
import type { RouteDecision } from '@callwright/engine/routing';
import { sql } from 'kysely';
import { followDestination, lookUpNumber } from '../destinations/number.ts';
import { outsideId } from '../destinations/outside.ts';
import { destinationType, resolveDestination } from '../destinations/registry.ts';
import type { OwnerSettings } from '../owners.ts';
import type { Db } from '../scope.ts';
import { admitPlacement } from './admission.ts';
import { type DecidedRoute, decideRoute, type RouteRequest } from './decide-route.ts';

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
  readonly routing: Routing;
  /** Next call number of the platform. */
  readonly callNumber: number;
}

/** Null when the company is gone or suspended, or a guest has dialled what no guest may reach. */
export async function routeCall(db: Db, request: RouteRequest): Promise<RoutedCall | null> {
  const decided = await decideRoute(db, request);
  if (!decided) return null;
  const { decision, loaded } = decided;
  if (!decision.destination && request.role === 'guest') return null;
  const target = await targetOf(db, request, decided);
  const flow = await serving(db, request.companyId, target);
  return {
    companyId: request.companyId,
    settings: loaded.settings,
    called: target.called,
    revision: flow.revision,
    variables: target.variables,
    direction: target.outside ? 'outbound' : request.role === 'user' ? 'internal' : 'inbound',
    routing: { routed: routedOf(decision), refused: target.refused },
    callNumber: flow.callNumber,
  };
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
}

async function targetOf(db: Db, request: RouteRequest, decided: DecidedRoute): Promise<Target> {
  const { companyId, userId, at, dialled } = request;
  const { destination, rule, trunks } = decided.decision;
  if (!destination) return announce('unknown-number', request, decided, null);
  const asking = { companyId, userId, at, callId: null };
  // side by side: the caller waits for both
  const [refusal, found] = await Promise.all([
    destination.type === 'number' ? null : admitInside(db, asking, destination),
    decided.feature && destination.type === 'number'
      ? lookUpNumber(db, companyId, destination.id, asking, resolveDestination)
      : followDestination(db, companyId, destination, trunks, asking, resolveDestination),
  ]);
  if (refusal) return announce(refusal.announcement, request, decided, refusal);
  if (found.status === 'refused') return announce(announcementOf(found.code), request, decided, found);
  if (found.status !== 'destination') return announce('unavailable', request, decided, null);
  const type = destinationType(found.destination.type);
  if (found.destination.type === 'number') {
    const outside = outsideId(rule?.id ?? null, found.destination.id);
    return {
      called: { ...found.coordinates, number: dialled },
      flow: 'direct-outside',
      variables: { outside },
      outside: true,
      refused: null,
      found: found.status,
      trunks: found.trunks ?? [],
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
  };
}

/** Refusing somebody costs nothing: it needs no admission. */
const FREE: ReadonlySet<string> = new Set(['hang-up', 'announcement']);

function admitInside(
  db: Db,
  asking: Parameters<typeof admitPlacement>[1],
  destination: Destination,
): Promise<Refusal | null> {
  return FREE.has(destination.type) ? Promise.resolve(null) : admitPlacement(db, asking, { outside: null });
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
  };
}

/** The entity, under the number that was dialled for it. */
function withNumber(entity: Coordinates, { loaded }: DecidedRoute, dialled: string): Coordinates {
  const { e164 } = loaded.class;
  return { ...entity, number: dialled, ...(e164 ? { e164 } : {}) };
}

/** The flow's published revision, and the call's number in the same breath. */
async function serving(
  db: Db,
  companyId: string,
  { flow }: Target,
): Promise<{ readonly revision: string | null; readonly callNumber: number }> {
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

/** What would become of a call, without placing it. Null like `routeCall`. */
export async function explainRoute(db: Db, request: RouteRequest): Promise<ExplainedRoute | null> {
  const decided = await decideRoute(db, request);
  if (!decided) return null;
  const { decision, loaded, feature } = decided;
  const { called, refused, found, trunks } = await targetOf(db, request, decided);
  return { decision, class: loaded.class, feature: feature?.action.action ?? null, found, called, trunks, refused };
}
