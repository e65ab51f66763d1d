/** Click-to-dial by REFER (RFC 3515): a phone of a user is asked to call a number by itself. */
export const sql = `
create table referral (
  id uuid primary key,
  company_id uuid not null references owner(id),
  user_id uuid not null references directory_user(id) on delete cascade,
  number text not null,
  state text not null default 'waiting' check (state in ('waiting','sent','accepted','done','failed')),
  -- of the answer, or of what the phone has told since
  sip_status int,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index referral_waiting on referral (created_at) where state in ('waiting','sent');
create index referral_company on referral (company_id, created_at);
`;
