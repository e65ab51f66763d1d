/** A user answers for a colleague whose phone rings (`called.id`: an id or extension), or for his groups. */
import { flow, node } from '@callwright/engine';

export default flow('pick-up', {
  title: 'Pick up',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'choose' }),
    choose: node(
      'branch',
      { branches: [{ outcome: 'groups', when: "called.id == 'group'" }] },
      { groups: 'groups', otherwise: 'colleague' },
    ),
    colleague: node(
      'pick-up',
      { user: '${called.id}' },
      { nobody: 'nobody', forbidden: 'forbidden', failed: 'failed' },
    ),
    groups: node('pick-up', {}, { nobody: 'nobody', forbidden: 'forbidden', failed: 'failed' }),
    nobody: node('hang-up', { cause: 'unavailable' }),
    forbidden: node('hang-up', { cause: 'forbidden' }),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
