/**
 * `media.tap`: records both sides of a leg while it talks, after those concerned were told. It goes on through hold and transfer until it is
 * stopped or the leg ends; what was recorded is kept then, whoever ended it, and the company is told. A disk that takes no more ends the
 * recording, never the call.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MediaResult } from '@callwright/engine';
import { beginRecording, recordingEnded, unfinishedFile } from '@callwright/store';
import { codeOf, TelephonyError } from '../errors.ts';
import type { Leg, Media, Tap } from '../legs/leg.ts';
import { hasSpace } from '../recording/free-space.ts';
import { DISK_FULL, diskError, keepRecording } from '../recording/keep.ts';
import { DONE, type Handler, INTERRUPTED, type Operation, type TelephonyContext } from './context.ts';
import { farSide } from './far-side.ts';
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
  // it has ended by itself, and that was told
  if (!running) return INTERRUPTED;
  if (command.act === 'stop') return running.stop('stopped');
  const act = command.act === 'pause' ? 'mask' : 'unmask';
  return running.mask(act);
};

async function start(operation: TapOperation, media: Media): Promise<MediaResult> {
  const { context, leg, input, command } = operation;
  if (leg.taps.has(command.key)) return DONE;
  const { companyId, callId } = input;
  const { store, mediaDir, instance } = context;
  const purpose = { type: 'call', by: command.by } as const;
  const begun = { companyId, op: command.op, callId, legId: leg.id, instance, purpose };
  const id = await beginRecording(store.db, begun);
  const running = openTap({ context, leg, media, companyId, id, key: command.key });
  leg.taps.set(command.key, running);
  try {
    if (!(await hasSpace(context.recordingSpace))) throw new TelephonyError('TEL_DISK');
    await mkdir(dirname(unfinishedFile(mediaDir, companyId, id)), { recursive: true, mode: 0o750 });
    await announce(operation, media, running.over);
    return (await running.begin()) ? DONE : INTERRUPTED;
  } catch (error) {
    leg.taps.delete(command.key);
    const told = diskError(error);
    const why = codeOf(told) === 'TEL_DISK' ? DISK_FULL : 'media';
    await recordingEnded(store.db, companyId, id, 'failed', why).catch(() => {});
    throw told;
  }
}

/** What they are told before it begins; cut when the recording is given up. */
async function announce(operation: TapOperation, media: Media, over: AbortSignal): Promise<void> {
  const { context, leg, command } = operation;
  const runs = await resolveRuns(operation, command.announcement ? [command.announcement] : []);
  const files = runs.flatMap((run) => run.files);
  if (files.length === 0) return;
  const far = farSide(context, leg);
  const hearers = { both: [media.endpoint, far], leg: [media.endpoint], other: [far] }[command.hearers ?? 'both'];
  operation.started();
  await Promise.all(hearers.map((side) => side?.broadcast(files, over)));
}

interface TapParts {
  readonly context: TelephonyContext;
  readonly leg: Leg;
  readonly media: Media;
  readonly companyId: string;
  readonly id: string;
  readonly key: string;
}

interface OpenTap extends Tap {
  /** Aborted when it is stopped, or its leg ends. */
  readonly over: AbortSignal;
  /** Records from now on; false when it was stopped meanwhile. */
  begin(): Promise<boolean>;
}

function openTap({ context, leg, media, companyId, id, key }: TapParts): OpenTap {
  const { store, mediaDir, log, recordingSpace } = context;
  const { endpoint } = media;
  const file = unfinishedFile(mediaDir, companyId, id);
  const stopper = new AbortController();
  let masked = false;
  let records = false;
  let ending: Promise<MediaResult> | null = null;
  let poll: NodeJS.Timeout | undefined;

  const finish = async (ended: string): Promise<MediaResult> => {
    stopper.abort();
    clearInterval(poll);
    leg.over.signal.removeEventListener('abort', over);
    leg.taps.delete(key);
    const answer = records ? await endpoint.ask('uuid_record', 'stop', file) : '';
    // it had ended before we asked, with the leg still there: the disk took no more
    const why = ended === 'stopped' && answer.startsWith('-ERR') ? DISK_FULL : ended;
    const keeping = { store, mediaDir, companyId, id, minMs: 1, asPrompt: false, ended: why };
    const durationMs = await keepRecording(keeping);
    const recordingId = durationMs === null ? null : id;
    return { status: 'recorded', recordingId, durationMs: durationMs ?? 0, ended: why === DISK_FULL ? 'disk' : 'max' };
  };
  const stop = (ended: string): Promise<MediaResult> => {
    ending ??= finish(ended);
    return ending;
  };
  const alone = async (ended: string): Promise<string | null> => {
    const kept = await stop(ended).catch((error: unknown) => {
      log.warn({ recording: id, code: codeOf(error) }, 'a recording was not kept');
      return null;
    });
    return kept?.status === 'recorded' ? kept.recordingId : null;
  };
  const over = (): void => void alone('hang-up');
  const full = async (): Promise<void> => {
    const recordingId = await alone(DISK_FULL);
    if (leg.state !== 'ended') context.legs.report(leg, { type: 'tap-ended', key, code: DISK_FULL, recordingId });
  };
  const look = async (): Promise<void> => {
    const cause = await endpoint.variable('record_completion_cause');
    const takes = cause !== 'uri-failure' && (await hasSpace(recordingSpace));
    if (!takes && ending === null && !leg.over.signal.aborted) await full();
  };
  leg.over.signal.addEventListener('abort', over, { once: true });
  if (leg.over.signal.aborted) over();
  return {
    file,
    over: stopper.signal,
    stop,
    mask: async (act) => {
      masked = act === 'mask';
      if (!records) return DONE;
      const answer = await endpoint.ask('uuid_record', act, file);
      if (!answer.startsWith('+OK')) throw new TelephonyError('TEL_MEDIA');
      return DONE;
    },
    begin: async () => {
      if (ending) return false;
      const answer = await endpoint.ask('uuid_record', 'start', file, String(LONGEST_SECONDS));
      if (leg.over.signal.aborted) return false;
      if (!answer.startsWith('+OK')) throw new TelephonyError('TEL_DISK');
      records = true;
      if (masked) await endpoint.ask('uuid_record', 'mask', file);
      poll = setInterval(() => void look(), POLL_MS);
      poll.unref();
      return true;
    },
  };
}
