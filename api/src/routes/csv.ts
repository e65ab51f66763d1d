/** Import and export as CSV. */
import { csvRoutes as routes } from '@callwright/api-contract';
import type { CsvKind } from '../csv/csv-kind.ts';
import { exportCsv } from '../csv/export-csv.ts';
import { importCsv } from '../csv/import-csv.ts';
import { contacts } from '../csv/kinds/contacts.ts';
import { devices } from '../csv/kinds/devices.ts';
import { numbers } from '../csv/kinds/numbers.ts';
import { ringGroups } from '../csv/kinds/ring-groups.ts';
import { users } from '../csv/kinds/users.ts';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { ApiError } from '../problem.ts';

type ImportRoute = (typeof routes)['importUsers'];
type ExportRoute = (typeof routes)['exportUsers'];

const SHOWN_ERRORS = 100;

function handlersOf(services: Services, kind: CsvKind, into: ImportRoute, from: ExportRoute): Implementation[] {
  return [
    implement(into, async ({ body, query }, { company, audit }) => {
      const dryRun = query.dryRun === 'true';
      const result = await importCsv(services, company, kind, body, dryRun);
      if (!dryRun && result.errors.length > 0)
        throw new ApiError('API_IMPORT_INVALID', {
          errors: result.errors.slice(0, SHOWN_ERRORS).map(({ line, column, message }) => ({
            path: column === null ? `line ${line}` : `line ${line}, ${column}`,
            message,
          })),
        });
      const { created, updated } = result;
      if (!dryRun) await audit({ action: `${into.path.slice(1).replace('/', '.')}`, detail: { created, updated } });
      return result;
    }),
    implement(from, async (_input, { company, reply, audit }) => {
      const name = from.path.slice('/exports/'.length);
      reply.header('content-disposition', `attachment; filename="${name}.csv"`);
      await audit({ action: `exports.${name}` });
      return exportCsv(services.store.db, company, kind);
    }),
  ];
}

export function csvHandlers(services: Services): Implementation[] {
  return [
    ...handlersOf(services, users, routes.importUsers, routes.exportUsers),
    ...handlersOf(services, devices, routes.importDevices, routes.exportDevices),
    ...handlersOf(services, contacts, routes.importContacts, routes.exportContacts),
    ...handlersOf(services, numbers, routes.importNumbers, routes.exportNumbers),
    ...handlersOf(services, ringGroups, routes.importRingGroups, routes.exportRingGroups),
  ];
}
