/**
 * Makes transcripts of messages and of what calls have recorded: due rows are taken, their recordings given to the recogniser of whoever is
 * nearest to the company, and settled. Nothing that goes wrong touches the message; its mail waits two minutes at most.
 */
import { readFile, stat } from 'node:fs/promises';
import { SpeechError, transcribingProvider } from '@callwright/speech/recognition';
import {
  callTranscriptDone,
  callTranscriptFailed,
  type DueTranscript,
  type Keyring,
  recordingFile,
  type Store,
  takeDueCallTranscripts,
  takeDueTranscripts,
  transcriptDone,
  transcriptFailed,
} from '@callwright/store';
import type { FormSender } from './post-form.ts';

export interface TranscriberParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly forms: FormSender;
  /** Where recordings lie; null: there are no transcripts. */
  readonly mediaDir: string | null;
  /** For tests; longer than any try. */
  readonly holdMs?: number;
  readonly pauseMs?: number;
}

const HOLD_MS = 90_000;
const BATCH = 4;
const PAUSE_MS = 10_000;
/** A mail waits no longer for its text; nobody waits for that of a call. */
const GIVE_UP_MS = { message: 120_000, call: 6 * 3_600_000 };
/** Half an hour of telephone sound in 16 bits. */
const MAX_BYTES = 30 * 60 * 16_000;

/** One round: everything that is due, at most a batch. */
export function transcriber(parts: TranscriberParts): { round(): Promise<void> } {
  const { store, keyring, holdMs = HOLD_MS } = parts;
  return {
    round: async () => {
      // messages first: a mail waits for them
      const messages = await takeDueTranscripts(store.db, keyring, holdMs, BATCH);
      const calls = messages.length > 0 ? [] : await takeDueCallTranscripts(store.db, keyring, holdMs, BATCH);
      await Promise.all([...messages, ...calls].map((one) => transcribe(parts, one)));
    },
  };
}

const DONE = { message: transcriptDone, call: callTranscriptDone };
const FAILED = { message: transcriptFailed, call: callTranscriptFailed };

async function transcribe(parts: TranscriberParts, due: DueTranscript): Promise<void> {
  const { store, keyring, pauseMs = PAUSE_MS } = parts;
  try {
    const said = await ask(parts, due);
    await DONE[due.kind](store.db, keyring, due, said);
  } catch (error) {
    if (!(error instanceof SpeechError)) throw error;
    const passing = error.code !== 'SPE_REFUSED' && error.code !== 'SPE_AUDIO';
    const late = Date.now() - due.createdAt.getTime() > GIVE_UP_MS[due.kind];
    const again = passing && !late ? pauseMs * 2 ** Math.min(due.attempts - 1, 4) : null;
    await FAILED[due.kind](store.db, due, error.code, again);
  }
}

async function ask(
  { forms, mediaDir }: TranscriberParts,
  { companyId, recordingId, language, recogniser }: DueTranscript,
) {
  if (!recogniser) throw new SpeechError('SPE_REFUSED', 'no recogniser');
  const { provider: name, trusted, ...settings } = recogniser;
  const provider = transcribingProvider(name, { ...settings, post: forms.post(trusted) });
  if (!provider) throw new SpeechError('SPE_REFUSED', 'no provider');
  const file = mediaDir === null ? null : recordingFile(mediaDir, companyId, recordingId);
  return provider.transcribe({ wav: await readSound(file), language });
}

async function readSound(file: string | null): Promise<Buffer> {
  try {
    if (file !== null && (await stat(file)).size <= MAX_BYTES) return await readFile(file);
  } catch {
    // told below: what is not there will not come back
  }
  throw new SpeechError('SPE_AUDIO', 'recording');
}
