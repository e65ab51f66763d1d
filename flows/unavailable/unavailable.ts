/** Tells the caller that what he dialled cannot be reached. */
import { flow, node, say } from '@callwright/engine';
import { UNREACHABLE } from '../reach.ts';

export default flow('unavailable', {
  title: 'Unavailable',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'tell' }),
    tell: node(
      'play',
      {
        prompts: [say(UNREACHABLE)],
      },
      { next: 'end' },
    ),
    end: node('hang-up', { cause: 'unavailable' }),
  },
});
