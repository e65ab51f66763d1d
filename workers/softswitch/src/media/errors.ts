/** Coded errors of the media server (style: one catalogue per package area). */

interface Entry {
  readonly message: string;
  readonly blame: 'author' | 'outside' | 'us';
  readonly retryable: boolean;
}

/** Every code the media server raises. */
export const MEDIA_ERRORS = {
  MED_NO_PORT: { message: 'no free RTP port in CALLWRIGHT_RTP_PORTS', blame: 'author', retryable: true },
  MED_BAD_PORT_RANGE: {
    message: 'CALLWRIGHT_RTP_PORTS must be <first>-<last>, e.g. 20000-29999',
    blame: 'author',
    retryable: false,
  },
  MED_BAD_SETTING: {
    message: 'a setting of the media server is missing or malformed',
    blame: 'author',
    retryable: false,
  },
  MED_LISTEN: { message: 'the media server cannot listen on its address', blame: 'author', retryable: false },
  MED_SDP: { message: 'the session description offers nothing we speak', blame: 'outside', retryable: false },
} as const satisfies Record<string, Entry>;

export type MediaErrorCode = keyof typeof MEDIA_ERRORS;

/** An error with a code of the catalogue; `detail` is appended to its message. */
export class SoftswitchMediaError extends Error {
  readonly code: MediaErrorCode;

  constructor(code: MediaErrorCode, detail?: string) {
    super(detail ? `${MEDIA_ERRORS[code].message}: ${detail}` : MEDIA_ERRORS[code].message);
    this.code = code;
    this.name = 'SoftswitchMediaError';
  }
}
