/** `media.collect`: one whole interaction, prompts, keys, timers, tries, in the media layer (design §3). */
import type { Prompt } from '@callwright/engine';
import { TelephonyError } from '../errors.ts';
import { EMPTY_ENTRY, type EntryRules, type EntryState, pressKey, timeOut } from '../legs/digit-entry.ts';
import type { Media } from '../legs/leg.ts';
import type { Playing } from '../media/player.ts';
import { type Handler, INTERRUPTED, type Operation } from './context.ts';
import { type ResolvedPrompt, resolveRuns } from './prompts.ts';

type CollectOperation = Operation<'media.collect'>;

/** How one try ended; null = nothing was entered. */
type TryEnd = Exclude<EntryState, { kind: 'open' }> | null | 'stopped';

export const collect: Handler<'media.collect'> = async (operation) => {
  const { leg, command, signal } = operation;
  if (!command.modes.includes('keys')) throw new TelephonyError('TEL_MODE');
  const media = await leg.media;
  if (!media) return INTERRUPTED;
  if (command.clearDigits) leg.digits.clear();
  let prompts: readonly ResolvedPrompt[] = await resolveRuns(operation, command.prompts);
  let end: TryEnd = null;
  for (let tries = 1; tries <= command.tries; tries++) {
    if (tries > 1)
      prompts = await retryPrompts(operation, end === null ? command.noInputPrompts : command.noMatchPrompts);
    if (signal.aborted) return INTERRUPTED;
    end = await oneTry(operation, media, prompts);
    if (end === 'stopped') return INTERRUPTED;
    if (end?.kind === 'collected') {
      return { status: 'collected', mode: 'keys', value: end.value, confidence: 1, ended: end.ended, tries };
    }
  }
  const reason = end === null ? 'no-input' : 'no-match';
  return { status: 'not-collected', reason, value: end === null ? '' : end.value, tries: command.tries };
};

async function retryPrompts(operation: CollectOperation, first: readonly Prompt[]): Promise<readonly ResolvedPrompt[]> {
  return resolveRuns(operation, [...first, ...operation.command.prompts]);
}

function oneTry(operation: CollectOperation, media: Media, prompts: readonly ResolvedPrompt[]): Promise<TryEnd> {
  return new Promise((resolve, reject) => {
    const attempt = createAttempt(operation, media, prompts, resolve);
    attempt.run().catch((error: unknown) => {
      attempt.close();
      reject(error);
    });
  });
}

interface Attempt {
  /** Plays the prompts and opens the timers. Rejects when a prompt cannot be played. */
  run(): Promise<void>;
  close(): void;
}

/** One try: keys may come while prompts play; the entry may be complete before the prompts are. */
function createAttempt(
  operation: CollectOperation,
  media: Media,
  prompts: readonly ResolvedPrompt[],
  resolve: (end: TryEnd) => void,
): Attempt {
  const { leg, command, signal } = operation;
  const rules: EntryRules = command;
  let entry: EntryState = EMPTY_ENTRY;
  let playing: { readonly run: Playing; readonly bargeIn: boolean } | null = null;
  let promptsOver = false;
  let closed = false;
  const timers: { key?: NodeJS.Timeout; total?: NodeJS.Timeout } = {};

  const close = (): void => {
    closed = true;
    clearTimeout(timers.key);
    clearTimeout(timers.total);
    signal.removeEventListener('abort', stop);
    if (leg.onKey === onKey) leg.onKey = null;
  };
  const finish = (end: TryEnd): void => {
    if (closed) return;
    close();
    if (end === 'stopped' || playing?.bargeIn) playing?.run.cut();
    resolve(end);
  };
  const stop = (): void => finish('stopped');
  const runOut = (): void => {
    if (entry.kind === 'open') finish(timeOut(rules, entry.value) as TryEnd);
  };
  const armKeyTimer = (): void => {
    clearTimeout(timers.key);
    const first = entry.kind === 'open' && entry.value === '';
    timers.key = setTimeout(runOut, first ? command.firstDigitTimeoutMs : command.interDigitTimeoutMs);
  };
  const onKey = (digit: string): void => {
    // an entry that ended under a prompt that must be heard: further keys are for whoever asks next
    if (entry.kind !== 'open') {
      leg.digits.push(digit);
      return;
    }
    entry = pressKey(rules, entry.value, digit);
    if (playing?.bargeIn) playing.run.cut();
    if (entry.kind !== 'open') {
      if (promptsOver || playing?.bargeIn) finish(entry);
    } else if (promptsOver) armKeyTimer();
  };
  const takeBuffered = (): void => {
    while (entry.kind === 'open') {
      const digit = leg.digits.shift();
      if (digit === undefined) return;
      onKey(digit);
    }
  };
  const hasKeys = (): boolean => entry.kind !== 'open' || entry.value !== '';

  const run = async (): Promise<void> => {
    if (signal.aborted) return finish('stopped');
    signal.addEventListener('abort', stop, { once: true });
    leg.onKey = onKey;
    takeBuffered();
    for (const prompt of prompts) {
      if (closed) return;
      if (prompt.bargeIn && hasKeys()) continue;
      playing = { run: media.player.play(prompt.files), bargeIn: prompt.bargeIn };
      operation.started();
      const end = await playing.run.done;
      playing = null;
      if (end === 'missing') throw new TelephonyError('TEL_FILE');
    }
    operation.started();
    promptsOver = true;
    if (closed) return;
    if (entry.kind !== 'open') return finish(entry);
    armKeyTimer();
    if (command.totalTimeoutMs > 0) timers.total = setTimeout(runOut, command.totalTimeoutMs);
  };
  return { run, close };
}
