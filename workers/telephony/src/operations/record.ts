/** `media.record`: prompts, a beep, then what the far end says into a file that is a row before it is begun and stored before we answer. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MediaResult } from '@callwright/engine';
import { beginRecording, unfinishedFile } from '@callwright/store';
import { TelephonyError } from '../errors.ts';
import type { Media } from '../legs/leg.ts';
import { hasSpace } from '../recording/free-space.ts';
import { DISK_FULL, diskError, keepRecording } from '../recording/keep.ts';
import { type Handler, INTERRUPTED, type Operation } from './context.ts';
import { resolveRuns } from './prompts.ts';

type RecordOperation = Operation<'media.record'>;

const BEEP = 'tone_stream://%(350,50,1000)';
/** Mean of the samples below which the line is silent. */
const SILENCE_LEVEL = 200;

/** Why the recording stopped. */
type Ended = 'terminator' | 'silence' | 'max' | typeof DISK_FULL | 'hang-up' | 'stopped';

export const record: Handler<'media.record'> = async (operation) => {
  const { context, leg, input, command, signal } = operation;
  const media = await leg.media;
  if (!media) return INTERRUPTED;
  leg.digits.clear();
  await playBefore(operation, media);
  if (signal.aborted) return INTERRUPTED;
  const { companyId, callId } = input;
  const { store, mediaDir, instance } = context;
  const { op, purpose, minMs } = command;
  if (!(await hasSpace(context.recordingSpace))) throw new TelephonyError('TEL_DISK');
  const id = await beginRecording(store.db, { companyId, op, callId, legId: leg.id, instance, purpose });
  const file = unfinishedFile(mediaDir, companyId, id);
  await mkdir(dirname(file), { recursive: true, mode: 0o750 }).catch((error: unknown) => {
    throw diskError(error);
  });
  const ended = await listen(operation, media, file);
  const asPrompt = purpose.type === 'greeting';
  const durationMs = await keepRecording({ store, mediaDir, companyId, id, minMs, asPrompt, ended });
  return signal.aborted ? INTERRUPTED : recorded(id, durationMs, ended);
};

function recorded(id: string, durationMs: number | null, ended: Ended): MediaResult {
  if (ended === 'hang-up' || ended === 'stopped') return INTERRUPTED;
  return {
    status: 'recorded',
    recordingId: durationMs === null ? null : id,
    durationMs: durationMs ?? 0,
    ended: ended === DISK_FULL ? 'disk' : ended,
  };
}

/** Prompts, which any key skips, and the beep. */
async function playBefore(operation: RecordOperation, media: Media): Promise<void> {
  const { leg, command, signal } = operation;
  const prompts = await resolveRuns(operation, command.prompts);
  let skipped = false;
  let cut = (): void => {};
  const onKey = (): void => {
    skipped = true;
    cut();
  };
  const stop = (): void => cut();
  leg.onKey = onKey;
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (const { files, bargeIn } of [...prompts, ...(command.beep ? [{ files: [BEEP], bargeIn: false }] : [])]) {
      if (signal.aborted) return;
      if (bargeIn && skipped) continue;
      const playing = media.player.play(files);
      operation.started();
      cut = () => {
        if (bargeIn || signal.aborted) playing.cut();
      };
      await playing.done;
    }
    await media.player.silence();
  } finally {
    signal.removeEventListener('abort', stop);
    if (leg.onKey === onKey) leg.onKey = null;
  }
}

/** Records into the file; resolves when nothing writes to it any more, as far as the media server can tell. */
async function listen(operation: RecordOperation, media: Media, file: string): Promise<Ended> {
  const { leg, command, signal } = operation;
  const { maxMs, silenceMs, terminators } = command;
  const seconds = Math.ceil(maxMs / 1000);
  const silence = silenceMs > 0 ? ` ${SILENCE_LEVEL} ${Math.ceil(silenceMs / 1000)}` : '';
  let ended: Ended | null = null;
  const running = media.player.run('record', `${file} ${seconds}${silence}`);
  operation.started();
  const end = (why: Ended): void => {
    ended ??= why;
    running.cut();
  };
  const onKey = (digit: string): void => {
    if (terminators.includes(digit)) end('terminator');
  };
  const stop = (): void => end('stopped');
  const timer = setTimeout(() => end('max'), maxMs);
  leg.onKey = onKey;
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const how = await running.done;
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  if (leg.onKey === onKey) leg.onKey = null;
  await media.player.silence();
  if (ended) return ended;
  if (how === 'gone') return 'hang-up';
  const cause = await media.endpoint.variable('record_completion_cause');
  if (cause === 'uri-failure') return DISK_FULL;
  return silenceMs > 0 ? 'silence' : 'max';
}
