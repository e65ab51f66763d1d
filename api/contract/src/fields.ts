/** Field types shared by the contracts. No refine and no transform: each is representable as JSON Schema. */
import { Alert } from '@callwright/engine/protocol';
import * as z from 'zod';
import { API_ERRORS, type ApiErrorCode } from './errors.ts';

export const Uuid = z.uuid();
/** A time as ISO 8601 in UTC. */
export const Time = z.iso.datetime();
/** Unique positive integer of an entity in its company. */
export const EntityNumber = z.number().int().positive();
/** BCP 47, e.g. `fr` or `en-GB`. */
export const Language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/);
export const Extension = z.string().regex(/^[0-9*#]{1,10}$/);
/** As dialled: E.164 with `+`, or a service number. */
export const Dialled = z.string().regex(/^\+?[0-9*#]{1,32}$/);
/** A number as people write it, separators included. */
export const WrittenNumber = z.string().regex(/^\+?[0-9*#][0-9*# ()./-]{0,39}$/);
/** ISO 3166-1 alpha-2. */
export const Country = z.string().regex(/^[A-Z]{2}$/);
/** Keyed on a phone; never shown again. */
export const Pin = z.string().regex(/^[0-9]{4,12}$/);
export const Email = z.email().max(200);
export const Password = z.string().min(12).max(200);
/** Name of a prompt or flow in its company, as used in addresses. */
export const Slug = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/);
export const Label = z.string().min(1).max(100);

/** Numbers in a query string are text. */
const NumberText = z.string().regex(/^[0-9]{1,15}$/);

export const PageQuery = {
  /** `next` of the page before. */
  cursor: z.string().max(60).optional().meta({ description: '`next` of the page before' }),
  limit: z
    .string()
    .regex(/^([1-9][0-9]{0,1}|[1-4][0-9]{2}|500)$/)
    .optional()
    .meta({ description: '1 to 500, default 100' }),
};
export { NumberText };

/** A page of a list; `next` is the cursor of the next page, null on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

/** A coded finding of lint, as the engine reports it. */
export const Diagnostic = z
  .looseObject({ code: z.string(), severity: z.enum(['error', 'warning', 'info']) })
  .meta({ id: 'Diagnostic' });

const codes = Object.keys(API_ERRORS) as [ApiErrorCode, ...ApiErrorCode[]];

/** RFC 9457. */
export const Problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(codes),
    detail: z.string().optional(),
    requestId: z.string(),
    /** What is wrong with which field. */
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
    diagnostics: z.array(Diagnostic).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** Put before the caller's name on phones that ring for a group or queue. */
export const NamePrefix = z
  .string()
  .max(40)
  .regex(/^[^\p{Cc}]*$/u)
  .meta({ description: 'Before the caller’s name on the phones that ring' });

/** A way to ring that phones know by name: sent as `info` of Alert-Info (RFC 3261 §20.4). */
export const RingAlert = Alert.nullable().meta({ description: 'How the phones ring: sent as info of Alert-Info' });
