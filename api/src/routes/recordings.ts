/** Messages of boxes, recordings of calls and flows, and the servers that mail them. */
import {
  mailRoutes,
  recogniserRoutes,
  recordingPolicyRoutes,
  recordingRoutes,
  voicemailMessageRoutes as routes,
} from '@callwright/api-contract';
import {
  type CompanyScope,
  countBox,
  deleteMailServer,
  deleteRecogniser,
  deleteRecording,
  findBoxOfUser,
  getCallTranscript,
  getMailServer,
  getMessage,
  getRecogniser,
  getRecording,
  type Keyring,
  listBoxRecordings,
  listMessages,
  listRecordings,
  mailServerSeal,
  markMessage,
  putMailServer,
  putRecogniser,
  type RecordingView,
  recogniserSeal,
  recordingHeard,
  recordingPolicies,
  transcriptSeal,
  type VoicemailMessage,
} from '@callwright/store';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, isoOrNull, limitOf, uuidCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { selfOf } from './me.ts';
import { sendRecording } from './media-file.ts';
import { resourceHandlers } from './resource.ts';

const MOST_MESSAGES = 500;

/** A message as its reader sees it: his company's key opens the transcript. */
const messageView =
  (keyring: Keyring, { companyId }: CompanyScope) =>
  ({ id, state, caller, durationMs, at, transcript, transcriptText }: VoicemailMessage) => ({
    id,
    state,
    number: caller.number,
    name: caller.name,
    durationMs,
    at: iso(at),
    transcript: transcript && {
      state: transcript,
      text: transcriptText && keyring.openText(transcriptSeal(companyId), transcriptText),
    },
  });

const recording = ({ startedAt, heardAt, ...rest }: RecordingView) => ({
  ...rest,
  startedAt: iso(startedAt),
  heardAt: isoOrNull(heardAt),
});

export function recordingHandlers(services: Services): Implementation[] {
  return [
    ...messageHandlers(services),
    ...ownMessageHandlers(services),
    ...storedHandlers(services),
    ...listedHandlers(services),
    ...resourceHandlers(
      services.store.db,
      recordingPolicyRoutes,
      ['RecordingPolicy', 'RecordingPolicies'],
      recordingPolicies,
    ),
    ...mailHandlers(services),
    ...recogniserHandlers(services),
  ];
}

function messageHandlers({ store: { db }, mediaDir, keyring }: Services): Implementation[] {
  return [
    implement(routes.listMessages, async ({ params }, { company }) => ({
      items: found(await listMessages(db, company.companyId, params.id, MOST_MESSAGES)).map(
        messageView(keyring, company),
      ),
    })),
    implement(routes.getMessageAudio, async ({ params }, context) => {
      found(await getMessage(db, context.company, params.id, params.message));
      await context.audit({ action: 'voicemail.heard', entity: { type: 'voicemail', id: params.id } });
      return sendRecording(mediaDir, params.message, context);
    }),
    implement(routes.updateMessage, async ({ params, body }, { company }) => {
      await mark(db, company, params.id, params.message, body.state);
      return messageView(keyring, company)(found(await getMessage(db, company, params.id, params.message)));
    }),
    implement(routes.deleteMessage, async ({ params }, { company, audit }) => {
      await mark(db, company, params.id, params.message, 'deleted');
      await audit({ action: 'voicemail.deleted', entity: { type: 'voicemail', id: params.id } });
    }),
  ];
}

type Db = Services['store']['db'];

async function mark(
  db: Db,
  { companyId }: CompanyScope,
  boxId: string,
  id: string,
  as: 'new' | 'old' | 'deleted',
): Promise<void> {
  if (!(await markMessage(db, companyId, boxId, id, as))) throw new ApiError('API_NOT_FOUND');
}

function ownMessageHandlers({ store: { db }, mediaDir, keyring }: Services): Implementation[] {
  const ownBox = async (context: Context): Promise<string> =>
    found(await findBoxOfUser(db, context.company, selfOf(context)));
  return [
    implement(routes.listMyMessages, async (_input, context) => ({
      items: found(await listMessages(db, context.company.companyId, await ownBox(context), MOST_MESSAGES)).map(
        messageView(keyring, context.company),
      ),
    })),
    implement(routes.getMyMessageAudio, async ({ params }, context) => {
      found(await getMessage(db, context.company, await ownBox(context), params.message));
      return sendRecording(mediaDir, params.message, context);
    }),
    implement(routes.updateMyMessage, async ({ params, body }, context) => {
      const box = await ownBox(context);
      await mark(db, context.company, box, params.message, body.state);
      return messageView(keyring, context.company)(found(await getMessage(db, context.company, box, params.message)));
    }),
    implement(routes.deleteMyMessage, async ({ params }, context) =>
      mark(db, context.company, await ownBox(context), params.message, 'deleted'),
    ),
  ];
}

/** A recording that is sent is new no more. */
async function heard(db: Db, mediaDir: Services['mediaDir'], id: string, context: Context) {
  const sound = await sendRecording(mediaDir, id, context);
  await recordingHeard(db, context.company, id);
  return sound;
}

/** What was said in a recording, opened with the company's key; reading it stands in the audit log like listening. */
async function readTranscript({ store: { db }, keyring }: Services, id: string, context: Context) {
  const { text, ...rest } = found(await getCallTranscript(db, context.company, id));
  await context.audit({ action: 'recording.read', entity: { type: 'recording', id } });
  return { ...rest, text: text && keyring.openText(transcriptSeal(context.company.companyId), text) };
}

/** Recordings of calls as boxes list them. */
function listedHandlers(services: Services): Implementation[] {
  const {
    store: { db },
    mediaDir,
  } = services;
  const listed = async (boxId: string, query: Parameters<typeof uuidCursor>[0], { company }: Context) => {
    const limit = limitOf(query);
    const rows = found(await listBoxRecordings(db, company, boxId, { before: uuidCursor(query), limit: limit + 1 }));
    const items = rows.slice(0, limit).map(recording);
    return { items, next: rows.length > limit ? items.at(-1)!.id : null };
  };
  const own = async (context: Context): Promise<string> =>
    found(await findBoxOfUser(db, context.company, selfOf(context)));
  const mine = async (id: string, context: Context): Promise<void> => {
    const rows = await listBoxRecordings(db, context.company, await own(context), { before: null, limit: 1, id });
    if (!rows?.[0]) throw new ApiError('API_NOT_FOUND');
  };
  return [
    implement(recordingRoutes.listBoxRecordings, ({ params, query }, context) => listed(params.id, query, context)),
    implement(recordingRoutes.countBox, async ({ params }, { company }) =>
      found(await countBox(db, company, params.id)),
    ),
    implement(recordingRoutes.listMyRecordings, async ({ query }, context) =>
      listed(await own(context), query, context),
    ),
    implement(recordingRoutes.getMyRecordingTranscript, async ({ params }, context) => {
      await mine(params.id, context);
      return readTranscript(services, params.id, context);
    }),
    implement(recordingRoutes.getMyRecordingAudio, async ({ params }, context) => {
      await mine(params.id, context);
      await context.audit({ action: 'recording.heard', entity: { type: 'recording', id: params.id } });
      return heard(db, mediaDir, params.id, context);
    }),
  ];
}

function storedHandlers(services: Services): Implementation[] {
  const {
    store: { db },
    mediaDir,
  } = services;
  return [
    implement(recordingRoutes.getRecordingTranscript, ({ params }, context) =>
      readTranscript(services, params.id, context),
    ),
    implement(recordingRoutes.listRecordings, async ({ query }, { company }) => {
      const limit = limitOf(query);
      const filter = { before: uuidCursor(query), limit: limit + 1, ...(query.call ? { callId: query.call } : {}) };
      const rows = await listRecordings(db, company, filter);
      const items = rows.slice(0, limit).map(recording);
      return { items, next: rows.length > limit ? items.at(-1)!.id : null };
    }),
    implement(recordingRoutes.getRecording, async ({ params }, { company }) =>
      recording(found(await getRecording(db, company, params.id))),
    ),
    implement(recordingRoutes.getRecordingAudio, async ({ params }, context) => {
      const { state } = found(await getRecording(db, context.company, params.id));
      if (state !== 'stored') throw new ApiError('API_NOT_FOUND');
      await context.audit({ action: 'recording.heard', entity: { type: 'recording', id: params.id } });
      return heard(db, mediaDir, params.id, context);
    }),
    implement(recordingRoutes.deleteRecording, async ({ params }, { company, audit }) => {
      if (!(await deleteRecording(db, company, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'recording.deleted', entity: { type: 'recording', id: params.id } });
    }),
  ];
}

function mailHandlers({ store: { db }, keyring }: Services): Implementation[] {
  return [
    implement(mailRoutes.getMailServer, async ({ params }, { identity }) =>
      found(await getMailServer(db, identity.ownerId, params.id)),
    ),
    implement(mailRoutes.putMailServer, async ({ params, body }, { identity, audit }) => {
      const { password, ...server } = body;
      const sealed = password == null ? password : keyring.seal(mailServerSeal(params.id), password);
      const kept = found(await putMailServer(db, identity.ownerId, params.id, server, sealed));
      await audit({ action: 'mail-server.changed', entity: { type: 'owner', id: params.id }, ownerId: params.id });
      return kept;
    }),
    implement(mailRoutes.deleteMailServer, async ({ params }, { identity, audit }) => {
      if (!(await deleteMailServer(db, identity.ownerId, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'mail-server.deleted', entity: { type: 'owner', id: params.id }, ownerId: params.id });
    }),
  ];
}

function recogniserHandlers({ store: { db }, keyring }: Services): Implementation[] {
  return [
    implement(recogniserRoutes.getRecogniser, async ({ params }, { identity }) =>
      found(await getRecogniser(db, identity.ownerId, params.id)),
    ),
    implement(recogniserRoutes.putRecogniser, async ({ params, body }, { identity, audit }) => {
      const { key, ...recogniser } = body;
      const sealed = key == null ? key : keyring.seal(recogniserSeal(params.id), key);
      const kept = found(await putRecogniser(db, identity.ownerId, params.id, recogniser, sealed));
      await audit({ action: 'recogniser.changed', entity: { type: 'owner', id: params.id }, ownerId: params.id });
      return kept;
    }),
    implement(recogniserRoutes.deleteRecogniser, async ({ params }, { identity, audit }) => {
      if (!(await deleteRecogniser(db, identity.ownerId, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'recogniser.deleted', entity: { type: 'owner', id: params.id }, ownerId: params.id });
    }),
  ];
}
