/** Erasing a person from a company: rows, then the sound files that were the person's; what takes long an io worker goes on with. */
import { rm } from 'node:fs/promises';
import { erasureRoutes as routes } from '@callwright/api-contract';
import {
  beginErasure,
  type CompanyScope,
  type Erasure,
  forgetRecording,
  getErasure,
  recordingFile,
  stepErasure,
  unfinishedFile,
} from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found } from '../http/paging.ts';

/** A request waits no longer: what is left is done by an io worker. */
const PATIENCE_MS = 15_000;

const view = (erasure: Erasure) => ({ ...erasure, tables: erasure.tables.map((table) => ({ ...table })) });

export function erasureHandlers({ store: { db }, mediaDir, keyring }: Services): Implementation[] {
  /** What is not removed here, telephony removes in its next round. */
  const removeSound = async (companyId: string, ids: readonly string[]): Promise<void> => {
    if (mediaDir === undefined) return;
    for (const id of ids) {
      await rm(recordingFile(mediaDir, companyId, id), { force: true });
      await rm(unfinishedFile(mediaDir, companyId, id), { force: true });
      await forgetRecording(db, { id, companyId, kind: 'call' });
    }
  };
  const work = async (id: string, company: CompanyScope): Promise<Erasure> => {
    const until = Date.now() + PATIENCE_MS;
    while (Date.now() < until) {
      const step = await stepErasure(db, keyring, id);
      if (!step) break;
      await removeSound(step.companyId, step.recordings);
      if (step.done) break;
    }
    return found(await getErasure(db, company, id));
  };

  return [
    implement(routes.erase, async ({ body: { subject, dryRun } }, { company, audit, mintId }) => {
      const begun = found(await beginErasure(db, keyring, company, { id: mintId, subject, dry: dryRun }));
      if (!dryRun) {
        // a number would be back in the database
        const entity = subject.type === 'number' ? { type: 'number', id: 'erased' } : subject;
        await audit({ action: 'subject.erased', entity, detail: { erasure: begun.id } });
      }
      return view(begun.state === 'done' ? begun : await work(begun.id, company));
    }),
    implement(routes.getErasure, async ({ params }, { company }) =>
      view(found(await getErasure(db, company, params.id))),
    ),
  ];
}
