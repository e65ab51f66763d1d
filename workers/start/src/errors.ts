/** Errors of the start command, by code. Every message is a plain sentence with the remedy. */
const CATALOGUE = {
  /** An environment variable cannot be used. */
  STA_BAD_SETTING: { blame: 'author', retryable: false },
  /** A port is taken by another process. */
  STA_PORT_TAKEN: { blame: 'outside', retryable: false },
  /** Another start command works on the same data directory. */
  STA_ALREADY_RUNNING: { blame: 'author', retryable: false },
  /** A process or an outside server did not come up in time. */
  STA_NOT_READY: { blame: 'outside', retryable: true },
  /** PostgreSQL cannot run here. */
  STA_POSTGRES: { blame: 'outside', retryable: false },
  /** The data directory misses something it cannot do without. */
  STA_DATA_DIRECTORY: { blame: 'outside', retryable: false },
  /** A backup file cannot be read. */
  STA_BACKUP: { blame: 'author', retryable: false },
  /** A folder could not be laid from its template. */
  STA_SCAFFOLD: { blame: 'author', retryable: false },
} as const;

/** Codes of the start command. */
export type StartErrorCode = keyof typeof CATALOGUE;

export class StartError extends Error {
  readonly code: StartErrorCode;
  readonly blame: 'author' | 'outside' | 'us';
  readonly retryable: boolean;

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
    this.code = code;
    this.blame = CATALOGUE[code].blame;
    this.retryable = CATALOGUE[code].retryable;
  }
}
