/** Erasing a person from a company: rows, then the sound files that were the person's. */
import { rm } from 'node:fs/promises';
import { erasureRoutes as routes } from '@callwright/api-contract';
import { eraseSubject, forgetRecording, recordingFile, unfinishedFile } from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found } from '../http/paging.ts';

export function erasureHandlers({ store: { db }, mediaDir }: Services): Implementation[] {
  /** What is not removed here, telephony removes in its next round. */
  const removeSound = async (companyId: string, ids: readonly string[]): Promise<void> => {
    if (mediaDir === undefined) return;
    for (const id of ids) {
      await rm(recordingFile(mediaDir, companyId, id), { force: true });
      await rm(unfinishedFile(mediaDir, companyId, id), { force: true });
      await forgetRecording(db, { id, companyId, kind: 'call' });
    }
  };

  return [
    implement(routes.erase, async ({ body: { subject, dryRun } }, { company, audit }) => {
      const { tables, liveCalls, recordings } = found(await eraseSubject(db, company, subject, dryRun));
      if (!dryRun) {
        await removeSound(company.companyId, recordings);
        // a number would be back in the database
        const entity = subject.type === 'number' ? { type: 'number', id: 'erased' } : subject;
        const rows = tables.reduce((sum, { deleted, changed }) => sum + deleted + changed, 0);
        await audit({ action: 'subject.erased', entity, detail: { rows, recordings: recordings.length } });
      }
      return { dryRun, tables: [...tables], liveCalls, recordings: recordings.length };
    }),
  ];
}
