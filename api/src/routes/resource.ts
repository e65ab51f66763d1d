/** Serves the five routes of a resource (`resourceRoutes` of the contract) from its rows (`companyResource` of the store). */
import type { RouteContract } from '@callwright/api-contract';
import type { Db, Entity, Patch, Resource } from '@callwright/store';
import { type Implementation, implement } from '../http/context.ts';
import { found, iso, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

interface Codec<F> {
  /** A row as it is shown, without id, number and time. */
  readonly view: (fields: Entity<F>) => object;
  /** A checked body as fields. */
  readonly fields: (body: Record<string, unknown>) => Promise<Patch<F>> | Patch<F>;
  /** Query parameters as values of fields. */
  readonly only?: (query: Record<string, string | undefined>) => Patch<F>;
}

/** Fields that are shown as they are written. */
export const plainCodec = <F>(): Codec<F> => ({
  view: (fields) => fields,
  fields: (body) => body as Patch<F>,
});

type Routes = Readonly<Record<string, RouteContract>>;

/** Handlers of the routes whose ids end in `one` and `many`. */
export function resourceHandlers<F extends object>(
  db: Db,
  routes: object,
  [one, many]: readonly [one: string, many: string],
  resource: Resource<F>,
  codec: Codec<F> = plainCodec<F>(),
): Implementation[] {
  const byId = routes as Routes;
  const { type } = resource.spec;
  const view = (row: Entity<F>) => ({
    ...codec.view(row),
    id: row.id,
    number: row.number,
    createdAt: iso(row.createdAt),
  });
  const contract = (id: string): RouteContract => found(byId[id]);
  return [
    implement(contract(`list${many}`), async ({ query }, { company }) => {
      const filter = { after: numberCursor(query) ?? 0, limit: limitOf(query) };
      const only = definedOnly(codec.only?.(query as Record<string, string>) ?? {}) as Partial<F>;
      const { items, next } = await resource.list(db, company, { ...filter, only });
      return { items: items.map(view), next } as never;
    }),
    implement(contract(`create${one}`), async ({ body }, { company, mintId }) => {
      const fields = await codec.fields(body as unknown as Record<string, unknown>);
      return view(await resource.create(db, company, mintId, fields as F)) as never;
    }),
    implement(
      contract(`get${one}`),
      async ({ params }, { company }) => view(found(await resource.get(db, company, idOf(params)))) as never,
    ),
    implement(contract(`update${one}`), async ({ params, body }, { company }) => {
      const fields = await codec.fields(body as unknown as Record<string, unknown>);
      return view(found(await resource.update(db, company, idOf(params), fields))) as never;
    }),
    implement(contract(`delete${one}`), async ({ params }, { company, audit }) => {
      const id = idOf(params);
      if (!(await resource.remove(db, company, id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: `${type}.deleted`, entity: { type, id } });
      return undefined as never;
    }),
  ];
}

const idOf = (params: unknown): string => (params as { id: string }).id;

const definedOnly = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined));
