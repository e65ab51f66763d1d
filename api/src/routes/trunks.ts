/** Trunks of any owner; their passwords come in and never leave but by an audited request. */
import { trunkRoutes } from '@callwright/api-contract';
import {
  createTrunk,
  deleteTrunk,
  getOwner,
  getTrunk,
  getTrunkSecret,
  listTrunks,
  listUsableTrunks,
  type TrunkFields,
  type TrunkRow,
  trunkSeal,
  updateTrunk,
} from '@callwright/store';
import type * as z from 'zod';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, isoOrNull, limitOf, uuidCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

const trunk = (row: TrunkRow) => ({
  id: row.id,
  ownerId: row.owner_id,
  number: row.number,
  name: row.name,
  kind: row.kind,
  mode: row.mode,
  enabled: row.enabled,
  shared: row.shared,
  host: row.host,
  port: row.port,
  transport: row.transport,
  proxies: row.proxies,
  authUser: row.auth_user,
  realm: row.realm,
  fromUser: row.from_user,
  fromDomain: row.from_domain,
  registerSeconds: row.register_seconds,
  optionsSeconds: row.options_seconds,
  sources: row.sources,
  trusted: row.trusted,
  codecs: row.codecs,
  codecsForced: row.codecs_forced,
  maxCalls: row.max_calls,
  callsPerSecond: row.calls_per_second,
  callerId: row.caller_id,
  defaultNumber: row.default_number,
  defaultName: row.default_name,
  identity: row.identity,
  numberForm: row.number_form,
  outboundStrip: row.outbound_strip,
  outboundPrefix: row.outbound_prefix,
  calledFrom: row.called_from,
  inboundStrip: row.inbound_strip,
  inboundPrefix: row.inbound_prefix,
  tellDiversion: row.tell_diversion,
  hasSecret: row.has_secret,
  state: row.state,
  stateSince: iso(row.since),
  sipStatus: row.sip_status,
  registeredUntil: isoOrNull(row.expires_at),
  busyLines: row.busy_lines,
  createdAt: iso(row.created_at),
});

type Patch = z.output<typeof trunkRoutes.updateTrunk.body>;

/** Fields of the API whose columns are named otherwise. */
const COLUMNS = {
  authUser: 'auth_user',
  fromUser: 'from_user',
  fromDomain: 'from_domain',
  registerSeconds: 'register_seconds',
  optionsSeconds: 'options_seconds',
  codecsForced: 'codecs_forced',
  maxCalls: 'max_calls',
  callsPerSecond: 'calls_per_second',
  callerId: 'caller_id',
  defaultNumber: 'default_number',
  defaultName: 'default_name',
  numberForm: 'number_form',
  outboundStrip: 'outbound_strip',
  outboundPrefix: 'outbound_prefix',
  calledFrom: 'called_from',
  inboundStrip: 'inbound_strip',
  inboundPrefix: 'inbound_prefix',
  tellDiversion: 'tell_diversion',
} as const satisfies Partial<Record<keyof Patch, keyof TrunkFields>>;

function columns(fields: Omit<Patch, 'secret'>): Partial<TrunkFields> {
  const named: Readonly<Record<string, string>> = COLUMNS;
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [named[name] ?? name, value]));
}

function ownHandlers({ store: { db }, keyring }: Services): Implementation[] {
  return [
    implement(trunkRoutes.listTrunks, async ({ query }, { identity }) => {
      const { items, next } = await listTrunks(db, identity.ownerId, uuidCursor(query), limitOf(query));
      return { items: items.map(trunk), next };
    }),
    implement(trunkRoutes.createTrunk, async ({ body }, { identity, mintId, audit }) => {
      const { ownerId, secret, ...fields } = body;
      const owner = found(await getOwner(db, identity.ownerId, ownerId ?? identity.ownerId));
      const made = await createTrunk(db, identity.ownerId, {
        id: mintId,
        ownerId: owner.id,
        secretEnc: secret === null ? null : keyring.seal(trunkSeal(owner.id), secret),
        fields: columns(fields) as TrunkFields,
      });
      await audit({ action: 'trunk.created', entity: { type: 'trunk', id: mintId }, ownerId: owner.id });
      return trunk(found(made));
    }),
    implement(trunkRoutes.getTrunk, async ({ params }, { identity }) =>
      trunk(found(await getTrunk(db, identity.ownerId, params.id))),
    ),
    implement(trunkRoutes.updateTrunk, async ({ params, body }, { identity, audit }) => {
      const known = found(await getTrunk(db, identity.ownerId, params.id));
      const { secret, ...fields } = body;
      const sealed = secret == null ? secret : keyring.seal(trunkSeal(known.owner_id), secret);
      const change = { fields: columns(fields), ...(sealed === undefined ? {} : { secretEnc: sealed }) };
      const changed = found(await updateTrunk(db, identity.ownerId, params.id, change));
      await audit({ action: 'trunk.changed', entity: { type: 'trunk', id: params.id }, ownerId: known.owner_id });
      return trunk(changed);
    }),
    implement(trunkRoutes.deleteTrunk, async ({ params }, { identity, audit }) => {
      const known = found(await getTrunk(db, identity.ownerId, params.id));
      if (!(await deleteTrunk(db, identity.ownerId, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'trunk.deleted', entity: { type: 'trunk', id: params.id }, ownerId: known.owner_id });
    }),
    implement(trunkRoutes.showTrunkSecret, async ({ params }, { identity, audit }) => {
      const { ownerId, authUser, secretEnc } = found(await getTrunkSecret(db, identity.ownerId, params.id));
      // the line is written before the secret leaves
      await audit({ action: 'trunk.secret-shown', entity: { type: 'trunk', id: params.id }, ownerId });
      return { authUser, secret: secretEnc && keyring.openText(trunkSeal(ownerId), secretEnc) };
    }),
  ];
}

export function trunkHandlers(services: Services): Implementation[] {
  return [
    ...ownHandlers(services),
    implement(trunkRoutes.listUsableTrunks, async (_input, { company }) => ({
      items: await listUsableTrunks(services.store.db, company),
    })),
  ];
}
