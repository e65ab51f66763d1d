/** Kinds of destinations; apart from the rest, so that a contract can name them without the numbering plans. */

/** `special` = short codes and numbers for everybody's service; `unknown` = a number that no plan knows. */
export const DESTINATION_KINDS = [
  'fixed',
  'mobile',
  'toll-free',
  'shared-cost',
  'premium',
  'special',
  'emergency',
  'unknown',
] as const;
export type DestinationKind = (typeof DESTINATION_KINDS)[number];
