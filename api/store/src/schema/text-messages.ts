/** Rows of text messages between users. */
import type { Time, TimeOrNull } from './columns.ts';

export interface TextMessageTable {
  id: string;
  company_id: string;
  from_user: string;
  to_user: string;
  sip_call_id: string;
  cseq: number;
  text_enc: Buffer;
  created_at: Time;
  tried_at: TimeOrNull;
  delivered_at: TimeOrNull;
}
