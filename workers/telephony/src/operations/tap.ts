/**
 * `media.tap`: records both sides of a leg while it talks. It goes on through hold and transfer until it is stopped or the leg ends; what
 * was recorded is kept then, whoever ended it, and the company is told. A disk that takes no more ends the recording, never the call.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MediaResult } from '@callwright/engine';
import { beginRecording, unfinishedFile } from '@callwright/store';
import { codeOf, TelephonyError } from '../errors.ts';
import type { Media, Tap } from '../legs/leg.ts';
import { diskError, keepRecording } from '../recording/keep.ts';
import { DONE, GONE, type Handler, INTERRUPTED, type Operation } from './context.ts';
import { resolveRuns } from './prompts.ts';

type TapOperation = Operation<'media.tap'>;

const POLL_MS = 2000;
const LONGEST_SECONDS = 6 * 3600;

export const tap: Handler<'media.tap'> = async (operation) => {
  const { leg, command } = operation;
  const media = await leg.media;
  if (!media) return INTERRUPTED;
  if (command.act === 'start') return start(operation, media);
  const running = leg.taps.get(command.key);
  if (!running) return GONE;
  if (command.act === 'stop') return running.stop('stopped');
  const act = command.act === 'pause' ? 'mask' : 'unmask';
  const answer = await media.endpoint.ask('uuid_record', act, running.file);
  if (!answer.startsWith('+OK')) throw new TelephonyError('TEL_MEDIA');
  return DONE;
};

async function start(operation: TapOperation, media: Media): Promise<MediaResult> {
  const { context, leg, input, command } = operation;
  if (leg.taps.has(command.key)) return DONE;
  const { companyId, callId } = input;
  const { store, mediaDir, instance } = context;
  const purpose = { type: 'call', by: command.by } as const;
  const begun = { companyId, op: command.op, callId, legId: leg.id, instance, purpose };
  const id = await beginRecording(store.db, begun);
  const file = unfinishedFile(mediaDir, companyId, id);
  await mkdir(dirname(file), { recursive: true, mode: 0o750 }).catch((error: unknown) => {
    throw diskError(error);
  });
  await announce(operation, media);
  const answer = await media.endpoint.ask('uuid_record', 'start', file, String(LONGEST_SECONDS));
  if (!answer.startsWith('+OK')) {
    await keepRecording({ store, mediaDir, companyId, id, minMs: 1, asPrompt: false, ended: 'disk' }).catch(() => {});
    throw new TelephonyError('TEL_DISK');
  }
  leg.taps.set(command.key, running(operation, media, id, file));
  return DONE;
}

/** What both are told before it begins; the recording holds it, too, as proof. */
async function announce(operation: TapOperation, media: Media): Promise<void> {
  const runs = await resolveRuns(operation, operation.command.announcement ? [operation.command.announcement] : []);
  const files = runs.flatMap((run) => run.files);
  if (files.length > 0) await media.endpoint.ask('uuid_broadcast', files.join('!'), 'both');
}

function running({ context, leg, input, command }: TapOperation, media: Media, id: string, file: string): Tap {
  const { store, mediaDir, log } = context;
  const { companyId } = input;
  let ending: Promise<MediaResult> | null = null;
  const finish = async (ended: string): Promise<MediaResult> => {
    clearInterval(poll);
    leg.over.signal.removeEventListener('abort', over);
    leg.taps.delete(command.key);
    const answer = await media.endpoint.ask('uuid_record', 'stop', file);
    // it had ended before we asked, with the leg still there: the disk took no more
    const why = ended === 'stopped' && answer.startsWith('-ERR') ? 'disk' : ended;
    const keeping = { store, mediaDir, companyId, id, minMs: 1, asPrompt: false, ended: why };
    const durationMs = await keepRecording(keeping);
    const kept = durationMs === null ? null : id;
    return {
      status: 'recorded',
      recordingId: kept,
      durationMs: durationMs ?? 0,
      ended: why === 'disk' ? 'disk' : 'max',
    };
  };
  const stop = (ended: string): Promise<MediaResult> => {
    ending ??= finish(ended);
    return ending;
  };
  const alone = (ended: string): void => {
    stop(ended).catch((error: unknown) => log.warn({ recording: id, code: codeOf(error) }, 'a recording was not kept'));
  };
  const over = (): void => alone('hang-up');
  const poll = setInterval(() => {
    void media.endpoint.variable('record_completion_cause').then((cause) => {
      if (cause === 'uri-failure' && !leg.over.signal.aborted) alone('disk');
    });
  }, POLL_MS);
  poll.unref();
  leg.over.signal.addEventListener('abort', over, { once: true });
  if (leg.over.signal.aborted) over();
  return { file, stop };
}
