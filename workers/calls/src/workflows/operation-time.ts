/**
 * Start-to-close of media operations: the most the operation itself can take, plus 10 s (temporal.md §4.4). A guess too short is
 * harmless: the retry re-attaches to the running operation.
 */
import type { MediaCommand, Prompt, PromptItem } from '@callwright/engine';

const MARGIN_MS = 10_000;
/** An audio file's length is telephony's knowledge; most are far shorter. */
const AUDIO_MS = 120_000;
const VALUE_MS = 20_000;
const SPOKEN_CHARACTER_MS = 120;
/** REFER: until the far end's last NOTIFY. */
const REFER_MS = 60_000;

export function operationTimeMs(command: MediaCommand): number {
  switch (command.kind) {
    case 'media.play':
      return promptsMs(command.prompts) + MARGIN_MS;
    case 'media.collect': {
      const retry = promptsMs(command.noInputPrompts) + promptsMs(command.noMatchPrompts);
      const digits = command.maxDigits * command.interDigitTimeoutMs;
      const entry = command.totalTimeoutMs > 0 ? command.totalTimeoutMs : command.firstDigitTimeoutMs + digits;
      return command.tries * (promptsMs(command.prompts) + retry + entry) + MARGIN_MS;
    }
    case 'media.record':
      return promptsMs(command.prompts) + command.maxMs + MARGIN_MS;
    case 'leg.refer':
      return REFER_MS + MARGIN_MS;
    default:
      return MARGIN_MS;
  }
}

const promptsMs = (prompts: readonly Prompt[]): number =>
  prompts.reduce((sum, prompt) => sum + prompt.items.reduce((inner, item) => inner + itemMs(item), 0), 0);

function itemMs(item: PromptItem): number {
  switch (item.type) {
    case 'audio':
    case 'recording':
      return AUDIO_MS;
    case 'text':
      return item.text.length * SPOKEN_CHARACTER_MS + 1000;
    case 'tone':
      return (item.onMs + item.offMs) * item.repeat;
    case 'silence':
      return item.ms;
    case 'value':
      return VALUE_MS;
  }
}
