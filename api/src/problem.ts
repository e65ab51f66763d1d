/** Errors as answers: `ApiError` by code of the catalogue, everything else mapped to one; problem+json (RFC 9457). */
import { API_ERRORS, type ApiErrorCode, type ErrorEntry, type Problem } from '@callwright/api-contract';
import { violatedConstraint } from '@callwright/store';

interface Details {
  /** What exactly, for this request; never a secret. */
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly diagnostics?: readonly object[];
  readonly retryAfterSeconds?: number;
}

export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly details: Details;
  constructor(code: ApiErrorCode, details: Details = {}, options?: ErrorOptions) {
    super(API_ERRORS[code].message, options);
    this.name = 'ApiError';
    this.code = code;
    this.details = details;
  }
}

export const entryOf = (code: ApiErrorCode): ErrorEntry => API_ERRORS[code];

/** Body of the answer. */
export function problemOf(error: ApiError, requestId: string): Problem {
  const { message, http } = entryOf(error.code);
  const { detail, errors, diagnostics } = error.details;
  return {
    type: `urn:callwright:error:${error.code}`,
    title: message,
    status: http,
    code: error.code,
    ...(detail === undefined ? {} : { detail }),
    requestId,
    ...(errors ? { errors: [...errors] } : {}),
    ...(diagnostics ? { diagnostics: [...diagnostics] as NonNullable<Problem['diagnostics']> } : {}),
  };
}

/** Fastify's and the store's codes that are not ours to decide. */
const BY_CODE: Readonly<Record<string, ApiErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'API_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'API_TOO_LARGE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'API_BAD_JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'API_BAD_JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'API_BAD_REQUEST',
  STO_NUMBER_TAKEN: 'API_NUMBER_TAKEN',
  STO_TOO_MANY_RULES: 'API_TOO_MANY',
  STO_UNKNOWN_MEMBER: 'API_UNKNOWN_MEMBER',
  STO_UNKNOWN_REFERENCE: 'API_UNKNOWN_REFERENCE',
  STO_DEPARTMENT_LOOP: 'API_DEPARTMENT_LOOP',
  STO_DEVICE_LIMIT: 'API_DEVICE_LIMIT',
  SPE_AUDIO: 'API_AUDIO_INVALID',
  SPE_LANGUAGE: 'API_SPEECH_INVALID',
  SPE_TEXT: 'API_SPEECH_INVALID',
  SPE_TIMEOUT: 'API_SPEECH_UNAVAILABLE',
  SPE_PROVIDER: 'API_SPEECH_UNAVAILABLE',
};

/** SQLSTATE classes and socket errors that mean: PostgreSQL is away or too busy. */
const AWAY = /^(08|53|57P|40001|40P01|55P03|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)/;
/** SQLSTATE: something else refers to the row. */
const FOREIGN_KEY = '23503';
/** A value that PostgreSQL cannot hold. */
const BAD_VALUE = /^22/;

function fromStore(error: Error & { code?: string }): ApiError | null {
  const constraint = violatedConstraint(error);
  if (constraint !== null) {
    const number = constraint.startsWith('phone_number_') || constraint.includes('extension');
    return new ApiError(number ? 'API_NUMBER_TAKEN' : 'API_NAME_TAKEN', {}, { cause: error });
  }
  const code = error.code ?? '';
  if (code === FOREIGN_KEY) return new ApiError('API_IN_USE', {}, { cause: error });
  if (AWAY.test(code) || /timeout exceeded when trying to connect|Connection terminated/.test(error.message)) {
    return new ApiError('API_UNAVAILABLE', { retryAfterSeconds: 1 }, { cause: error });
  }
  return BAD_VALUE.test(code) ? new ApiError('API_BAD_REQUEST', {}, { cause: error }) : null;
}

interface ValidationIssue {
  readonly instancePath?: string;
  readonly message?: string;
}

/** Any error as one of the catalogue. What is unknown is ours: `API_INTERNAL`. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const error = (thrown instanceof Error ? thrown : new Error('thrown')) as Error & {
    code?: string;
    statusCode?: number;
    validation?: readonly ValidationIssue[];
    validationContext?: string;
  };
  if (error.validation) {
    const where = error.validationContext ?? 'body';
    const errors = error.validation.slice(0, 100).map((issue) => ({
      path: `${where}${(issue.instancePath ?? '').replaceAll('/', '.')}`,
      message: issue.message ?? 'is not valid',
    }));
    return new ApiError('API_BAD_REQUEST', { errors });
  }
  const known = BY_CODE[error.code ?? ''];
  if (known) {
    const tell = known === 'API_AUDIO_INVALID' || known === 'API_SPEECH_INVALID';
    return new ApiError(known, tell ? { detail: error.message } : {}, { cause: error });
  }
  const stored = fromStore(error);
  if (stored) return stored;
  if (error.name === 'SyntaxError' && error.statusCode === 400) return new ApiError('API_BAD_JSON');
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new ApiError('API_BAD_REQUEST', {}, { cause: error });
  return new ApiError('API_INTERNAL', {}, { cause: error });
}
