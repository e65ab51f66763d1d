/** Conformance suites of the two speech ports: a new provider's test calls one of them. */
export { recognise, recognisingConformance, type Utterance } from './recognising.ts';
export { speakingConformance, type Vitest } from './speaking.ts';
