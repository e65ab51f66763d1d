/** The directory by name: who fits what a caller has typed. */
import * as z from 'zod';
import { Prompt } from './common.ts';

/** Users whose family or given name begins with these keys (ITU-T E.161: 2 = A, B, C …). Answer: `names`, perhaps empty. */
export const NamesLookup = z.strictObject({ what: z.literal('names'), digits: z.string().max(20) });

export const NameFound = z.strictObject({
  userId: z.string().max(64),
  number: z.string().max(64),
  name: z.string().max(400),
  /** As he has said it for his voicemail. */
  recorded: Prompt.nullable(),
});
export type NameFound = z.infer<typeof NameFound>;

/** In the order of family names. */
export const NamesFound = z.strictObject({ status: z.literal('names'), names: z.array(NameFound).max(9) });
