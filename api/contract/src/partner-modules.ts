/** Integration modules: which partner contracts a company's programs speak, with their settings and tokens. */
import * as z from 'zod';
import { Label, Uuid } from './fields.ts';
import { resourceRoutes } from './resource.ts';
import { defineRoute } from './route.ts';

const module = {
  contract: z.string().min(1).max(60).meta({ description: 'Name of the contract; see /partner-contracts' }),
  name: Label,
  enabled: z.boolean(),
  settings: z
    .record(z.string().max(60), z.unknown())
    .meta({ description: 'As the JSON Schema of the contract says; what is left out takes its default' }),
};
const { contract: _contract, ...changeable } = module;

const resource = resourceRoutes({
  one: 'PartnerModule',
  many: 'PartnerModules',
  path: '/partner-modules',
  called: ['integration module', 'integration modules'],
  view: module,
  write: module,
  defaults: { enabled: module.enabled.default(true), settings: module.settings.default({}) },
  errors: ['API_UNKNOWN_CONTRACT', 'API_BAD_SETTINGS'],
  scope: 'admin',
});

const params = { id: Uuid };
const secret = { scope: 'secrets', company: true, tag: 'partner-modules', params, body: null } as const;
const Token = z.strictObject({
  token: z.string(),
  /** Paths that the contract is served on, after the host. */
  paths: z.array(z.string()),
});

export const PartnerContractView = z
  .strictObject({
    name: z.string(),
    label: z.string(),
    paths: z.array(z.string()),
    settings: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema of a module’s settings' }),
    programs: z
      .array(z.strictObject({ title: z.string(), path: z.string() }))
      .meta({ description: 'Pages by which a token can be tried' }),
    rows: z.array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        kind: z.string(),
        provenance: z.string(),
        lacks: z.strictObject({ state: z.string(), why: z.string() }).nullable(),
      }),
    ),
  })
  .meta({ id: 'PartnerContract' });

export const partnerModuleRoutes = {
  ...resource,
  updatePartnerModule: defineRoute({
    id: 'updatePartnerModule',
    method: 'PATCH',
    path: '/partner-modules/:id',
    tag: 'partner-modules',
    summary: 'Change an integration module; its contract stays',
    scope: 'admin',
    company: true,
    params,
    body: z.strictObject(changeable).partial(),
    answer: resource.getPartnerModule.answer,
    errors: ['API_BAD_SETTINGS'],
  }),
  getPartnerToken: defineRoute({
    ...secret,
    id: 'getPartnerToken',
    method: 'GET',
    path: '/partner-modules/:id/token',
    summary: 'Show the token of an integration module; audited',
    answer: Token,
  }),
  replacePartnerToken: defineRoute({
    ...secret,
    id: 'replacePartnerToken',
    method: 'POST',
    path: '/partner-modules/:id/token',
    summary: 'Give an integration module a new token; the old one opens nothing any more',
    answer: Token,
  }),
  listPartnerContracts: defineRoute({
    id: 'listPartnerContracts',
    method: 'GET',
    path: '/partner-contracts',
    tag: 'partner-modules',
    summary: 'Partner contracts that are served, with their rows and the schema of their settings',
    scope: 'read',
    company: false,
    body: null,
    answer: z.strictObject({ items: z.array(PartnerContractView) }),
  }),
} as const;
