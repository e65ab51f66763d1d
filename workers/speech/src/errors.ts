/** Errors of the speech package, by code. */

export const SPEECH_ERRORS = {
  SPE_LANGUAGE: { message: 'no voice for this language', blame: 'author', retryable: false },
  SPE_TEXT: { message: 'text is empty or too long', blame: 'author', retryable: false },
  SPE_AUDIO: { message: 'audio is not known or not a WAV file that can be played', blame: 'author', retryable: false },
  SPE_VALUE: { message: 'value cannot be spoken as asked', blame: 'author', retryable: false },
  SPE_TIMEOUT: { message: 'speech engine did not answer in time', blame: 'us', retryable: true },
  SPE_REFUSED: { message: 'speech engine refused the request', blame: 'author', retryable: false },
  SPE_PROVIDER: { message: 'speech engine failed', blame: 'us', retryable: true },
} as const;

export type SpeechErrorCode = keyof typeof SPEECH_ERRORS;

export class SpeechError extends Error {
  readonly code: SpeechErrorCode;
  constructor(code: SpeechErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ? `${SPEECH_ERRORS[code].message}: ${detail}` : SPEECH_ERRORS[code].message, options);
    this.code = code;
  }
}
