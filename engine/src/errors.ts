/**
 * Error catalogue of the engine (style §6). Compare codes, never message text. A caller's behaviour is never here: it is an outcome.
 * Retired codes stay listed with `retired: true`.
 */
export interface ErrorEntry {
  readonly message: string;
  readonly blame: 'author' | 'outside' | 'us';
  readonly retryable: boolean;
}

export const ENGINE_ERRORS = {
  FLW_UNKNOWN_KIND: {
    message: 'A node is of a kind this installation does not know',
    blame: 'author',
    retryable: false,
  },
  FLW_NEWER_NODE: { message: 'A node was written by a newer version of Callwright', blame: 'us', retryable: false },
  FLW_BAD_CONFIG: { message: 'The settings of a node are not valid for its kind', blame: 'author', retryable: false },
  FLW_BAD_DOCUMENT: { message: 'The flow is not a valid flow document', blame: 'author', retryable: false },
  FLW_UNKNOWN_REVISION: { message: 'A revision is missing from its closure', blame: 'us', retryable: false },
  FLW_UNKNOWN_FLOW: {
    message: 'The flow calls a flow that its revision does not pin',
    blame: 'author',
    retryable: false,
  },
  FLW_TOO_DEEP: { message: 'Flows call each other too deeply', blame: 'author', retryable: false },
  FLW_CANNOT_BE_CODE: {
    message: 'The flow names something twice, or from nowhere, and cannot be written as code',
    blame: 'author',
    retryable: false,
  },
  FLW_ENDLESS: { message: 'The flow runs in a circle without waiting for anything', blame: 'author', retryable: false },
} as const satisfies Record<string, ErrorEntry>;

export type EngineErrorCode = keyof typeof ENGINE_ERRORS;

/** Faults that end a running flow. */
export type FlowFault = Extract<EngineErrorCode, 'FLW_UNKNOWN_FLOW' | 'FLW_TOO_DEEP' | 'FLW_ENDLESS'>;

/** A coded failure of the engine: a bug or a broken configuration. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;
  /** Where: a node id, a hash, a field path. Never a value. */
  readonly detail: string;

  constructor(code: EngineErrorCode, detail: string) {
    super(`${ENGINE_ERRORS[code].message}: ${detail}`);
    this.name = 'EngineError';
    this.code = code;
    this.detail = detail;
  }
}
