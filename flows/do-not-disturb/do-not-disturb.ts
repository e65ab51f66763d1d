/** The user who calls is not to be disturbed, or may be again. */
import { flow, node, say } from '@callwright/engine';

export default flow('do-not-disturb', {
  title: 'Do not disturb',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'switch' }),
    switch: node(
      'user-mode',
      { mode: 'dnd', toggle: true },
      { dnd: 'on', normal: 'off', 'not-found': 'refused', failed: 'failed' },
    ),
    on: node(
      'play',
      { prompts: [say({ en: 'You will not be disturbed.', fr: 'Vous ne serez pas dérangé.' })] },
      { next: 'end' },
    ),
    off: node(
      'play',
      { prompts: [say({ en: 'You can be called again.', fr: 'Vous pouvez de nouveau être appelé.' })] },
      { next: 'end' },
    ),
    refused: node('hang-up', { cause: 'forbidden' }),
    failed: node('hang-up', { cause: 'failed' }),
    end: node('hang-up', {}),
  },
});
