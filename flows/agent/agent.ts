/** A user acts as an agent (`called.id`): `pause` pauses or resumes him, else he logs in to or out of that queue or group (`all`: his queues). */
import { flow, node, say } from '@callwright/engine';

const SAID = {
  'logged-in': 'in',
  'logged-out': 'out',
  paused: 'paused',
  resumed: 'resumed',
  ready: 'resumed',
  refused: 'refused',
  failed: 'failed',
} as const;

export default flow('agent', {
  title: 'Agent',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'choose' }),
    choose: node(
      'branch',
      { branches: [{ outcome: 'pause', when: "called.id == 'pause'" }] },
      { pause: 'pause', otherwise: 'log-in' },
    ),
    'log-in': node('agent-log-in', { do: 'toggle', queue: '${called.id}' }, SAID),
    pause: node('agent-log-in', { do: 'toggle-pause' }, SAID),
    in: node('play', { prompts: [say({ en: 'You are logged in.', fr: 'Vous êtes connecté.' })] }, { next: 'end' }),
    out: node('play', { prompts: [say({ en: 'You are logged out.', fr: 'Vous êtes déconnecté.' })] }, { next: 'end' }),
    paused: node('play', { prompts: [say({ en: 'You are paused.', fr: 'Vous êtes en pause.' })] }, { next: 'end' }),
    resumed: node(
      'play',
      { prompts: [say({ en: 'You are ready for calls.', fr: 'Vous êtes prêt à prendre des appels.' })] },
      { next: 'end' },
    ),
    refused: node('hang-up', { cause: 'forbidden' }),
    failed: node('hang-up', { cause: 'failed' }),
    end: node('hang-up', {}),
  },
});
