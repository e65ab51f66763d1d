/** A queue as a number (`called.id`): the caller waits for an agent, or is called back in his turn. */
import { flow, node, say } from '@callwright/engine';

export default flow('direct-queue', {
  title: 'Direct to a queue',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'queue' }),
    queue: node(
      'queue',
      { queue: '${called.id}' },
      {
        answered: 'done',
        empty: 'nobody',
        full: 'full',
        timeout: 'nobody',
        exit: 'done',
        callback: 'callback',
        failed: 'failed',
      },
    ),
    callback: node('callback', {}, { requested: 'promised', refused: 'done' }),
    promised: node(
      'play',
      { prompts: [say({ en: 'We will call you back.', fr: 'Nous vous rappellerons.' })] },
      { next: 'done' },
    ),
    // said before the answer where the caller has not been answered
    nobody: node(
      'play',
      {
        prompts: [
          say({
            en: 'Nobody can take your call at the moment. Please try again later.',
            fr: 'Personne ne peut prendre votre appel pour le moment. Veuillez réessayer plus tard.',
          }),
        ],
        early: true,
      },
      { next: 'unavailable' },
    ),
    full: node(
      'play',
      {
        prompts: [
          say({
            en: 'Too many callers are waiting. Please try again later.',
            fr: 'Trop de personnes attendent déjà. Veuillez réessayer plus tard.',
          }),
        ],
        early: true,
      },
      { next: 'busy' },
    ),
    unavailable: node('hang-up', { cause: 'unavailable' }),
    busy: node('hang-up', { cause: 'busy' }),
    done: node('hang-up', {}),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
