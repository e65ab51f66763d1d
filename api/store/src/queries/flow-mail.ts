/** Mail that a flow sends. */
import type { IoResult, MailLookup } from '@callwright/engine';
import { sql } from 'kysely';
import { NOT_FOUND } from './destinations/destination-type.ts';
import { queueMail } from './mail.ts';
import type { Db } from './scope.ts';

const ADDRESS = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,255}$/;

/** Into the outbox, once per call and key; `not-found` for what is no address. A recording goes along when the company has it. */
export async function queueFlowMail(
  db: Db,
  companyId: string,
  callId: string | null,
  mail: MailLookup,
): Promise<IoResult> {
  if (!ADDRESS.test(mail.to) || callId === null) return NOT_FOUND;
  const { rows } = await sql<{ id: string }>`select id from recording
    where company_id = ${companyId} and id = ${mail.recording} and kind = 'flow' and state = 'stored'`.execute(db);
  await queueMail(db, companyId, {
    key: `flow/${callId}/${mail.key}`,
    template: 'flow',
    language: mail.language,
    recipient: mail.to,
    variables: { subject: mail.subject, text: mail.text },
    attachment: rows[0]?.id ?? null,
  });
  return { status: 'mail-queued' };
}
