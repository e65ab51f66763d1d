/** What a caller is asked about the number under which he is to be called back, in the languages of the platform. */
import type { Prompt } from '../../src/protocol/index.ts';

interface Words {
  readonly number: string;
  readonly accept: string;
  readonly change: string;
  readonly type: string;
}

const WORDS: Readonly<Record<string, Words>> = {
  en: {
    number: 'We will call you back at',
    accept: 'Press 1 to confirm.',
    change: 'Press 1 to confirm, 2 for another number.',
    type: 'Please type your number, then press the hash key.',
  },
  fr: {
    number: 'Nous vous rappellerons au',
    accept: 'Tapez 1 pour confirmer.',
    change: 'Tapez 1 pour confirmer, 2 pour un autre numéro.',
    type: 'Tapez votre numéro, puis dièse.',
  },
  it: {
    number: 'La richiameremo al',
    accept: 'Premere 1 per confermare.',
    change: 'Premere 1 per confermare, 2 per un altro numero.',
    type: 'Digiti il suo numero, poi cancelletto.',
  },
};

const wordsOf = (language: string): [Words, string] => {
  const short = language.slice(0, 2);
  return Object.hasOwn(WORDS, short) ? [WORDS[short]!, short] : [WORDS.en!, 'en'];
};

/** Reads the number out and asks for it to be confirmed; `change`: another may be typed. */
export function confirmWords(language: string, number: string, change: boolean): Prompt {
  const [words, spoken] = wordsOf(language);
  return {
    items: [
      { type: 'text', text: words.number, language: spoken },
      { type: 'value', as: 'digits', value: number.replace(/\D/g, '').slice(0, 20), language: spoken, pii: true },
      { type: 'text', text: change ? words.change : words.accept, language: spoken },
    ],
    bargeIn: true,
  };
}

/** Asks for a number. */
export function typeWords(language: string): Prompt {
  const [words, spoken] = wordsOf(language);
  return { items: [{ type: 'text', text: words.type, language: spoken }], bargeIn: true };
}
