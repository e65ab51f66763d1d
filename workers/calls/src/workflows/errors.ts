/** Error codes of the runners; the `type` of the ApplicationFailure a failed run carries. */
export const RUNNER_ERRORS = {
  RUN_MACHINE_FAILED: {
    message: 'The call’s machine failed; its legs were hung up.',
    blame: 'us',
    retryable: false,
  },
} as const;
export type RunnerErrorCode = keyof typeof RUNNER_ERRORS;
