/** Speech: providers that speak and recognise, values as texts, prompts as files. */
export { renderSpeech, type SpeechCache, speechFileName } from './cache.ts';
export { SPEECH_ERRORS, SpeechError, type SpeechErrorCode } from './errors.ts';
export { createEspeak } from './espeak/espeak.provider.ts';
export { inbandDtmf } from './inband-dtmf/inband-dtmf.provider.ts';
export * from './provider.ts';
export { SHIPPED_PROMPTS_DIR } from './shipped.ts';
export { createSpeech, type Speech, type SpeechContext, type SpeechOptions } from './speech.ts';
export { VALUE_LANGUAGES, type ValueContext, type ValueItem, valueTexts } from './values/value-text.ts';
export { decodeWav, durationMs, encodeWav, resample, TELEPHONE_RATE_HZ, toTelephoneWav } from './wav.ts';
