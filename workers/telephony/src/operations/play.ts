/** `media.play`, `media.background`, `media.stop`: what a leg hears. */
import type { MediaResult, Prompt } from '@callwright/engine';
import { TelephonyError } from '../errors.ts';
import type { Media } from '../legs/leg.ts';
import type { Player } from '../media/player.ts';
import { DONE, type Handler, INTERRUPTED, type Operation, type RunningOperation } from './context.ts';
import { farSide } from './far-side.ts';
import { type ResolvedPrompt, resolveRuns } from './prompts.ts';

/** Plays prompts in order; a key cuts what may be cut and stays in the buffer for the next collect. */
export const play: Handler<'media.play'> = async (operation) => {
  const { leg, command, signal } = operation;
  const media = await leg.media;
  if (!media) return INTERRUPTED;
  if (command.clearDigits) leg.digits.clear();
  if (command.hearers) return playAbove(operation, media, command.hearers);
  const prompts = await resolveRuns(operation, command.prompts);
  const keys = watchKeys(operation);
  try {
    for (const prompt of prompts) {
      if (signal.aborted) return INTERRUPTED;
      if (prompt.bargeIn && keys.pressed) continue;
      await playOne(operation, media.player, prompt, keys);
    }
  } finally {
    keys.close();
  }
  return signal.aborted ? INTERRUPTED : DONE;
};

/** Heard in the middle of a conversation, by one side of it or by both. */
async function playAbove(
  operation: Operation<'media.play'>,
  media: Media,
  hearers: 'leg' | 'both',
): Promise<MediaResult> {
  const { context, leg, command, signal } = operation;
  const runs = await resolveRuns(operation, command.prompts);
  const files = runs.flatMap((run) => run.files);
  if (signal.aborted || leg.over.signal.aborted) return INTERRUPTED;
  operation.started();
  const sides = hearers === 'both' ? [media.endpoint, farSide(context, leg)] : [media.endpoint];
  await Promise.all(sides.map((side) => side?.broadcast(files, signal)));
  return signal.aborted || leg.over.signal.aborted ? INTERRUPTED : DONE;
}

interface KeyWatch {
  readonly pressed: boolean;
  /** Called at the next key. */
  cut: (() => void) | null;
  close(): void;
}

function watchKeys({ leg }: RunningOperation): KeyWatch {
  let pressed = false;
  const onKey = (digit: string): void => {
    leg.digits.push(digit);
    pressed = true;
    watch.cut?.();
  };
  const watch: KeyWatch = {
    get pressed() {
      return pressed;
    },
    cut: null,
    close: () => {
      if (leg.onKey === onKey) leg.onKey = null;
    },
  };
  leg.onKey = onKey;
  return watch;
}

async function playOne(
  operation: RunningOperation,
  player: { play(files: readonly string[]): { done: Promise<string>; cut(): void } },
  prompt: ResolvedPrompt,
  keys: KeyWatch,
): Promise<void> {
  const playing = player.play(prompt.files);
  operation.started();
  operation.signal.addEventListener('abort', playing.cut, { once: true });
  keys.cut = prompt.bargeIn ? playing.cut : null;
  const end = await playing.done;
  keys.cut = null;
  operation.signal.removeEventListener('abort', playing.cut);
  if (end === 'missing') throw new TelephonyError('TEL_FILE');
}

/** Ringing tone of most of Europe (ITU-T E.180): 425 Hz, one second in five. */
const RINGBACK = 'tone_stream://%(1000,4000,425);loops=-1';
const MUSIC = 'local_stream://moh';
/** A prompt shorter than this is not repeated. */
const SHORTEST_MS = 200;

/** Starts a background sound, or silence, and answers at once. */
export const background: Handler<'media.background'> = async (operation) => {
  const { leg, command, overtaken } = operation;
  const media = await leg.media;
  // it would take the place of what was to come after it
  if (!media || overtaken()) return INTERRUPTED;
  switch (command.sound) {
    case 'ringback':
      media.player.play([RINGBACK]);
      break;
    case 'music':
      media.player.play([MUSIC]);
      break;
    case 'echo':
      media.player.run('echo', '');
      break;
    case 'prompt':
      await repeat(operation, media.player, command.prompt);
      break;
    case 'none':
      await media.player.silence();
      break;
  }
  operation.started();
  return DONE;
};

/** Plays a prompt over and over until something else is played; the ringing tone where it cannot be. */
async function repeat(operation: RunningOperation, player: Player, prompt: Prompt | undefined): Promise<void> {
  const [found] = await resolveRuns(operation, prompt ? [prompt] : []).catch(() => []);
  if (operation.overtaken()) return;
  if (!found) {
    player.play([RINGBACK]);
    return;
  }
  const again = (startedAt: number): void => {
    void player.play(found.files).done.then((end) => {
      const now = performance.now();
      // a file that is missing, or over at once, would be asked for without a pause
      if (end === 'missing' || (end === 'ended' && now - startedAt < SHORTEST_MS)) player.play([RINGBACK]);
      else if (end === 'ended') again(now);
    });
  };
  again(performance.now());
}

/** Stops a running operation of the leg; that one answers `interrupted`. */
export const stop: Handler<'media.stop'> = async ({ leg, command }) => {
  leg.running.get(command.target)?.abort();
  return DONE;
};
