/** Forward-only migrations: numbered SQL, each run once in its own transaction under an advisory lock. */
import type pg from 'pg';
import * as identity from './migrations/0001-identity.ts';
import * as directory from './migrations/0002-directory.ts';
import * as flows from './migrations/0003-flows.ts';
import * as calls from './migrations/0004-calls.ts';
import * as directoryWhole from './migrations/0005-directory.ts';
import * as routing from './migrations/0006-routing.ts';
import * as presence from './migrations/0007-presence.ts';
import * as trunks from './migrations/0008-trunks.ts';
import * as callingFeatures from './migrations/0009-calling-features.ts';
import * as queues from './migrations/0010-queues.ts';
import * as voicemail from './migrations/0011-voicemail.ts';
import * as history from './migrations/0012-history.ts';
import * as webhooks from './migrations/0013-webhooks.ts';
import * as partners from './migrations/0014-partners.ts';
import * as directoryTimes from './migrations/0015-directory-times.ts';
import * as console from './migrations/0016-console.ts';
import * as flowTests from './migrations/0017-flow-tests.ts';
import * as poolRequests from './migrations/0019-pool-requests.ts';
import * as bindings from './migrations/0023-bindings.ts';
import * as messageLamps from './migrations/0024-message-lamps.ts';
import * as textMessages from './migrations/0025-text-messages.ts';
import * as draftCalls from './migrations/0030-draft-calls.ts';
import * as mediaLinks from './migrations/0034-media-links.ts';
import * as recordingPolicy from './migrations/0040-recording-policy.ts';
import * as voicemailRest from './migrations/0041-voicemail-rest.ts';
import * as recordOrder from './migrations/0042-record-order.ts';
import * as directoryRest from './migrations/0043-directory-rest.ts';
import * as chatPresence from './migrations/0044-chat-presence.ts';
import * as referrals from './migrations/0044-referrals.ts';
import * as callingRest from './migrations/0045-calling-rest.ts';
import * as partnerMessages from './migrations/0047-partner-messages.ts';
import * as peerMessages from './migrations/0051-peer-messages.ts';
import * as heardRecordings from './migrations/0053-heard-recordings.ts';
import * as flowLive from './migrations/0054-flow-live.ts';
import * as browserPhones from './migrations/0057-browser-phones.ts';
import * as queueRest from './migrations/0058-queue-rest.ts';
import * as callRest from './migrations/0059-call-rest.ts';
import * as erasures from './migrations/0060-erasures.ts';
import * as partnerModuleEnabled from './migrations/0061-partner-module-enabled.ts';

/** In order; a landed entry is never edited or removed, only followed by another. */
const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-identity', sql: identity.sql },
  { name: '0002-directory', sql: directory.sql },
  { name: '0003-flows', sql: flows.sql },
  { name: '0004-calls', sql: calls.sql },
  { name: '0005-directory', sql: directoryWhole.sql },
  { name: '0006-routing', sql: routing.sql },
  { name: '0008-trunks', sql: trunks.sql },
  // after the trunks, whose states it watches
  { name: '0007-presence', sql: presence.sql },
  { name: '0009-calling-features', sql: callingFeatures.sql },
  { name: '0012-history', sql: history.sql },
  { name: '0013-webhooks', sql: webhooks.sql },
  { name: '0015-directory-times', sql: directoryTimes.sql },
  { name: '0016-console', sql: console.sql },
  { name: '0017-flow-tests', sql: flowTests.sql },
  { name: '0019-pool-requests', sql: poolRequests.sql },
  { name: '0023-bindings', sql: bindings.sql },
  { name: '0024-message-lamps', sql: messageLamps.sql },
  { name: '0025-text-messages', sql: textMessages.sql },
  { name: '0010-queues', sql: queues.sql },
  { name: '0011-voicemail', sql: voicemail.sql },
  { name: '0014-partners', sql: partners.sql },
  { name: '0030-draft-calls', sql: draftCalls.sql },
  { name: '0034-media-links', sql: mediaLinks.sql },
  { name: '0042-record-order', sql: recordOrder.sql },
  { name: '0041-voicemail-rest', sql: voicemailRest.sql },
  { name: '0045-calling-rest', sql: callingRest.sql },
  { name: '0040-recording-policy', sql: recordingPolicy.sql },
  { name: '0043-directory-rest', sql: directoryRest.sql },
  { name: '0044-chat-presence', sql: chatPresence.sql },
  { name: '0044-referrals', sql: referrals.sql },
  { name: '0047-partner-messages', sql: partnerMessages.sql },
  { name: '0051-peer-messages', sql: peerMessages.sql },
  { name: '0058-queue-rest', sql: queueRest.sql },
  { name: '0057-browser-phones', sql: browserPhones.sql },
  { name: '0053-heard-recordings', sql: heardRecordings.sql },
  { name: '0054-flow-live', sql: flowLive.sql },
  { name: '0059-call-rest', sql: callRest.sql },
  { name: '0060-erasures', sql: erasures.sql },
  { name: '0061-partner-module-enabled', sql: partnerModuleEnabled.sql },
];

const LOCK = 0x63616c6c; // 'call'

/** Names of all migrations, in order. */
export const migrationNames = (): readonly string[] => MIGRATIONS.map(({ name }) => name);

/** Runs what has not been run; with `only`, those of these names: the schema of an older backup. */
export async function migrate(pool: pg.Pool, only?: readonly string[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(
      'create table if not exists migration (name text primary key, at timestamptz not null default now())',
    );
    const done = new Set((await client.query<{ name: string }>('select name from migration')).rows.map((r) => r.name));
    for (const { name, sql } of MIGRATIONS) {
      if (done.has(name) || (only && !only.includes(name))) continue;
      await client.query('begin');
      try {
        await client.query(sql);
        await client.query('insert into migration (name) values ($1)', [name]);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw new Error(`migration ${name} failed: ${(error as Error).message}`, { cause: error });
      }
    }
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => {});
    client.release();
  }
}
