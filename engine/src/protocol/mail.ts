/** Mail that a flow sends: put into the company's outbox once per visit of the node, sent later. */
import * as z from 'zod';

export const MailLookup = z.strictObject({
  what: z.literal('mail'),
  /** What it is about, unique in the call: asked again, it is the same mail. */
  key: z.string().min(1).max(200),
  to: z.string().max(320),
  subject: z.string().max(250),
  text: z.string().max(20_000),
  language: z.string().max(10),
  /** Id of a recording that goes along. */
  recording: z.uuid().nullable(),
});
export type MailLookup = z.infer<typeof MailLookup>;

/** It is in the outbox. */
export const MailQueued = z.strictObject({ status: z.literal('mail-queued') });
