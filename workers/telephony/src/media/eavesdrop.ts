/** How the media server's `eavesdrop` is told what a supervisor does. Keys are ours, not its own. */
import type { SupervisionMode } from '@callwright/engine';

/** Variables of the supervisor's channel, read when the application begins. The A-leg is the channel that is supervised. */
export const eavesdropSettings = (mode: SupervisionMode): readonly (readonly [name: string, value: string])[] => [
  ['eavesdrop_enable_dtmf', 'false'],
  ['eavesdrop_whisper_aleg', String(mode !== 'listen')],
  ['eavesdrop_whisper_bleg', String(mode === 'barge')],
];
