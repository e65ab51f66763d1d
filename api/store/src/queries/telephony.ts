/** What telephony writes: media instances, calls at birth, legs. */
import type { Coordinates, JsonValue } from '@callwright/engine';
import { sql } from 'kysely';
import type { Db } from './scope.ts';

/* ---- media instances: one boot of telephony with its media server (design §4) ---- */

export interface BootedInstance {
  /** `<name>.<epoch>` */
  readonly instance: string;
  readonly epoch: number;
}

/** A new epoch of `name`; every earlier one that still counted as alive is lost from now on. Two boots at once get two epochs. */
export async function bootInstance(db: Db, name: string, maxCalls: number): Promise<BootedInstance> {
  for (let attempt = 0; ; attempt++) {
    const { rows } = await sql<BootedInstance>`
      insert into media_instance (instance, name, epoch, max_calls)
      select ${name} || '.' || next, ${name}, next, ${maxCalls}
      from (select coalesce(max(epoch), 0) + 1 as next from media_instance where name = ${name}) epochs
      on conflict do nothing
      returning instance, epoch`.execute(db);
    const booted = rows[0];
    if (booted) {
      await sql`update media_instance set state = 'lost', lost_at = now(), lost_reason = 'superseded'
        where name = ${name} and epoch < ${booted.epoch} and state = 'alive'`.execute(db);
      return booted;
    }
    if (attempt === 20) throw new Error('no epoch could be taken for the media instance');
  }
}

/** Renews the lease. False: somebody has marked the instance lost. */
export async function renewLease(db: Db, instance: string, calls: number): Promise<boolean> {
  const { numAffectedRows } = await sql`update media_instance set renewed_at = now(), calls = ${calls}
    where instance = ${instance} and state = 'alive'`.execute(db);
  return numAffectedRows === 1n;
}

/** Marks an instance lost unless it is already. True for whoever did it. */
export async function loseInstance(db: Db, instance: string, reason: string): Promise<boolean> {
  const { numAffectedRows } =
    await sql`update media_instance set state = 'lost', lost_at = now(), lost_reason = ${reason}
    where instance = ${instance} and state = 'alive'`.execute(db);
  return numAffectedRows === 1n;
}

/** A leg that a dead instance held, with the names by which a successor ends it. */
export interface OrphanLeg {
  readonly id: string;
  readonly call_id: string;
  readonly company_id: string;
  readonly instance: string;
  readonly direction: 'inbound' | 'outbound';
  readonly state: string;
  readonly dialog_id: string | null;
  readonly transaction_id: string | null;
  readonly channel_uuid: string | null;
  readonly forks: JsonValue;
}

/** Legs still open of all epochs of `name` before `epoch`. */
export async function orphanLegs(db: Db, name: string, epoch: number): Promise<OrphanLeg[]> {
  const { rows } = await sql<OrphanLeg>`
    select leg.id, leg.call_id, leg.company_id, leg.instance, leg.direction, leg.state, leg.dialog_id, leg.transaction_id,
      leg.channel_uuid, leg.forks
    from leg join media_instance on media_instance.instance = leg.instance
    where media_instance.name = ${name} and media_instance.epoch < ${epoch} and leg.state not in ('ended', 'released')`.execute(
    db,
  );
  return rows;
}

/* ---- calls at birth ---- */

export interface InboundCall {
  readonly callId: string;
  readonly number: number;
  readonly companyId: string;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  /** `CallStart` of the engine. */
  readonly start: JsonValue;
  readonly revision: string;
  readonly calling: Coordinates;
  readonly called: Coordinates;
  readonly leg: NewLeg;
}

export interface NewLeg {
  readonly id: string;
  readonly instance: string;
  readonly direction: 'inbound' | 'outbound';
  readonly coordinates: Coordinates;
  /** Who pays for it, when it is not who calls. */
  readonly charged?: Coordinates;
  readonly dialogId: string | null;
  readonly transactionId: string | null;
  readonly sipCallId: string | null;
  readonly source: string | null;
}

/** The rows of a call and its first leg, in one statement, before anything else is done for it. */
export async function insertInboundCall(db: Db, call: InboundCall): Promise<void> {
  const { leg } = call;
  await sql`
    with born as (
      insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
      values (${call.callId}, ${call.number}, ${call.companyId}, ${call.direction}, 'waiting', ${JSON.stringify(call.start)}::jsonb,
        ${call.revision}, ${JSON.stringify(call.calling)}::jsonb, ${JSON.stringify(call.called)}::jsonb)
    )
    insert into leg (id, call_id, company_id, instance, direction, state, dialog_id, transaction_id, sip_call_id, coordinates, source)
    values (${leg.id}, ${call.callId}, ${call.companyId}, ${leg.instance}, ${leg.direction}, 'proceeding', ${leg.dialogId},
      ${leg.transactionId}, ${leg.sipCallId}, ${JSON.stringify(leg.coordinates)}::jsonb, ${leg.source})`.execute(db);
}

/** The workflow of a waiting call runs. False: it was refused or started by somebody else before. */
export async function callStarted(db: Db, companyId: string, callId: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update call set state = 'started', started_at = now()
    where id = ${callId} and company_id = ${companyId} and state = 'waiting'`.execute(db);
  return numAffectedRows === 1n;
}

/** The start was not answered in time: nobody starts this row any more. False: it had started. */
export async function callRefused(db: Db, companyId: string, callId: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update call set state = 'refused', ended_at = now()
    where id = ${callId} and company_id = ${companyId} and state = 'waiting'`.execute(db);
  return numAffectedRows === 1n;
}

/* ---- legs ---- */

/** Row of an outbound leg, before its INVITEs go out. */
export async function insertLeg(db: Db, companyId: string, callId: string, leg: NewLeg): Promise<void> {
  await db
    .insertInto('leg')
    .values({
      id: leg.id,
      call_id: callId,
      company_id: companyId,
      instance: leg.instance,
      direction: leg.direction,
      state: 'proceeding',
      dialog_id: leg.dialogId,
      transaction_id: leg.transactionId,
      sip_call_id: leg.sipCallId,
      coordinates: JSON.stringify(leg.coordinates),
      source: leg.source,
      charged: leg.charged ? JSON.stringify(leg.charged) : null,
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
}

export interface LegChange {
  readonly state?: 'early' | 'answered';
  readonly dialogId?: string;
  readonly transactionId?: string;
  readonly sipCallId?: string;
  readonly channelUuid?: string;
  readonly forks?: readonly { readonly transactionId: string; readonly dialogId: string }[];
}

/** Changes a leg that has not ended. */
export async function updateLeg(db: Db, companyId: string, legId: string, change: LegChange): Promise<void> {
  await db
    .updateTable('leg')
    .set({
      ...(change.state ? { state: change.state } : {}),
      ...(change.state === 'answered' ? { answered_at: sql`coalesce(answered_at, now())` } : {}),
      ...(change.dialogId ? { dialog_id: change.dialogId } : {}),
      ...(change.transactionId ? { transaction_id: change.transactionId } : {}),
      ...(change.sipCallId ? { sip_call_id: change.sipCallId } : {}),
      ...(change.channelUuid ? { channel_uuid: change.channelUuid } : {}),
      ...(change.forks ? { forks: JSON.stringify(change.forks) } : {}),
    })
    .where('id', '=', legId)
    .where('company_id', '=', companyId)
    .where('state', 'not in', ['ended', 'released'])
    .execute();
}

export async function endLegs(db: Db, companyId: string, legIds: readonly string[], cause: string): Promise<void> {
  await sql`update leg set state = 'ended', ended_at = now(), cause = ${cause}
    where id = any(${[...legIds]}::text[]) and company_id = ${companyId} and state not in ('ended', 'released')`.execute(
    db,
  );
}

export async function releaseLeg(db: Db, companyId: string, legId: string): Promise<void> {
  await sql`update leg set state = 'released', ended_at = coalesce(ended_at, now())
    where id = ${legId} and company_id = ${companyId}`.execute(db);
}

/**
 * Commits the move of a leg: the row names the receiver if, and only if, it still names the giver and no later commit (another
 * receiver's, or the giver's withdrawal, which is a move to itself) has passed the offered number. False: it does not.
 */
export async function moveLeg(
  db: Db,
  move: {
    readonly companyId: string;
    readonly leg: string;
    readonly giver: string;
    readonly receiver: string;
    readonly lastNumber: number;
  },
): Promise<boolean> {
  const { numAffectedRows } = await sql`update leg set call_id = ${move.receiver}, last_number = ${move.lastNumber + 1}
    where id = ${move.leg} and company_id = ${move.companyId} and call_id = ${move.giver} and last_number <= ${move.lastNumber}
      and state not in ('ended', 'released')`.execute(db);
  return numAffectedRows === 1n;
}

/**
 * The open leg of the company's on another media instance that has this dialog (a Replaces header names it, RFC 3891); null when there
 * is none. A row keeps the tag of whoever made the dialog, the far end's (`fromTag`) or our own. The asking instance's own legs are left
 * out: it knows better than their rows, which learn of an end a moment later.
 */
export async function legByDialog(
  db: Db,
  companyId: string,
  dialog: { readonly sipCallId: string; readonly toTag: string; readonly fromTag: string },
  askingInstance: string,
): Promise<{ leg: string; callId: string } | null> {
  const { sipCallId, toTag, fromTag } = dialog;
  const ids = [toTag, fromTag].map((tag) => `${sipCallId};from-tag=${tag}`);
  const { rows } = await sql<{ leg: string; callId: string }>`select id as leg, call_id as "callId" from leg
    where company_id = ${companyId} and dialog_id = any(${ids}::text[]) and instance <> ${askingInstance}
      and state not in ('ended', 'released') limit 1`.execute(db);
  return rows[0] ?? null;
}

/** Extension of a user, to name the user to a phone. */
export async function extensionOf(db: Db, companyId: string, userId: string): Promise<string | null> {
  const { rows } = await sql<{ extension: string }>`select extension from directory_user
    where company_id = ${companyId} and id::text = ${userId} and deleted_at is null`.execute(db);
  return rows[0]?.extension ?? null;
}
