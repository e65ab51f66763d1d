/** Terms of routing rules; apart from the decision, so that a contract can name them without the calendars. */

/** `user`: by a log-in of the company; `trunk`: from outside by a trunk; `guest`: by neither, a public number only. */
export const CALLING_ROLES = ['user', 'trunk', 'guest'] as const;
export type CallingRole = (typeof CALLING_ROLES)[number];
/** Who must call for a rule to fit. `anonymous`: whoever withholds his number. */
export const RULE_CALLERS = ['any', ...CALLING_ROLES, 'anonymous'] as const;
/** What must be called: an extension, one of the company's numbers, or something that nobody here answers to. */
export const RULE_CALLED = ['any', 'extension', 'number', 'outside'] as const;
export const OPENINGS = ['open', 'closed', 'holiday'] as const;
