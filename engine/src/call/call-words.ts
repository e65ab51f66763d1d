/** What the call itself says to its parties, in the languages of the platform. */
import type { Prompt, PromptItem } from '../protocol/index.ts';

interface Words {
  readonly joined: string;
  readonly left: string;
  readonly awaitsModerator: string;
  readonly locked: string;
  readonly unlocked: string;
  readonly muted: string;
  readonly heard: string;
  readonly parked: string;
  readonly noSlot: string;
  readonly accept: readonly [before: string, after: string];
  readonly sayName: string;
  readonly nameFrom: string;
  readonly nameKeys: string;
  readonly callBack: readonly [before: string, after: string];
}

const WORDS: Readonly<Record<string, Words>> = {
  en: {
    joined: 'has joined the meeting.',
    left: 'has left the meeting.',
    awaitsModerator: 'The meeting begins as soon as its moderator is here.',
    locked: 'The room is locked.',
    unlocked: 'The room is open.',
    muted: 'You are muted.',
    heard: 'You are heard.',
    parked: 'Parked at',
    noSlot: 'No park slot is free.',
    accept: ['A call for', 'Press 1 to accept.'],
    sayName: 'Please say your name after the tone, then press hash.',
    nameFrom: 'Call from',
    nameKeys: 'Press 1 to accept, 2 to refuse, 3 for your voicemail.',
    callBack: ['Callback to', 'Press 1 to be connected.'],
  },
  fr: {
    joined: 'a rejoint la réunion.',
    left: 'a quitté la réunion.',
    awaitsModerator: 'La réunion commence dès que l’animateur est là.',
    locked: 'La salle est verrouillée.',
    unlocked: 'La salle est ouverte.',
    muted: 'Votre micro est coupé.',
    heard: 'Votre micro est ouvert.',
    parked: 'En attente au',
    noSlot: 'Aucune place de parcage n’est libre.',
    accept: ['Un appel pour', 'Tapez 1 pour accepter.'],
    sayName: 'Dites votre nom après le signal, puis tapez dièse.',
    nameFrom: 'Appel de',
    nameKeys: 'Tapez 1 pour accepter, 2 pour refuser, 3 pour la messagerie.',
    callBack: ['Rappel du', 'Tapez 1 pour être mis en relation.'],
  },
  it: {
    joined: 'è entrato nella riunione.',
    left: 'ha lasciato la riunione.',
    awaitsModerator: 'La riunione comincia quando arriva il moderatore.',
    locked: 'La sala è chiusa.',
    unlocked: 'La sala è aperta.',
    muted: 'Il microfono è spento.',
    heard: 'Il microfono è acceso.',
    parked: 'Parcheggiato al',
    noSlot: 'Nessun posto di parcheggio è libero.',
    accept: ['Una chiamata per', 'Premere 1 per accettare.'],
    sayName: 'Dica il suo nome dopo il segnale, poi prema cancelletto.',
    nameFrom: 'Chiamata da',
    nameKeys: 'Premere 1 per accettare, 2 per rifiutare, 3 per la segreteria.',
    callBack: ['Richiamata al', 'Premere 1 per essere collegato.'],
  },
};

/** Two short tones: somebody whose name is not known comes or goes. */
const CHIME: PromptItem = { type: 'tone', frequenciesHz: [660], onMs: 150, offMs: 80, repeat: 2 };

const wordsOf = (language: string): [words: Words, language: string] => {
  const short = language.slice(0, 2);
  return Object.hasOwn(WORDS, short) ? [WORDS[short]!, short] : [WORDS.en!, 'en'];
};

const prompt = (items: readonly PromptItem[], bargeIn = true): Prompt => ({ items: [...items], bargeIn });

/** A sentence without blanks to fill. */
export function said(
  language: string,
  what: 'awaitsModerator' | 'locked' | 'unlocked' | 'muted' | 'heard' | 'noSlot' | 'sayName',
): Prompt {
  const [words, spoken] = wordsOf(language);
  return prompt([{ type: 'text', text: words[what], language: spoken }]);
}

/** Who has come into a meeting, or left it: by his recorded name, else by the one he has, else a tone. */
export function memberNews(language: string, what: 'joined' | 'left', name: string, recorded: Prompt | null): Prompt {
  const [words, spoken] = wordsOf(language);
  const who = recorded?.items ?? (name.trim() === '' ? [] : [{ type: 'text' as const, text: name, language: spoken }]);
  if (who.length === 0) return prompt([CHIME], false);
  return prompt([...who.slice(0, 5), { type: 'text', text: words[what], language: spoken }], false);
}

/** The slot where a call is parked, told to who parked it. */
export function parkedAt(language: string, number: string): Prompt {
  const [words, spoken] = wordsOf(language);
  return prompt([
    { type: 'text', text: words.parked, language: spoken },
    { type: 'value', as: 'digits', value: number, language: spoken },
  ]);
}

/** Asks whoever answers for others to accept by a key. */
export function acceptPrompt(language: string, name: string): Prompt {
  const [words, spoken] = wordsOf(language);
  const [before, after] = words.accept;
  return prompt([
    { type: 'text', text: `${before} ${name}.`, language: spoken },
    { type: 'text', text: after, language: spoken },
  ]);
}

/** Who calls, by the name he has said, and the keys of whoever is called. */
export function screenedName(language: string, recordingId: string): Prompt {
  const [words, spoken] = wordsOf(language);
  return prompt([
    { type: 'text', text: words.nameFrom, language: spoken },
    { type: 'recording', id: recordingId },
    { type: 'text', text: words.nameKeys, language: spoken },
  ]);
}

/** Whom an agent would call back, and the key for it. */
export function callBackPrompt(language: string, number: string): Prompt {
  const [words, spoken] = wordsOf(language);
  const [before, after] = words.callBack;
  return prompt([
    { type: 'text', text: before, language: spoken },
    { type: 'value', as: 'digits', value: number.replace(/\D/g, '').slice(0, 20), language: spoken, pii: true },
    { type: 'text', text: after, language: spoken },
  ]);
}
