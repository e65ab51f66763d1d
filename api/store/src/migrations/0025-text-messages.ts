/** Text messages between users (RFC 3428), kept until a phone of the one they are for has taken them. */
export const sql = `
create table text_message (
  id uuid primary key,
  company_id uuid not null references owner(id),
  from_user uuid not null references directory_user(id) on delete cascade,
  to_user uuid not null references directory_user(id) on delete cascade,
  -- of the request: one that is sent again is no second message
  sip_call_id text not null,
  cseq bigint not null,
  -- sealed for the company
  text_enc bytea not null,
  created_at timestamptz not null default now(),
  tried_at timestamptz,
  delivered_at timestamptz,
  unique (company_id, from_user, sip_call_id, cseq)
);
create index text_message_waiting on text_message (to_user, created_at) where delivered_at is null;
`;
