/** The owner of a box (`called.id`: `own`, or the extension of a user with a box) hears and manages it, and calls back whoever left a message. */
import { flow, node } from '@callwright/engine';

export default flow('mailbox', {
  title: 'Mailbox',
  language: 'en',
  variables: { number: { type: 'string', initial: '', pii: true } },
  nodes: {
    start: node('start', {}, { next: 'box' }),
    box: node(
      'mailbox',
      { box: '${called.id}', callBack: 'number' },
      { left: 'end', 'call-back': 'call', refused: 'refused', failed: 'failed' },
    ),
    call: node(
      'dial',
      { to: { type: 'number', number: '${number}' }, ringTimeoutMs: 60_000, comfort: 'ringback' },
      { completed: 'end', busy: 'box', 'no-answer': 'box', rejected: 'box', unavailable: 'box', failed: 'box' },
    ),
    end: node('hang-up', {}),
    refused: node('hang-up', { cause: 'forbidden' }),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
