/** A meeting room (`called.id`), dialled by its extension. */
import { flow, node, say } from '@callwright/engine';

export default flow('meeting-room', {
  title: 'Meeting room',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'room' }),
    room: node(
      'conference',
      {
        room: '${called.id}',
        pinPrompts: [
          say({
            en: 'Please enter the code of the meeting room, then press hash.',
            fr: 'Veuillez saisir le code de la salle de réunion, puis appuyez sur dièse.',
            it: 'Inserire il codice della sala riunioni, poi premere cancelletto.',
          }),
        ],
      },
      { unknown: 'unknown', refused: 'sorry', left: 'end', failed: 'failed' },
    ),
    end: node('hang-up', {}),
    unknown: node('hang-up', { cause: 'unavailable' }),
    sorry: node(
      'play',
      {
        prompts: [
          say({
            en: 'You cannot enter this meeting room now: it is full, locked, or the code is wrong.',
            fr: 'Vous ne pouvez pas entrer dans cette salle de réunion : elle est complète, verrouillée, ou le code est faux.',
            it: 'Non è possibile entrare in questa sala riunioni: è piena, chiusa, o il codice è errato.',
          }),
        ],
      },
      { next: 'refused' },
    ),
    refused: node('hang-up', { cause: 'forbidden' }),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
