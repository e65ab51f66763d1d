/** Loads what routing looks at and lets the engine decide; nothing is placed, refused or written here. */
import { type CallingRole, type RouteDecision, route } from '@callwright/engine/routing';
import { localeOf } from '../owners.ts';
import type { Db } from '../scope.ts';
import { type MatchedFeature, matchFeature } from './feature-codes.ts';
import { type LoadedRouting, loadRouting, screeningOf } from './routing-load.ts';

/** Who calls whom in a company. */
export interface RouteRequest {
  readonly companyId: string;
  readonly role: CallingRole;
  /** The user who calls; null for anybody else. */
  readonly userId: string | null;
  /** Calling number as received; null when withheld. */
  readonly calling: string | null;
  /** Trunk by which the call came. */
  readonly trunkId: string | null;
  readonly dialled: string;
  /** Epoch ms. */
  readonly at: number;
  /** Country of the company, when it has just been read (`RoutingQuestion`). */
  readonly country?: string | undefined;
}

export interface DecidedRoute {
  readonly loaded: LoadedRouting;
  readonly decision: RouteDecision;
  readonly feature: MatchedFeature | null;
}

/** Null when the company does not exist. */
export async function decideRoute(db: Db, request: RouteRequest): Promise<DecidedRoute | null> {
  const { companyId, role, userId, dialled, trunkId, at, calling: from, country } = request;
  const loaded = await loadRouting(db, {
    companyId,
    dialled,
    calling: from,
    country,
    userId: role === 'user' ? userId : null,
  });
  if (!loaded) return null;
  const { called, calling, class: found } = loaded;
  const feature = role === 'user' ? matchFeature(loaded.features, dialled) : null;
  const destination =
    feature && (await feature.action.lead(db, { companyId, userId, argument: feature.argument, ...feature.code }));
  const decision = route(
    {
      ...loaded.table,
      feature: feature && { code: feature.code.code, action: feature.action.action, destination },
      screened: screeningOf(loaded),
    },
    { at, timeZone: localeOf(loaded.settings).timeZone, role, calling, trunkId, dialled, called, class: found },
  );
  return { loaded, decision, feature };
}
