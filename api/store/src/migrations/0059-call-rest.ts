/** Who pays for a leg while it runs; transcripts of recordings of calls; meetings that end with their moderator. */
export const sql = `
-- coordinates of whoever forwarded or transferred; null: who placed the call
alter table leg add column charged jsonb;

-- when the last moderator leaves everybody goes
alter table meeting_room add column end_with_moderator boolean not null default false;

create table call_transcript (
  recording_id uuid primary key references recording(id) on delete cascade,
  company_id uuid not null references owner(id),
  state text not null default 'waiting' check (state in ('waiting','asking','done','failed')),
  attempts int not null default 0,
  due_at timestamptz not null default now(),
  text_enc bytea,
  -- as the recogniser heard it
  language text,
  -- code of the last failure
  failure text,
  created_at timestamptz not null default now()
);
create index call_transcript_due on call_transcript (due_at) where state in ('waiting','asking');
create index call_transcript_company on call_transcript (company_id);

-- what was said goes with the recording, before its file does
create function forget_call_transcript() returns trigger language plpgsql as $$
begin
  delete from call_transcript where recording_id = new.id;
  return null;
end $$;
create trigger recording_discarded_text after update on recording for each row
  when (new.state = 'discarded' and old.state <> 'discarded') execute function forget_call_transcript();
`;
