/** A user's own space. */
import { meRoutes as routes } from '@callwright/api-contract';
import {
  type CallerListKind,
  deleteContact,
  findContactsByNumber,
  getContact,
  getUser,
  listContacts,
  listDevices,
  listUsers,
  mayChangeBook,
  ownCallers,
  privateBook,
  putOwnCallers,
  type UserRow,
  updateUser,
  writeContacts,
} from '@callwright/store';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { entryView, readEntries } from './caller-lists.ts';
import { boundData, contactView, countryOf } from './phonebooks.ts';
import { deviceView, userFieldsOf, userView } from './users.ts';

/** The user that asks; an account without one is nobody here. */
export const selfOf = ({ identity, company }: Context): string => {
  // a key of an administrator, or an account of another company, acts for no user of this one
  if (identity.userId === null || identity.ownerId !== company.companyId) throw new ApiError('API_NOT_FOUND');
  return identity.userId;
};

const colleague = (user: UserRow) => ({
  id: user.id,
  number: user.number,
  extension: user.extension,
  givenName: user.givenName,
  familyName: user.familyName,
  email: user.email,
  departmentId: user.departmentId,
  phrase: user.phrase,
  mode: user.mode,
  modeNote: user.modeNote,
  registered: user.registered,
  numbers: user.numbers,
});

export function meHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.getMe, async (_input, context) =>
      userView(found(await getUser(db, context.company, selfOf(context)))),
    ),
    implement(routes.updateMe, async ({ body }, context) =>
      userView(found(await updateUser(db, context.company, selfOf(context), await userFieldsOf(body)))),
    ),
    implement(routes.listMyDevices, async (_input, context) => ({
      items: (await listDevices(db, context.company, selfOf(context))).map(deviceView),
    })),
    implement(routes.listColleagues, async ({ query }, context) => {
      selfOf(context);
      const filter = {
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
        search: query.search,
        visible: true as const,
      };
      const { items, next } = await listUsers(db, context.company, filter);
      return { items: items.map(colleague), next };
    }),
    ...contactHandlers(db),
  ];
}

function contactHandlers(db: Services['store']['db']): Implementation[] {
  return [
    implement(routes.listMyContacts, async ({ query }, context) => {
      const filter = { after: numberCursor(query) ?? 0, limit: limitOf(query), search: query.search };
      const { items, next } = await listContacts(db, context.company, { ...filter, seenByUser: selfOf(context) });
      return { items: items.map(contactView), next };
    }),
    implement(routes.lookUpMyContacts, async ({ query }, context) => {
      const userId = selfOf(context);
      const country = await countryOf(db, context.company);
      const items = await findContactsByNumber(db, context.company, { number: query.number, country, userId });
      return { items: items.map(contactView) };
    }),
    implement(routes.createMyContact, async ({ body }, context) => {
      const userId = selfOf(context);
      const { company, mintId } = context;
      const made = await getContact(db, company, mintId);
      if (made) return contactView(made);
      const fields = { ...body, data: boundData(body.data) };
      const book = await privateBook(db, company, userId);
      const country = await countryOf(db, company);
      await writeContacts(db, company, book, country, [{ id: mintId, fields, external: null }]);
      return contactView(found(await getContact(db, company, mintId)));
    }),
    implement(routes.deleteMyContact, async ({ params }, context) => {
      const contact = found(await getContact(db, context.company, params.id));
      if (!(await mayChangeBook(db, context.company, contact.phonebookId, selfOf(context))))
        throw new ApiError('API_NOT_FOUND');
      await deleteContact(db, context.company, params.id);
    }),
    implement(routes.getMyCallerLists, async (_input, context) => {
      const entries = await ownCallers(db, context.company, selfOf(context));
      const of = (kind: CallerListKind) => entries.filter((entry) => entry.kind === kind).map(entryView);
      return { allow: of('allow'), block: of('block'), vip: of('vip') };
    }),
    implement(routes.putMyCallerList, async ({ body }, context) => {
      const entries = readEntries(body.entries);
      await putOwnCallers(db, context.company, selfOf(context), body.kind, entries);
    }),
  ];
}
