/** Routing rules and settings, feature codes, and the explanation of a route. */
import { featureCodeRoutes, routingRoutes } from '@callwright/api-contract';
import type { Destination } from '@callwright/engine';
import { CALLED_NUMBER, parsePattern } from '@callwright/engine/routing';
import {
  type CompanyScope,
  createFeatureCode,
  createRule,
  type Db,
  deleteFeatureCode,
  deleteRule,
  destinationExists,
  type ExplainedRoute,
  explainRoute,
  type FeatureCode,
  featureAction,
  featureActions,
  getRoutingSettings,
  getRule,
  getUser,
  listFeatureCodes,
  listRules,
  offeredDestinations,
  orderRules,
  putRoutingSettings,
  type RuleRow,
  updateFeatureCode,
  updateRule,
} from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

const rule = ({ createdAt, openings, times, fromTrunks, viaTrunks, ...row }: RuleRow) => ({
  ...row,
  openings: [...openings],
  times: times.map(({ days, ...range }) => ({ ...range, days: [...days] })),
  fromTrunks: [...fromTrunks],
  viaTrunks: [...viaTrunks],
  createdAt: iso(createdAt),
});

/** Throws `API_PATTERN_INVALID` for the first that cannot be read. */
export function checkPatterns(patterns: Readonly<Record<string, string | null | undefined>>): void {
  for (const [path, pattern] of Object.entries(patterns)) {
    if (pattern != null && !parsePattern(pattern))
      throw new ApiError('API_PATTERN_INVALID', { errors: [{ path, message: 'is no number pattern' }] });
  }
}

async function checkDestination(
  db: Db,
  company: CompanyScope,
  destination: Destination | null | undefined,
): Promise<void> {
  if (!destination) return;
  const { type, id } = destination;
  // what it will be when a call comes
  const named = type === 'number' ? { type, id: id.replaceAll(CALLED_NUMBER, '0') } : destination;
  if (!(await destinationExists(db, company, named))) throw new ApiError('API_UNKNOWN_DESTINATION');
}

function ruleHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routingRoutes.listRoutingRules, async (_input, { company }) => ({
      items: (await listRules(db, company)).map(rule),
    })),
    implement(routingRoutes.createRoutingRule, async ({ body }, { company, mintId }) => {
      checkPatterns({ callingPattern: body.callingPattern, calledPattern: body.calledPattern });
      await checkDestination(db, company, body.destination);
      return rule(await createRule(db, company, mintId, body));
    }),
    implement(routingRoutes.getRoutingRule, async ({ params }, { company }) =>
      rule(found(await getRule(db, company, params.id))),
    ),
    implement(routingRoutes.updateRoutingRule, async ({ params, body }, { company }) => {
      found(await getRule(db, company, params.id));
      checkPatterns({ callingPattern: body.callingPattern, calledPattern: body.calledPattern });
      await checkDestination(db, company, body.destination);
      return rule(found(await updateRule(db, company, params.id, body)));
    }),
    implement(routingRoutes.deleteRoutingRule, async ({ params }, { company, audit }) => {
      if (!(await deleteRule(db, company, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'routing-rule.deleted', entity: { type: 'routing-rule', id: params.id } });
    }),
    implement(routingRoutes.orderRoutingRules, async ({ body }, { company }) => {
      const ordered = await orderRules(db, company, body.ids);
      if (!ordered) throw new ApiError('API_UNKNOWN_REFERENCE', { detail: 'Name each rule of the company once.' });
      return { items: ordered.map(rule) };
    }),
    implement(routingRoutes.getRoutingSettings, async (_input, { company }) =>
      settings(await getRoutingSettings(db, company)),
    ),
    implement(routingRoutes.putRoutingSettings, async ({ body }, { company, audit }) => {
      await checkDestination(db, company, body.defaultDestination);
      const stored = await putRoutingSettings(db, company, body);
      await audit({ action: 'routing-settings.changed' });
      return settings(stored);
    }),
    implement(routingRoutes.explainRoute, async ({ query }, { company }) => {
      const user = query.user === undefined ? null : await getUser(db, company, query.user);
      if (query.user !== undefined && !user)
        throw new ApiError('API_UNKNOWN_REFERENCE', { detail: 'There is no such user.' });
      const explained = await explainRoute(db, {
        companyId: company.companyId,
        role: query.role ?? 'user',
        userId: user?.id ?? null,
        calling: query.calling ?? user?.extension ?? null,
        trunkId: query.trunk ?? null,
        dialled: query.dialled,
        at: query.at === undefined ? Date.now() : Date.parse(query.at),
      });
      return explanation(found(explained));
    }),
    implement(routingRoutes.listDestinationTypes, async () => ({ items: [...offeredDestinations()] })),
  ];
}

const settings = ({ trunks, emergencyTrunks, ...rest }: Awaited<ReturnType<typeof getRoutingSettings>>) => ({
  ...rest,
  trunks: [...trunks],
  emergencyTrunks: [...emergencyTrunks],
});

function explanation({ decision, class: number, feature, called, trunks, refused }: ExplainedRoute) {
  const { e164, country, kind, label, microsPerMinute } = number;
  return {
    reason: decision.reason,
    rule: decision.rule,
    passed: decision.passed.map((one) => ({ ...one })),
    destination: decision.destination,
    called,
    number: { e164, country, kind, label, microsPerMinute },
    featureAction: feature,
    trunks: [...trunks],
    refused,
  };
}

const code = (row: FeatureCode) => ({ ...row, options: row.options as Record<string, string> });

function checkAction(action: string | undefined): void {
  if (action !== undefined && !featureAction(action)) throw new ApiError('API_UNKNOWN_ACTION');
}

function featureHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(featureCodeRoutes.listFeatureCodes, async (_input, { company }) => ({
      items: (await listFeatureCodes(db, company)).map(code),
    })),
    implement(featureCodeRoutes.createFeatureCode, async ({ body }, { company, mintId }) => {
      checkAction(body.action);
      return code(await createFeatureCode(db, company, mintId, body));
    }),
    implement(featureCodeRoutes.updateFeatureCode, async ({ params, body }, { company }) => {
      checkAction(body.action);
      return code(found(await updateFeatureCode(db, company, params.id, body)));
    }),
    implement(featureCodeRoutes.deleteFeatureCode, async ({ params }, { company, audit }) => {
      if (!(await deleteFeatureCode(db, company, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'feature-code.deleted', entity: { type: 'feature-code', id: params.id } });
    }),
    implement(featureCodeRoutes.listFeatureActions, async () => ({
      items: featureActions().map(({ action, argument, defaultCode }) => ({ action, argument, defaultCode })),
    })),
  ];
}

export function routingHandlers(services: Services): Implementation[] {
  return [...ruleHandlers(services), ...featureHandlers(services)];
}
