/** Error codes of io workers; `type` of the ApplicationFailure an activity throws. */
export const IO_ERRORS = {
  IO_TRY_AGAIN: { message: 'The other side failed; the request is sent again.', blame: 'outside', retryable: true },
  IO_STORE_AWAY: { message: 'The store cannot be reached.', blame: 'us', retryable: true },
} as const;
export type IoErrorCode = keyof typeof IO_ERRORS;
