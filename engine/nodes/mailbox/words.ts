/** What the owner of a box hears, in the languages of the platform. */
import type { Prompt, PromptItem } from '../../src/protocol/index.ts';

/** Names of the texts. */
export type Word = keyof (typeof WORDS)['en'];

const WORDS = {
  en: {
    pin: 'Enter your code, then the hash key.',
    'pin-wrong': 'That code is not right.',
    locked: 'There were too many wrong codes. Please try again later.',
    fresh: 'new messages.',
    old: 'saved messages.',
    none: 'There are no more messages.',
    menu: 'Press 1 to hear your messages, 2 for your greetings, 3 to change your code.',
    from: 'Message from',
    unknown: 'Message from an unknown number.',
    on: 'on',
    message: 'Press 1 for the next message, 2 to hear it again, 3 to delete it, 4 to call back, star for the menu.',
    deleted: 'The message is deleted.',
    greetings:
      'Press 1 to record your greeting, 2 the one for when you are busy, 3 for when you do not answer, 4 for when you are away, 5 for when you do not wish to be disturbed, 6 to record your name.',
    speak: 'Speak after the tone, then press the hash key.',
    keep: 'Press 1 to keep it, 2 to record it again.',
    kept: 'It is stored.',
    'new-pin': 'Enter your new code of four to ten digits, then the hash key.',
    again: 'Enter it again.',
    differs: 'The two differ.',
  },
  fr: {
    pin: 'Saisissez votre code, puis dièse.',
    'pin-wrong': 'Ce code est erroné.',
    locked: 'Trop de codes erronés. Réessayez plus tard.',
    fresh: 'nouveaux messages.',
    old: 'messages conservés.',
    none: 'Il n’y a plus de message.',
    menu: 'Tapez 1 pour écouter vos messages, 2 pour vos annonces, 3 pour changer votre code.',
    from: 'Message du',
    unknown: 'Message d’un numéro inconnu.',
    on: 'le',
    message:
      'Tapez 1 pour le message suivant, 2 pour réécouter, 3 pour supprimer, 4 pour rappeler, étoile pour le menu.',
    deleted: 'Le message est supprimé.',
    greetings:
      'Tapez 1 pour enregistrer votre annonce, 2 celle d’occupation, 3 celle de non-réponse, 4 celle d’absence, 5 celle de ne pas déranger, 6 votre nom.',
    speak: 'Parlez après le bip, puis tapez dièse.',
    keep: 'Tapez 1 pour conserver, 2 pour recommencer.',
    kept: 'C’est enregistré.',
    'new-pin': 'Saisissez votre nouveau code de quatre à dix chiffres, puis dièse.',
    again: 'Saisissez-le à nouveau.',
    differs: 'Les deux codes diffèrent.',
  },
  it: {
    pin: 'Digitate il vostro codice, poi cancelletto.',
    'pin-wrong': 'Il codice è errato.',
    locked: 'Troppi codici errati. Riprovate più tardi.',
    fresh: 'nuovi messaggi.',
    old: 'messaggi salvati.',
    none: 'Non ci sono altri messaggi.',
    menu: 'Premete 1 per ascoltare i messaggi, 2 per gli annunci, 3 per cambiare il codice.',
    from: 'Messaggio da',
    unknown: 'Messaggio da un numero sconosciuto.',
    on: 'il',
    message:
      'Premete 1 per il messaggio successivo, 2 per riascoltare, 3 per cancellare, 4 per richiamare, asterisco per il menu.',
    deleted: 'Il messaggio è cancellato.',
    greetings:
      'Premete 1 per registrare l’annuncio, 2 quello di occupato, 3 di mancata risposta, 4 di assenza, 5 di non disturbare, 6 il vostro nome.',
    speak: 'Parlate dopo il segnale, poi premete cancelletto.',
    keep: 'Premete 1 per conservare, 2 per registrare di nuovo.',
    kept: 'È registrato.',
    'new-pin': 'Digitate il nuovo codice, da quattro a dieci cifre, poi cancelletto.',
    again: 'Digitatelo di nuovo.',
    differs: 'I due codici sono diversi.',
  },
} as const;

const languageOf = (language: string): 'en' | 'fr' | 'it' => {
  const short = language.slice(0, 2);
  return short === 'fr' || short === 'it' ? short : 'en';
};

/** One text as a prompt that a key may cut. */
export const word = (name: Word, language: string): Prompt => ({ items: [wordItem(name, language)], bargeIn: true });

export const wordItem = (name: Word, language: string): PromptItem => {
  const spoken = languageOf(language);
  return { type: 'text', text: WORDS[spoken][name], language: spoken };
};
