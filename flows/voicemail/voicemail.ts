/** A voicemail box (`called.id`, a state after `/`) takes a message. */
import { flow, node } from '@callwright/engine';

export default flow('voicemail', {
  title: 'Voicemail',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'message' }),
    message: node('voicemail', { box: '${called.id}' }, { left: 'end', empty: 'end', full: 'full', failed: 'failed' }),
    end: node('hang-up', {}),
    full: node('hang-up', { cause: 'unavailable' }),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
