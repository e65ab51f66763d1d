/**
 * `play_and_get_digits min max tries timeout terminators file invalidFile varName regexp [digitTimeout]`, times in milliseconds
 * (wire-protocols §B4, §B6). A key during the prompt cuts it and counts; digits shorter than `min` are left in the variable.
 */
import type { Channel } from '../channel.ts';
import { splitArguments } from './arguments.ts';
import { type Player, splitFiles, startPlayer } from './player.ts';
import type { App } from './registry.ts';

interface Settings {
  readonly min: number;
  readonly max: number;
  readonly tries: number;
  readonly timeoutMs: number;
  readonly terminators: string;
  readonly file: string;
  readonly invalidFile: string;
  readonly varName: string;
  readonly regexp: RegExp | null;
  readonly digitTimeoutMs: number;
}

const MAX_DIGITS = 512;
const MAX_REGEXP = 200;

function parseSettings(arg: string): Settings | null {
  const parts = splitArguments(arg);
  const [min, max, tries, timeout, terminators, file, invalidFile, varName, regexp, digitTimeout] = parts;
  if (varName === undefined || file === undefined || invalidFile === undefined) return null;
  const timeoutMs = clamp(Number(timeout), 1, 3_600_000);
  const settings = {
    min: clamp(Number(min), 0, MAX_DIGITS),
    max: clamp(Number(max), 0, MAX_DIGITS),
    tries: clamp(Number(tries), 1, 1000),
    timeoutMs,
    terminators: terminators === 'none' ? '' : (terminators ?? ''),
    file,
    invalidFile,
    varName,
    regexp: compile(regexp),
    digitTimeoutMs: digitTimeout === undefined ? timeoutMs : clamp(Number(digitTimeout), 1, 3_600_000),
  };
  return settings.max === 0 || settings.max < settings.min ? null : settings;
}

function clamp(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, Math.floor(value))) : low;
}

/** The expression is the application's own, over at most 512 digits; an invalid one matches nothing, as in PCRE. */
function compile(text: string | undefined): RegExp | null {
  if (!text) return null;
  try {
    return new RegExp(text.slice(0, MAX_REGEXP));
  } catch {
    return /[^\s\S]/;
  }
}

export const playAndGetDigits: App = (channel, arg, done) => {
  const settings = parseSettings(arg);
  if (!settings) {
    done();
    return {};
  }
  const collection = new Collection(channel, settings, done);
  collection.start();
  return collection;
};

/** One run of the application: up to `tries` rounds of prompt and digits. */
class Collection {
  private readonly channel: Channel;
  private readonly settings: Settings;
  private readonly done: () => void;
  private triesLeft: number;
  private digits = '';
  private player: Player | null = null;
  private timer: NodeJS.Timeout | undefined;
  /** `prompt` and `digits` take keys; `invalid` drops them. */
  private phase: 'prompt' | 'digits' | 'invalid' | 'over' = 'prompt';

  constructor(channel: Channel, settings: Settings, done: () => void) {
    this.channel = channel;
    this.settings = settings;
    this.done = done;
    this.triesLeft = settings.tries;
  }

  start(): void {
    if (this.settings.regexp) this.channel.setVariable(`${this.settings.varName}_invalid`, '');
    this.channel.setVariable(this.settings.varName, '');
    this.round();
  }

  onKey(key: string): void {
    if (this.phase !== 'prompt' && this.phase !== 'digits') return;
    if (this.settings.terminators.includes(key)) {
      this.channel.setVariable('read_terminator_used', key);
      this.endRound();
      return;
    }
    this.digits += key;
    if (this.digits.length >= this.settings.max) this.endRound();
    else if (this.phase === 'prompt') this.stopPrompt();
    else this.wait(this.settings.digitTimeoutMs);
  }

  break(): void {
    if (this.phase === 'prompt') this.stopPrompt();
    else if (this.phase === 'digits') this.endRound();
    else this.player?.stop();
  }

  suspend(): void {
    this.player?.suspend();
  }

  resume(): void {
    this.player?.resume();
  }

  hangup(): void {
    if (this.phase === 'over') return;
    this.store();
    this.finish();
  }

  private round(): void {
    this.digits = '';
    this.triesLeft--;
    this.phase = 'prompt';
    const files = this.settings.file === 'silence' ? [] : splitFiles(this.channel, this.settings.file);
    if (files.length === 0) this.collect();
    else this.player = startPlayer(this.channel, files, () => this.phase === 'prompt' && this.collect());
  }

  /** A key came: the prompt ends, the digits go on. */
  private stopPrompt(): void {
    const player = this.player;
    this.player = null;
    this.collect();
    player?.stop();
  }

  private collect(): void {
    this.phase = 'digits';
    this.wait(this.digits === '' ? this.settings.timeoutMs : this.settings.digitTimeoutMs);
  }

  private wait(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.endRound(), ms);
  }

  private endRound(): void {
    clearTimeout(this.timer);
    this.phase = 'invalid';
    const player = this.player;
    this.player = null;
    player?.stop();
    const { varName, min, regexp } = this.settings;
    this.store();
    const tooShort = this.digits.length < min;
    if (!tooShort && (this.digits === '' || !regexp || regexp.test(this.digits))) {
      if (this.digits !== '' || min === 0) {
        this.finish();
        return;
      }
    }
    if (!tooShort && this.digits !== '') {
      this.channel.setVariable(`${varName}_invalid`, this.digits);
      this.channel.setVariable(varName, '');
    }
    this.playInvalid();
  }

  private playInvalid(): void {
    const again = () => {
      this.player = null;
      if (this.phase !== 'invalid') return;
      if (this.triesLeft > 0) this.round();
      else this.finish();
    };
    this.player = startPlayer(this.channel, splitFiles(this.channel, this.settings.invalidFile), again);
  }

  private store(): void {
    const short = this.digits.length < this.settings.min;
    const result = short ? 'failure' : this.digits === '' ? 'timeout' : 'success';
    this.channel.setVariable('read_result', result);
    if (this.digits !== '') this.channel.setVariable(this.settings.varName, this.digits);
  }

  private finish(): void {
    clearTimeout(this.timer);
    this.phase = 'over';
    const player = this.player;
    this.player = null;
    player?.stop();
    this.done();
  }
}
