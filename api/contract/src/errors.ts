/**
 * Error catalogue of the HTTP API: one code an error, kept for ever (a code that goes out of use stays, marked retired). The page
 * `docs/errors.md` and the OpenAPI responses are generated from it; a test compares both ways.
 */

export interface ErrorEntry {
  /** One sentence, constant; `detail` of an answer may add to it. */
  readonly message: string;
  /** Who can mend it: the author of the request, something outside, or us. */
  readonly blame: 'author' | 'outside' | 'us';
  readonly http: number;
  /** The same request may work later. */
  readonly retryable: boolean;
}

const author = (http: number, message: string): ErrorEntry => ({ http, message, blame: 'author', retryable: false });
const later = (http: number, message: string, blame: ErrorEntry['blame'] = 'author'): ErrorEntry => ({
  http,
  message,
  blame,
  retryable: true,
});

export const API_ERRORS = {
  API_BAD_REQUEST: author(400, 'The request does not have the form this route needs.'),
  API_BAD_JSON: author(400, 'The body is not valid JSON.'),
  API_COMPANY_REQUIRED: author(400, 'Name the company with the query parameter `company`.'),
  API_BAD_IDEMPOTENCY_KEY: author(400, 'Idempotency-Key must be 1 to 200 visible ASCII characters.'),
  API_UNAUTHENTICATED: author(401, 'Send an API key as bearer token, or log in.'),
  API_LOGIN_FAILED: author(401, 'E-mail address or password is wrong.'),
  API_FORBIDDEN: author(403, 'This key or account may not do that.'),
  API_NOT_ENTITLED: author(403, 'This is switched off for the company.'),
  API_WRONG_ORIGIN: author(403, 'A request with a session cookie must come from this site.'),
  API_UNKNOWN_PATH: author(404, 'There is nothing at this path.'),
  API_NOT_FOUND: author(404, 'There is no such entity, or it belongs to somebody else.'),
  API_COMPANY_UNKNOWN: author(404, 'There is no such company, or it belongs to somebody else.'),
  API_METHOD_NOT_ALLOWED: author(405, 'This path does not take this method.'),
  API_TOO_MANY_SECRETS: author(409, 'It has as many secrets as it may: delete one first.'),
  API_NAME_TAKEN: author(409, 'This name is in use.'),
  API_NUMBER_TAKEN: author(409, 'This extension or number is in use.'),
  API_DRAFT_CHANGED: author(409, 'The draft was saved by somebody else meanwhile: load it again.'),
  API_IN_USE: author(409, 'Something still leads here: change that first.'),
  API_NOT_PUBLISHED: author(409, 'The flow has no published revision.'),
  API_EXTERNAL_ID_TAKEN: author(409, 'The company has another entity of that external id.'),
  API_CALL_OVER: author(409, 'The call has ended.'),
  API_IDEMPOTENCY_BUSY: later(409, 'A request with this Idempotency-Key is being worked on.'),
  API_TOO_LARGE: author(413, 'The body is larger than this route takes.'),
  API_MEDIA_TYPE: author(415, 'This route does not take this content type.'),
  API_FLOW_INVALID: author(422, 'The flow cannot be published: see diagnostics.'),
  API_FLOW_UNTESTED: author(
    422,
    'The company publishes only flows whose every arrow is taken by a test: see diagnostics.',
  ),
  API_AUDIO_INVALID: author(422, 'The audio is not a PCM WAV file that can be played.'),
  API_SPEECH_INVALID: author(422, 'The text cannot be spoken in this language.'),
  API_UNKNOWN_DESTINATION: author(422, 'The company has no such destination.'),
  API_UNKNOWN_MEMBER: author(422, 'A member is no user of the company.'),
  API_UNKNOWN_REFERENCE: author(422, 'A field names something that the company does not have.'),
  API_UNKNOWN_CONTRACT: author(422, 'There is no such partner contract.'),
  API_BAD_SETTINGS: author(422, 'The settings are not as the contract’s schema says.'),
  API_UNKNOWN_ACTION: author(422, 'There is no such feature action.'),
  API_TOO_MANY: author(422, 'There are as many of these as there may be.'),
  API_CALL_REFUSED: author(403, 'The call may not be placed: the detail names the check that refused it.'),
  API_DEPARTMENT_LOOP: author(422, 'A department cannot be below itself.'),
  API_BOOK_OWNER: author(422, 'A department’s book names its department, a private one its user, a company’s neither.'),
  API_HOLIDAYS_UNKNOWN: author(422, 'The public holidays of this country or region are not known.'),
  API_CSV_INVALID: author(422, 'The file is no CSV with known columns.'),
  API_IMPORT_INVALID: author(422, 'Nothing was imported: see errors, by line of the file.'),
  API_DEVICE_LIMIT: author(422, 'The user has as many devices as the company allows.'),
  API_PATTERN_INVALID: author(422, 'This is no number and no pattern.'),
  API_PARENT_REFUSED: author(422, 'This owner cannot have such a child.'),
  API_IDEMPOTENCY_MISMATCH: author(422, 'This Idempotency-Key was used for another request.'),
  API_LOCKED_OUT: later(429, 'Too many failed attempts: wait as Retry-After says.'),
  API_RATE_LIMITED: later(429, 'Too many requests: wait as Retry-After says.'),
  API_INTERNAL: { http: 500, message: 'Something went wrong on our side.', blame: 'us', retryable: true },
  API_NO_MEDIA: later(503, 'No media instance takes calls now.', 'us'),
  API_SPEECH_UNAVAILABLE: later(503, 'The speech engine does not answer.', 'us'),
  API_UNAVAILABLE: later(503, 'A part of the installation is away: try again.', 'us'),
} as const satisfies Record<string, ErrorEntry>;

export type ApiErrorCode = keyof typeof API_ERRORS;

/** The catalogue as a page. */
export function errorPage(): string {
  const rows = Object.entries(API_ERRORS).map(
    ([code, e]: [string, ErrorEntry]) =>
      `| \`${code}\` | ${e.http} | ${e.message} | ${e.blame} | ${e.retryable ? 'yes' : 'no'} |`,
  );
  return [
    '# Errors of the HTTP API',
    '',
    'Generated from `api/contract/src/errors.ts` by `node api/contract/scripts/generate.ts`: do not edit.',
    '',
    'Every error is answered as `application/problem+json` (RFC 9457) with one of these codes in `code`. Compare codes, never texts.',
    '',
    '| Code | Status | Meaning | Who can mend it | May work later |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
