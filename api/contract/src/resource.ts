/** The five routes of an entity that belongs to a company: list, make, read, change, delete. */
import * as z from 'zod';
import type { ApiErrorCode } from './errors.ts';
import { EntityNumber, PageQuery, pageOf, Time, Uuid } from './fields.ts';
import type { Entitlement, Scope } from './permissions.ts';
import { defineRoute, type RouteContract } from './route.ts';

type Shape = z.ZodRawShape;

interface ResourceInput<One extends string, Many extends string, V extends Shape, W extends Shape, D extends Shape> {
  /** In route ids: `createSite`, `listSites`. */
  readonly one: One;
  readonly many: Many;
  /** Below `/api/v1`; also the tag, without the slash. */
  readonly path: string;
  /** In summaries, e.g. `site`, `sites`. */
  readonly called: readonly [one: string, many: string];
  /** What is shown beside id, number and time. */
  readonly view: V;
  /** What is written. */
  readonly write: W;
  /** Fields of `write` that may be left out when one is made. */
  readonly defaults: D;
  readonly query?: Shape;
  readonly errors?: readonly ApiErrorCode[];
  /** Scope that changes need; default `directory`. */
  readonly scope?: Scope;
  readonly entitlement?: Entitlement;
}

type IdShape = { readonly id: typeof Uuid };
type View<V extends Shape> = z.ZodObject<
  { id: typeof Uuid; number: typeof EntityNumber } & V & { createdAt: typeof Time }
>;

/** Routes by id, typed like routes written one by one. */
export type ResourceRoutes<
  One extends string,
  Many extends string,
  V extends Shape,
  W extends Shape,
  D extends Shape,
> = Record<
  `list${Many}`,
  RouteContract<Shape, typeof PageQuery & Shape, null, z.ZodType<{ items: z.output<View<V>>[]; next: string | null }>>
> &
  Record<`create${One}`, RouteContract<Shape, Shape, z.ZodObject<Omit<W, keyof D> & D>, View<V>>> &
  Record<`get${One}`, RouteContract<IdShape, Shape, null, View<V>>> &
  Record<`update${One}`, RouteContract<IdShape, Shape, z.ZodType<Partial<z.output<z.ZodObject<W>>>>, View<V>>> &
  Record<`delete${One}`, RouteContract<IdShape, Shape, null, null>>;

/**
 * Define the routes of a resource.
 * @example
 * resourceRoutes({ one: 'ParkSlot', many: 'ParkSlots', path: '/park-slots', called: ['park slot', 'park slots'], view, write, defaults })
 */
export function resourceRoutes<
  const One extends string,
  const Many extends string,
  V extends Shape,
  W extends Shape,
  D extends Shape,
>(input: ResourceInput<One, Many, V, W, D>): ResourceRoutes<One, Many, V, W, D> {
  const { one, many, path, called, errors = [], scope = 'directory', entitlement } = input;
  const tag = path.slice(1);
  const params = { id: Uuid };
  const view = z.strictObject({ id: Uuid, number: EntityNumber, ...input.view, createdAt: Time }).meta({ id: one });
  const read = { scope: 'read', company: true, tag, body: null } as const;
  const change = { scope, company: true, tag, ...(entitlement ? { entitlement } : {}) } as const;
  const list = defineRoute({
    ...read,
    id: `list${many}`,
    method: 'GET',
    path,
    summary: `${called[1][0]!.toUpperCase()}${called[1].slice(1)} by number`,
    query: { ...PageQuery, ...input.query },
    answer: pageOf(view),
  });
  const create = defineRoute({
    ...change,
    id: `create${one}`,
    method: 'POST',
    path,
    summary: `Make a ${called[0]}`,
    body: z.strictObject({ ...input.write, ...input.defaults }),
    status: 201,
    answer: view,
    errors,
  });
  const one_ = { path: `${path}/:id`, params } as const;
  const get = defineRoute({
    ...read,
    ...one_,
    id: `get${one}`,
    method: 'GET',
    summary: `One ${called[0]}`,
    answer: view,
  });
  const update = defineRoute({
    ...change,
    ...one_,
    id: `update${one}`,
    method: 'PATCH',
    summary: `Change a ${called[0]}`,
    body: z.strictObject(input.write).partial(),
    answer: view,
    errors,
  });
  const remove = defineRoute({
    ...change,
    ...one_,
    id: `delete${one}`,
    method: 'DELETE',
    summary: `Delete a ${called[0]}`,
    body: null,
    answer: null,
  });
  const routes = { [list.id]: list, [create.id]: create, [get.id]: get, [update.id]: update, [remove.id]: remove };
  return routes as unknown as ResourceRoutes<One, Many, V, W, D>;
}
