/** The directory by name: the caller types the beginning of a name and is connected with whom he chooses. */
import { flow, node, say } from '@callwright/engine';

const gone = { busy: 'sorry', 'no-answer': 'sorry', rejected: 'sorry', unavailable: 'sorry', failed: 'sorry' } as const;

export default flow('directory', {
  title: 'Directory by name',
  language: 'en',
  variables: { extension: { type: 'string', initial: '' } },
  nodes: {
    start: node('start', {}, { next: 'ask' }),
    ask: node(
      'directory',
      {
        prompts: [
          say({
            en: 'Please type the first letters of the name, then press hash.',
            fr: 'Veuillez taper les premières lettres du nom, puis dièse.',
            it: 'Digitare le prime lettere del nome, poi cancelletto.',
          }),
        ],
        noMatchPrompts: [
          say({
            en: 'Nobody of that name was found.',
            fr: 'Personne de ce nom n’a été trouvé.',
            it: 'Nessuno con questo nome è stato trovato.',
          }),
        ],
      },
      { found: 'ring', 'not-found': 'sorry', 'no-input': 'end', failed: 'sorry' },
    ),
    ring: node('dial', { to: { type: 'number', number: '${extension}' } }, { completed: 'end', ...gone }),
    sorry: node(
      'play',
      {
        prompts: [
          say({
            en: 'That person cannot be reached. Goodbye.',
            fr: 'Cette personne n’est pas joignable. Au revoir.',
            it: 'Questa persona non è raggiungibile. Arrivederci.',
          }),
        ],
      },
      { next: 'end' },
    ),
    end: node('hang-up', {}),
  },
});
