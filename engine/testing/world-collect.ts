/** One `media.collect` in the fake world: digits, barge-in, the three time-outs and tries, as the protocol describes them. */
import type { MediaCommand, MediaResult, Prompt } from '../src/protocol/index.ts';

type Command = Extract<MediaCommand, { kind: 'media.collect' }>;

export interface Collecting {
  readonly command: Command;
  entry: string;
  tries: number;
  /** When the prompts of this try end; a key may cut them short. */
  promptsEnd: number;
  /** Digits typed while prompts without barge-in play. */
  early: string;
  deadline: number;
  /** Changes with the deadline. */
  token: number;
  /** Prompts that began since last looked at. */
  readonly said: string[];
  result: MediaResult | null;
  /** Digits left over for the next operation. */
  rest: string;
}

export function startCollect(command: Command, buffer: string, now: number): Collecting {
  const collecting: Collecting = {
    command,
    entry: '',
    tries: 1,
    promptsEnd: now,
    early: '',
    deadline: now,
    token: 0,
    said: [],
    result: null,
    rest: '',
  };
  begin(collecting, command.prompts, now);
  for (const digit of buffer) collectDigit(collecting, digit, now);
  return collecting;
}

function begin(collecting: Collecting, prompts: readonly Prompt[], now: number): void {
  const items = prompts.flatMap((prompt) => prompt.items.map(spoken));
  collecting.said.push(...items);
  collecting.promptsEnd = now + items.length * 1000;
  collecting.entry = '';
  wait(collecting, collecting.promptsEnd, collecting.command.firstDigitTimeoutMs);
}

function wait(collecting: Collecting, from: number, ms: number): void {
  const { totalTimeoutMs } = collecting.command;
  const total = totalTimeoutMs > 0 ? collecting.promptsEnd + totalTimeoutMs : Number.POSITIVE_INFINITY;
  collecting.deadline = Math.min(from + ms, total);
  collecting.token += 1;
}

/** A key. */
export function collectDigit(collecting: Collecting, digit: string, now: number): void {
  if (collecting.result) {
    collecting.rest += digit;
    return;
  }
  const { prompts, terminators, accept, maxDigits, minDigits, interDigitTimeoutMs } = collecting.command;
  if (now < collecting.promptsEnd && prompts.some((prompt) => !prompt.bargeIn)) {
    collecting.early += digit;
    return;
  }
  collecting.promptsEnd = Math.min(collecting.promptsEnd, now);
  if (collecting.command.loneKeys?.includes(digit)) {
    collecting.entry = digit;
    done(collecting, 'terminator');
    return;
  }
  if (terminators.includes(digit)) {
    const legal = collecting.entry.length >= minDigits && (!accept || accept.includes(collecting.entry));
    if (legal) done(collecting, 'terminator');
    // a key was pressed, even if it ends an entry that has not begun
    else again(collecting, 'no-match', now);
    return;
  }
  collecting.entry += digit;
  const { entry } = collecting;
  const longer = accept?.some((one) => one.length > entry.length && one.startsWith(entry)) ?? entry.length < maxDigits;
  if (accept && !longer && !accept.includes(entry)) again(collecting, 'no-match', now);
  else if (accept && !longer) done(collecting, 'matched');
  else if (entry.length >= maxDigits) done(collecting, 'max');
  else wait(collecting, now, interDigitTimeoutMs);
}

/** The deadline has passed. */
export function collectDeadline(collecting: Collecting, now: number): void {
  if (collecting.result) return;
  const { early } = collecting;
  collecting.early = '';
  if (early !== '') {
    for (const digit of early) collectDigit(collecting, digit, now);
    return;
  }
  const { entry, command } = collecting;
  const legal = entry.length >= command.minDigits && (!command.accept || command.accept.includes(entry));
  if (entry !== '' && legal) done(collecting, 'timeout');
  else again(collecting, entry === '' ? 'no-input' : 'no-match', now);
}

function done(collecting: Collecting, ended: 'terminator' | 'max' | 'matched' | 'timeout'): void {
  const { entry: value, tries } = collecting;
  collecting.result = { status: 'collected', mode: 'keys', value, confidence: 1, ended, tries };
}

function again(collecting: Collecting, reason: 'no-input' | 'no-match', now: number): void {
  const { command, entry: value, tries } = collecting;
  if (tries >= command.tries) {
    collecting.result = { status: 'not-collected', reason, value, tries };
    return;
  }
  collecting.tries += 1;
  const first = reason === 'no-input' ? command.noInputPrompts : command.noMatchPrompts;
  begin(collecting, [...first, ...command.prompts], now);
}

/** A prompt item as a test names it. */
export function spoken(item: { readonly type: string; readonly [key: string]: unknown }): string {
  if (item.type === 'text') return String(item.text);
  if (item.type === 'audio') return String(item.name);
  if (item.type === 'recording') return `recording:${String(item.id)}`;
  if (item.type === 'value') return `${String(item.as)}:${String(item.value)}`;
  if (item.type === 'tone') return `tone:${String(item.frequenciesHz)}`;
  return `silence:${String(item.ms)}`;
}
