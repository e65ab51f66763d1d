/** Integration modules of partner contracts, their tokens, and the contracts that are served. */
import { partnerModuleRoutes as routes } from '@callwright/api-contract';
import type { JsonValue } from '@callwright/engine';
import { PARTNERS, type PartnerContract, partnerContract } from '@callwright/partners';
import {
  beginPartnerEvents,
  type CompanyScope,
  type Entity,
  inTransaction,
  newPartnerToken,
  openPartnerToken,
  type PartnerModuleFields,
  partnerModules,
} from '@callwright/store';
import * as z from 'zod';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, limitOf, numberCursor } from '../http/paging.ts';
import { PARTNER_PAGES_PREFIX } from '../partners/demo.ts';
import { ApiError } from '../problem.ts';

const view = ({ id, number, contract, name, enabled, settings, createdAt }: Entity<PartnerModuleFields>) => ({
  id,
  number,
  contract,
  name,
  enabled,
  settings,
  createdAt: iso(createdAt),
});

function contractOf(name: string): PartnerContract {
  const contract = partnerContract(name);
  if (!contract) throw new ApiError('API_UNKNOWN_CONTRACT');
  return contract;
}

/** Settings with their defaults, as the contract's schema says. */
function checked(contract: PartnerContract, settings: unknown): Readonly<Record<string, JsonValue>> {
  const parsed = contract.settings.safeParse(settings);
  if (parsed.success) return parsed.data as Record<string, JsonValue>;
  const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].join(', ');
  throw new ApiError('API_BAD_SETTINGS', { detail: `Not as the schema says: ${fields || 'settings'}.` });
}

const pathsOf = (contract: PartnerContract): string[] => contract.mounts.map(({ path }) => path);

const contractView = ({ name, label, rows, settings, mounts, demo }: PartnerContract) => ({
  name,
  label,
  paths: mounts.map(({ path }) => path),
  settings: z.toJSONSchema(settings, { io: 'input' }) as Record<string, unknown>,
  programs: (demo?.pages ?? []).map(({ title, path }) => ({ title, path: `${PARTNER_PAGES_PREFIX}${name}/${path}` })),
  rows: rows.map(({ lacks = null, ...row }) => ({ ...row, lacks })),
});

function tokenHandlers({ store: { db }, keyring }: Services): Implementation[] {
  const shown = (company: CompanyScope, module: Pick<PartnerModuleFields, 'contract' | 'tokenEnc'>) => ({
    token: openPartnerToken(keyring, company, module.tokenEnc),
    paths: pathsOf(contractOf(module.contract)),
  });
  const note = (context: Context, action: string, id: string) =>
    context.audit({ action: `partner-module.${action}`, entity: { type: 'partner-module', id } });
  return [
    implement(routes.getPartnerToken, async ({ params }, context) => {
      const module = found(await partnerModules.get(db, context.company, params.id));
      await note(context, 'token-shown', params.id);
      return shown(context.company, module);
    }),
    implement(routes.replacePartnerToken, async ({ params }, context) => {
      const fresh = newPartnerToken(keyring, context.company);
      const module = found(await partnerModules.update(db, context.company, params.id, fresh));
      await note(context, 'token-replaced', params.id);
      return shown(context.company, module);
    }),
  ];
}

export function partnerModuleHandlers(services: Services): Implementation[] {
  const { store, keyring } = services;
  const { db } = store;
  return [
    implement(routes.listPartnerModules, async ({ query }, { company }) => {
      const filter = { after: numberCursor(query) ?? 0, limit: limitOf(query) };
      const { items, next } = await partnerModules.list(db, company, filter);
      return { items: items.map(view), next };
    }),
    implement(routes.getPartnerModule, async ({ params }, { company }) =>
      view(found(await partnerModules.get(db, company, params.id))),
    ),
    implement(routes.createPartnerModule, async ({ body }, { company, mintId }) => {
      const settings = checked(contractOf(body.contract), body.settings);
      const fields = { ...body, settings, ...newPartnerToken(keyring, company) };
      return inTransaction(db, async (tx) => {
        await beginPartnerEvents(tx, company);
        return view(await partnerModules.create(tx, company, mintId, fields));
      });
    }),
    implement(routes.updatePartnerModule, async ({ params, body }, { company }) => {
      const module = found(await partnerModules.get(db, company, params.id));
      const { settings, ...rest } = body;
      // what is not named stays as it is
      const whole = settings && checked(contractOf(module.contract), { ...module.settings, ...settings });
      const fields = { ...rest, ...(whole ? { settings: whole } : {}) };
      return view(found(await partnerModules.update(db, company, params.id, fields)));
    }),
    implement(routes.deletePartnerModule, async ({ params }, { company, audit }) => {
      if (!(await partnerModules.remove(db, company, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'partner-module.deleted', entity: { type: 'partner-module', id: params.id } });
    }),
    ...tokenHandlers(services),
    implement(routes.listPartnerContracts, async () => ({ items: PARTNERS.map(contractView) })),
  ];
}
