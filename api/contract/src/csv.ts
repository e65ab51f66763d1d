/** Import and export of users, devices, contacts, numbers and ring groups as CSV. */
import * as z from 'zod';
import type { Scope } from './permissions.ts';
import { defineRoute } from './route.ts';

/** What can be imported and exported; the columns are in docs/guides/directory.md. */
export const CSV_KINDS = ['users', 'devices', 'contacts', 'numbers', 'ring-groups'] as const;
export type CsvKindName = (typeof CSV_KINDS)[number];

export const MAX_CSV_BYTES = 16 * 1024 * 1024;
/** Lines of one file. */
export const MAX_CSV_LINES = 20_000;

export const ImportReport = z
  .strictObject({
    dryRun: z.boolean(),
    lines: z.number().int(),
    created: z.number().int(),
    updated: z.number().int(),
    /** At most 1000; a file with any is not imported at all. */
    errors: z.array(
      z.strictObject({
        /** Of the file, the header being line 1. */
        line: z.number().int(),
        column: z.string().nullable(),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: 'ImportReport' });

const route = (kind: CsvKindName, name: string, scope: Scope) => ({
  [`import${name}`]: defineRoute({
    id: `import${name}`,
    method: 'POST',
    path: `/imports/${kind}`,
    tag: 'csv',
    summary: `Import ${kind}: the whole file, or nothing and what is wrong on which line`,
    scope,
    company: true,
    query: {
      dryRun: z.enum(['true', 'false']).optional().meta({ description: 'Try everything and keep nothing' }),
    },
    body: 'csv',
    answer: ImportReport,
    errors: ['API_CSV_INVALID', 'API_IMPORT_INVALID'],
    bodyLimitBytes: MAX_CSV_BYTES,
  }),
  [`export${name}`]: defineRoute({
    id: `export${name}`,
    method: 'GET',
    path: `/exports/${kind}`,
    tag: 'csv',
    summary: `All ${kind} as CSV, in the form that can be imported`,
    scope: 'read',
    company: true,
    body: null,
    answer: 'csv',
  }),
});

type CsvRoutes<Name extends string> = Record<
  `import${Name}`,
  ReturnType<
    typeof defineRoute<
      object & z.ZodRawShape,
      { dryRun: z.ZodOptional<z.ZodEnum<{ true: 'true'; false: 'false' }>> },
      'csv',
      typeof ImportReport
    >
  >
> &
  Record<`export${Name}`, ReturnType<typeof defineRoute<object & z.ZodRawShape, object & z.ZodRawShape, null, 'csv'>>>;

export const csvRoutes = {
  ...route('users', 'Users', 'directory'),
  ...route('devices', 'Devices', 'directory'),
  ...route('contacts', 'Contacts', 'contacts'),
  ...route('numbers', 'Numbers', 'directory'),
  ...route('ring-groups', 'RingGroups', 'directory'),
} as unknown as CsvRoutes<'Users' | 'Devices' | 'Contacts' | 'Numbers' | 'RingGroups'>;
