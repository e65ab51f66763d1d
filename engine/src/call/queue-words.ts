/** What a waiting caller is told of his place, in the languages of the platform. */
import type { Prompt, PromptItem } from '../protocol/index.ts';

interface Words {
  readonly next: string;
  readonly place: readonly [before: string, after: string];
  readonly wait: readonly [before: string, after: string];
  readonly soon: string;
  readonly waited: readonly [before: string, after: string];
  readonly brief: string;
}

const WORDS: Readonly<Record<string, Words>> = {
  en: {
    next: 'You are next in line.',
    place: ['You are number', 'in line.'],
    wait: ['The estimated waiting time is', 'minutes.'],
    soon: 'The estimated waiting time is less than a minute.',
    waited: ['The caller has waited for', 'minutes.'],
    brief: 'The caller has waited for less than two minutes.',
  },
  fr: {
    next: 'Vous êtes le prochain à être servi.',
    place: ['Vous êtes en position', 'dans la file.'],
    wait: ['Le temps d’attente estimé est de', 'minutes.'],
    soon: 'Le temps d’attente estimé est de moins d’une minute.',
    waited: ['L’appelant attend depuis', 'minutes.'],
    brief: 'L’appelant attend depuis moins de deux minutes.',
  },
  it: {
    next: 'Lei è il prossimo in coda.',
    place: ['Lei è il numero', 'in coda.'],
    wait: ['L’attesa stimata è di', 'minuti.'],
    soon: 'L’attesa stimata è di meno di un minuto.',
    waited: ['Il chiamante attende da', 'minuti.'],
    brief: 'Il chiamante attende da meno di due minuti.',
  },
};

const MINUTE_MS = 60_000;

/** The place and, where it is known and wanted, the estimated wait. */
export function placePrompt(
  place: { readonly position: number; readonly waitMs: number | null },
  wanted: { readonly sayPosition: boolean; readonly sayWait: boolean },
  language: string,
): Prompt | null {
  const words = WORDS[language.slice(0, 2)] ?? WORDS.en!;
  const text = (said: string): PromptItem => ({ type: 'text', text: said, language });
  const number = (value: number): PromptItem => ({ type: 'value', as: 'number', value: String(value), language });
  const around = ([before, after]: readonly [string, string], value: number) => [
    text(before),
    number(value),
    text(after),
  ];
  const { position, waitMs } = place;
  const items: PromptItem[] = [];
  if (wanted.sayPosition) items.push(...(position === 1 ? [text(words.next)] : around(words.place, position)));
  if (wanted.sayWait && waitMs !== null) {
    const minutes = Math.round(waitMs / MINUTE_MS);
    items.push(...(minutes < 2 ? [text(words.soon)] : around(words.wait, minutes)));
  }
  return items.length > 0 ? { items, bargeIn: true } : null;
}

/** Told to an agent: how long the caller he has answered for has waited. */
export function waitedPrompt(waited: number, language: string): Prompt {
  const words = WORDS[language.slice(0, 2)] ?? WORDS.en!;
  const minutes = Math.floor(waited / MINUTE_MS);
  const [before, after] = words.waited;
  const items: PromptItem[] =
    minutes < 2
      ? [{ type: 'text', text: words.brief, language }]
      : [
          { type: 'text', text: before, language },
          { type: 'value', as: 'number', value: String(minutes), language },
          { type: 'text', text: after, language },
        ];
  return { items, bargeIn: true };
}
