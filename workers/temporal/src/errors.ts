/** Errors of the embedded Temporal server, by code. */
const CATALOGUE = {
  /** No way to get the server worked; the message lists what was tried and the remedies. */
  TMP_NOT_FOUND: { blame: 'outside', retryable: false },
  /** One way to get the server failed or took too long; another one may follow. */
  TMP_ATTEMPT_FAILED: { blame: 'outside', retryable: true },
} as const;

/** A coded error with a plain sentence for the person at the terminal. */
export class TemporalError extends Error {
  readonly code: keyof typeof CATALOGUE;
  readonly blame: 'author' | 'outside' | 'us';
  readonly retryable: boolean;

  constructor(code: keyof typeof CATALOGUE, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TemporalError';
    this.code = code;
    this.blame = CATALOGUE[code].blame;
    this.retryable = CATALOGUE[code].retryable;
  }
}
