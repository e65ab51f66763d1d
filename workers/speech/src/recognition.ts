/** Providers that turn recordings into text, by the name that an owner's settings have. Apart from the index: it draws in no voice. */
import type { TranscribingProvider } from './provider.ts';
import { createTranscriptionsApi, type TranscriptionsApi } from './transcriptions-api/transcriptions-api.provider.ts';

export { SpeechError } from './errors.ts';
export type { TranscribingProvider, Transcript } from './provider.ts';
export type { Form, PostForm, TranscriptionsApi } from './transcriptions-api/transcriptions-api.provider.ts';

/** What each is made of: where the service is, and how it is reached. */
const PROVIDERS: Readonly<Record<string, (settings: TranscriptionsApi) => TranscribingProvider>> = {
  'transcriptions-api': createTranscriptionsApi,
};

/** Null when there is none of that name. */
export const transcribingProvider = (name: string, settings: TranscriptionsApi): TranscribingProvider | null =>
  Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name]!(settings) : null;
