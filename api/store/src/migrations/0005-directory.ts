/** The directory: entitlements, sites, departments, boxes, rooms, park slots, address books, holidays, lists (design §5). */
export const sql = `
-- flags by name; a flag holds at an owner unless it, or anybody above it, says false
alter table owner add column entitlements jsonb not null default '{}';
-- organisation, contact person, e-mail, telephone, address
alter table owner add column profile jsonb not null default '{}';

create table site (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  -- where help is sent on an emergency call
  street text not null default '',
  postal_code text not null default '',
  city text not null default '',
  region text not null default '',
  country text not null,
  -- floor, entrance, gate: what a rescuer must know
  location text not null default '',
  -- number shown to the emergency service; null: the caller's own
  emergency_number text,
  -- the site of users who have none; one a company
  main boolean not null default false,
  created_at timestamptz not null default now(),
  unique (company_id, number),
  unique (company_id, name)
);
create unique index site_main on site (company_id) where main;

create table department (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  parent_id uuid references department(id) on delete set null,
  created_at timestamptz not null default now(),
  unique (company_id, number),
  unique (company_id, name)
);

-- address books; a department's is seen by its users, a private one by its user
create table phonebook (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  kind text not null check (kind in ('company','department','private')),
  department_id uuid references department(id) on delete cascade,
  user_id uuid references directory_user(id) on delete cascade,
  -- users who see it may change its contacts
  editable boolean not null default false,
  created_at timestamptz not null default now(),
  unique (company_id, number),
  check ((kind = 'department') = (department_id is not null)),
  check ((kind = 'private') = (user_id is not null))
);
create unique index phonebook_name on phonebook (company_id, name, coalesce(user_id, company_id));
create index phonebook_user on phonebook (user_id) where user_id is not null;
create index phonebook_department on phonebook (department_id) where department_id is not null;

create table contact (
  id uuid primary key,
  company_id uuid not null references owner(id),
  phonebook_id uuid not null references phonebook(id) on delete cascade,
  number bigint not null,
  given_name text not null default '',
  family_name text not null default '',
  organisation text not null default '',
  email text,
  address text not null default '',
  notes text not null default '',
  favourite boolean not null default false,
  -- caption and value pairs and whatever else an application keeps with it
  data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, number)
);
create index contact_book on contact (phonebook_id, number);
create index contact_family on contact (company_id, lower(family_name), lower(given_name));
create index contact_organisation on contact (company_id, lower(organisation));

-- the numbers of a contact, both forms; found by either when a call comes
create table contact_number (
  contact_id uuid not null references contact(id) on delete cascade,
  company_id uuid not null references owner(id),
  position int not null,
  kind text not null check (kind in ('office','home','mobile','mobile2','sms','fax','other')),
  number text not null,
  e164 text,
  primary key (contact_id, position)
);
create index contact_number_e164 on contact_number (company_id, e164) where e164 is not null;
create index contact_number_number on contact_number (company_id, number);

-- users: place, state, rights
alter table directory_user
  add column site_id uuid references site(id) on delete set null,
  add column department_id uuid references department(id) on delete set null,
  add column phrase text not null default '',
  -- what callers of the user meet; until when (null: until changed) and what colleagues read with it
  add column user_mode text not null default 'normal' check (user_mode in ('normal','dnd','away','divert')),
  add column mode_until timestamptz,
  add column mode_note text not null default '',
  -- where mode divert leads: a number or extension as dialled
  add column divert_number text,
  -- preferred address book when a caller stands in several
  add column phonebook_id uuid references phonebook(id) on delete set null,
  -- scrypt; for mailbox and rights from phones that are not the user's
  add column pin_hash text,
  add column suspended_at timestamptz,
  -- calls at the same time; null: the company's setting
  add column max_calls int,
  add column visible boolean not null default true,
  add column record_calls boolean not null default false,
  add column pickup_right boolean not null default true,
  add column fax_right boolean not null default false,
  -- no calls beyond what the plan includes; none to premium-rate numbers
  add column plan_only boolean not null default false,
  add column block_premium boolean not null default false,
  -- heard by callers instead of the ring tone
  add column ringback_prompt_id uuid references prompt(id) on delete set null,
  add column codec_mode text check (codec_mode in ('preferred','forced')),
  add column codecs text[],
  -- the credentials that devices without their own use
  add column sip_login_id uuid references sip_login(id) on delete set null;

-- a user's other numbers, both forms
create table user_number (
  user_id uuid not null references directory_user(id) on delete cascade,
  company_id uuid not null references owner(id),
  kind text not null check (kind in ('office','home','mobile','fax')),
  number text not null,
  e164 text,
  primary key (user_id, kind)
);
create index user_number_e164 on user_number (company_id, e164) where e164 is not null;

-- a person who logs in to the console and the user he is
alter table account add column user_id uuid references directory_user(id);
create unique index account_user on account (user_id) where user_id is not null;

alter table device
  add column port int,
  -- which handset of a base station
  add column handset text,
  -- what a mobile device is called at
  add column dial_number text,
  add column transport text check (transport in ('udp','tcp','tls','ws','wss')),
  add column position int not null default 0;
update device set type = 'sip' where type not in ('unknown','reserved','sip','usb','dect','mobile');
alter table device add constraint device_type check (type in ('unknown','reserved','sip','usb','dect','mobile'));
create unique index device_mac on device (company_id, mac, coalesce(handset, '')) where mac is not null;

-- kept after the contacts are gone
alter table sip_login
  add column last_registered_at timestamptz,
  add column last_user_agent text,
  -- address and port the last REGISTER came from
  add column last_address text;

alter table ring_group
  add column visible boolean not null default true,
  -- members answer by themselves and hear the caller
  add column broadcast boolean not null default false,
  add column pickup_disabled boolean not null default false,
  -- members log on and off at run time
  add column member_login boolean not null default false;

-- a member is a user or an outside number; null options: the group's
alter table ring_group_member add column id uuid not null default gen_random_uuid();
alter table ring_group_member drop constraint ring_group_member_pkey;
alter table ring_group_member
  add primary key (id),
  alter column user_id drop not null,
  add column number text,
  add column e164 text,
  add column ring_ms int,
  add column delay_ms int not null default 0,
  -- an outside number must press a key before it gets the caller
  add column confirm boolean not null default false,
  add column logged_in boolean not null default true,
  add check (num_nonnulls(user_id, number) = 1);
create unique index ring_group_member_user on ring_group_member (group_id, user_id) where user_id is not null;
create unique index ring_group_member_number on ring_group_member (group_id, number) where number is not null;

-- a mailbox of a user, or of nobody (of the company)
create table voicemail_box (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  user_id uuid references directory_user(id),
  name text not null,
  -- dialled to leave a message or to manage the box; part of the dial plan
  access_number text,
  pin_hash text,
  language text,
  email text,
  email_attach boolean not null default true,
  -- the message leaves the box once it is mailed
  email_delete boolean not null default false,
  transcribe boolean not null default false,
  -- lamp of the user's phones
  mwi boolean not null default true,
  edit_greeting boolean not null default true,
  -- null: the company's retention
  retention_days int,
  max_messages int not null default 100,
  max_message_ms int not null default 180000,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  unique (company_id, number)
);
create unique index voicemail_box_user on voicemail_box (user_id) where user_id is not null and deleted_at is null;
create unique index voicemail_box_access on voicemail_box (company_id, access_number) where access_number is not null and deleted_at is null;

create table voicemail_greeting (
  box_id uuid not null references voicemail_box(id) on delete cascade,
  company_id uuid not null references owner(id),
  -- name: the recorded name; default: when no other fits
  state text not null check (state in ('default','busy','no-answer','dnd','away','closed','name')),
  prompt_id uuid not null references prompt(id) on delete cascade,
  primary key (box_id, state)
);

create table meeting_room (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  extension text not null,
  pin_hash text,
  moderator_pin_hash text,
  max_members int not null default 20,
  -- the others hear music until a moderator is in
  wait_for_moderator boolean not null default false,
  announce boolean not null default true,
  record boolean not null default false,
  created_at timestamptz not null default now(),
  unique (company_id, number),
  unique (company_id, name),
  unique (company_id, extension)
);

create table park_slot (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null default '',
  extension text not null,
  -- after that the call goes back to who parked it
  return_ms int not null default 120000,
  created_at timestamptz not null default now(),
  unique (company_id, number),
  unique (company_id, extension)
);

-- {country, region, types, hours}: public holidays by the calendar library, evaluated at look-up; null: none
alter table calendar add column holidays jsonb;

-- callers to let in, to refuse, to prefer; of an owner and all below it, or of one user
create table caller_list (
  id uuid primary key,
  owner_id uuid not null references owner(id),
  user_id uuid references directory_user(id) on delete cascade,
  number bigint not null,
  name text not null,
  kind text not null check (kind in ('allow','block','vip')),
  created_at timestamptz not null default now(),
  unique (owner_id, number)
);
create unique index caller_list_name on caller_list (owner_id, name, coalesce(user_id, owner_id));

create table caller_list_entry (
  list_id uuid not null references caller_list(id) on delete cascade,
  -- a number in E.164 or as dialled, or a pattern of the routing rules
  pattern text not null,
  note text not null default '',
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (list_id, pattern)
);

create index external_id_entity on external_id (entity_type, entity_id);
create index directory_user_department on directory_user (department_id) where department_id is not null;
create index sip_login_user on sip_login (user_id);
create index device_user on device (user_id);
`;
