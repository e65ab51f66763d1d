/** What the command line says when it cannot go on: one plain sentence and what to do. */
export const CLI_ERRORS = {
  CLI_USAGE: 'The command was not understood.',
  CLI_NO_KEY: 'There is no API key.',
  CLI_UNREACHABLE: 'Callwright does not answer.',
  CLI_REFUSED: 'Callwright refused the request.',
  CLI_BAD_FILE: 'The file is no flow.',
  CLI_NOT_FOUND: 'There is no such thing.',
  CLI_CONFLICT: 'The flow was changed here and on the canvas.',
  CLI_FAILED_TESTS: 'A test path failed.',
} as const;

export type CliErrorCode = keyof typeof CLI_ERRORS;

export class CliError extends Error {
  readonly code: CliErrorCode;
  constructor(code: CliErrorCode, say: string) {
    super(say);
    this.name = 'CliError';
    this.code = code;
  }
}
