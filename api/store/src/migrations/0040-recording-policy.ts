/** Who is recorded without being asked, and supervision across media instances. */
export const sql = `
-- in order of position: the first that fits decides, also that nothing is recorded
create table recording_policy (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  position int not null default 100,
  enabled boolean not null default true,
  -- false: whoever it fits is not recorded
  record boolean not null default true,
  -- of whom; 'company': of everybody
  subject text not null check (subject in ('company','user','queue','ring-group','trunk','number')),
  -- id of the user, queue, group or trunk; null for the company and numbers
  subject_id uuid,
  -- a number or pattern of routing rules, for numbers
  pattern text,
  direction text not null default 'any' check (direction in ('any','inbound','outbound','internal')),
  -- of a hundred that fit, so many are recorded
  percent int not null default 100 check (percent between 1 and 100),
  -- who is told before it begins
  announce text not null default 'both' check (announce in ('none','outside','both')),
  -- what they are told; null: in the words of the platform
  prompt_id uuid references prompt(id) on delete set null,
  -- the users of the call may pause it or end it by their keys
  keys boolean not null default false,
  created_at timestamptz not null default now(),
  unique (company_id, number),
  unique (company_id, name),
  check ((subject in ('user','queue','ring-group','trunk')) = (subject_id is not null)),
  check ((subject = 'number') = (pattern is not null))
);
create index recording_policy_order on recording_policy (company_id, position, number) where enabled;

-- recordings of calls that the box's user took part in are listed in it
alter table voicemail_box add column list_recordings boolean not null default false;

alter table media_link add column supervision text check (supervision in ('listen','whisper','barge'));
`;
