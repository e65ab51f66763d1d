/** Conformance suites of the speech ports: a new provider's test calls one of them. */
export { recognise, recognisingConformance, type Utterance } from './recognising.ts';
export { speakingConformance, type Vitest } from './speaking.ts';
export { type TranscribingStage, transcribingConformance } from './transcribing.ts';
export { keysWav, startTranscriptionService, type TranscriptionService } from './transcription-service.ts';
