/** Theme of the console by host name, and the owners' themes. */
import { consoleRoutes as routes, Theme } from '@callwright/api-contract';
import { getOwnerTheme, putOwnerHosts, putOwnerTheme, type ThemeRow, themesOfHost } from '@callwright/store';
import type { FastifyRequest } from 'fastify';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

/** Host name that was asked for, in lower case and without its port. */
export const hostOf = (request: FastifyRequest): string => request.hostname.toLowerCase();

/** What is stored was checked when it came in; a form that an earlier version wrote is shown without what is no longer known. */
function themeOf(stored: unknown): Theme {
  const parsed = Theme.safeParse(stored);
  return parsed.success ? parsed.data : {};
}

const answer = (row: ThemeRow) => ({ theme: themeOf(row.theme), hosts: [...row.hosts] });

/** Theme shown under the host name of a request. */
export async function themeFor({ store }: Pick<Services, 'store'>, request: FastifyRequest): Promise<Theme> {
  const themes = await themesOfHost(store.db, hostOf(request));
  return Object.assign({}, ...themes.map(themeOf));
}

export function consoleHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  return [
    implement(routes.getTheme, async (_input, { request }) => themeFor(services, request)),
    implement(routes.getOwnerTheme, async ({ params }, { identity }) =>
      answer(found(await getOwnerTheme(db, identity.ownerId, params.id))),
    ),
    implement(routes.putOwnerTheme, async ({ params, body }, { identity, audit }) => {
      const kept = found(await putOwnerTheme(db, identity.ownerId, params.id, body));
      await audit({ action: 'theme.changed', entity: { type: 'owner', id: params.id }, ownerId: params.id });
      return answer(kept);
    }),
    implement(routes.putOwnerHosts, async ({ params, body }, { identity, audit }) => {
      found(await getOwnerTheme(db, identity.ownerId, params.id));
      // whoever chooses the host could put his own brand on somebody else's log-in page
      if (params.id === identity.ownerId && identity.ownerKind !== 'platform')
        throw new ApiError('API_FORBIDDEN', { detail: 'Host names are given by the owner above.' });
      const kept = found(await putOwnerHosts(db, identity.ownerId, params.id, body.hosts));
      const detail = { hosts: [...kept.hosts] };
      await audit({ action: 'hosts.changed', entity: { type: 'owner', id: params.id }, ownerId: params.id, detail });
      return answer(kept);
    }),
  ];
}
