/** Error catalogue of telephony: every code it puts into a `failed` result, an activity failure or a fatal exit. */

interface CatalogueEntry {
  readonly message: string;
  readonly blame: 'author' | 'outside' | 'us';
  readonly retryable: boolean;
}

export const TELEPHONY_ERRORS = {
  TEL_CONFIG: { message: 'An environment variable is missing or wrong.', blame: 'author', retryable: false },
  TEL_SIP_SERVER: { message: 'The SIP server cannot be reached or refuses the secret.', blame: 'us', retryable: true },
  TEL_MEDIA_SERVER: {
    message: 'The media server cannot be reached or refuses the secret.',
    blame: 'us',
    retryable: true,
  },
  TEL_MEDIA: { message: 'The media server refused the operation.', blame: 'us', retryable: false },
  TEL_FILE: { message: 'A prompt file is missing on the media server.', blame: 'us', retryable: false },
  TEL_DISK: { message: 'The disk for recordings takes no more.', blame: 'us', retryable: false },
  TEL_PROMPT: { message: 'A prompt cannot be spoken or found.', blame: 'author', retryable: false },
  TEL_NOT_ANSWERED: { message: 'The leg is not answered.', blame: 'author', retryable: false },
  TEL_NO_MEDIA: { message: 'The leg has no media endpoint.', blame: 'outside', retryable: false },
  TEL_MODE: { message: 'No input mode of this collect is served here.', blame: 'author', retryable: false },
  TEL_MOVE_LOST: {
    message: 'The leg is no longer the giver’s to move, or the offer was withdrawn.',
    blame: 'us',
    retryable: false,
  },
  TEL_FORMATS: { message: 'The parties have no way of speaking in common.', blame: 'outside', retryable: false },
  TEL_LINK: { message: 'The other media instance did not join its leg.', blame: 'us', retryable: true },
  TEL_REFER: { message: 'The far end refused the transfer, or it failed.', blame: 'outside', retryable: false },
  TEL_STORE: { message: 'The store did not answer in time.', blame: 'us', retryable: true },
  TEL_INTERNAL: { message: 'An unexpected fault; the log tells more.', blame: 'us', retryable: false },
} as const satisfies Record<string, CatalogueEntry>;

export type TelephonyErrorCode = keyof typeof TELEPHONY_ERRORS;

/** An error whose `code` names its entry of `TELEPHONY_ERRORS`; `detail` is for the operator and holds no secret and no digit. */
export class TelephonyError extends Error {
  readonly code: TelephonyErrorCode;
  constructor(code: TelephonyErrorCode, detail?: string) {
    super(detail ? `${TELEPHONY_ERRORS[code].message} ${detail}` : TELEPHONY_ERRORS[code].message);
    this.name = 'TelephonyError';
    this.code = code;
  }
}

/** The code of any thrown thing, or undefined. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
