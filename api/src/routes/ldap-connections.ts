/** The directory service of a company's phones, and of single users'. */
import { ldapRoutes as routes } from '@callwright/api-contract';
import {
  deleteLdapConnection,
  getLdapConnection,
  getUser,
  type LdapConnection,
  type LdapFields,
  ldapSeal,
  putLdapConnection,
  settingsOfCompany,
} from '@callwright/store';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

const view = ({ passwordEnc, ...connection }: LdapConnection) => ({ ...connection, hasPassword: passwordEnc !== null });

type Body = LdapFields & { readonly password?: string | null | undefined };

async function write({ store: { db }, keyring }: Services, { company }: Context, userId: string | null, body: Body) {
  const { password, ...fields } = body;
  const sealed = password == null ? password : keyring.seal(ldapSeal(company.companyId), password);
  const set = await putLdapConnection(db, company, userId, {
    ...fields,
    ...(sealed === undefined ? {} : { passwordEnc: sealed }),
  });
  if (!set) throw new ApiError('API_NOT_FOUND');
  return view(found(await getLdapConnection(db, company, userId, true)));
}

async function secret({ store: { db }, keyring }: Services, context: Context, userId: string | null) {
  const { company, identity, audit } = context;
  const { hideSecrets } = await settingsOfCompany(db, company);
  if (hideSecrets && identity.ownerId === company.companyId) throw new ApiError('API_FORBIDDEN');
  const { username, passwordEnc } = found(await getLdapConnection(db, company, userId, true));
  // the line is written before the secret leaves
  await audit({ action: 'ldap.secret-shown', entity: { type: 'owner', id: userId ?? company.companyId } });
  return { username, password: passwordEnc && keyring.openText(ldapSeal(company.companyId), passwordEnc) };
}

export function ldapHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  const remove = async ({ company, audit }: Context, userId: string | null) => {
    if (!(await deleteLdapConnection(db, company, userId))) throw new ApiError('API_NOT_FOUND');
    await audit({ action: 'ldap.deleted', entity: { type: 'owner', id: userId ?? company.companyId } });
  };
  return [
    implement(routes.getLdapConnection, async (_input, { company }) =>
      view(found(await getLdapConnection(db, company, null))),
    ),
    implement(routes.putLdapConnection, ({ body }, context) => write(services, context, null, body)),
    implement(routes.deleteLdapConnection, (_input, context) => remove(context, null)),
    implement(routes.showLdapPassword, (_input, context) => secret(services, context, null)),
    implement(routes.getUserLdapConnection, async ({ params }, { company }) => {
      found(await getUser(db, company, params.id));
      return view(found(await getLdapConnection(db, company, params.id)));
    }),
    implement(routes.putUserLdapConnection, ({ params, body }, context) => write(services, context, params.id, body)),
    implement(routes.deleteUserLdapConnection, ({ params }, context) => remove(context, params.id)),
    implement(routes.showUserLdapPassword, ({ params }, context) => secret(services, context, params.id)),
  ];
}
