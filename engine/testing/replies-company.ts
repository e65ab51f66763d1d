/** Answers worth trying to what flows ask of the company's own things (`protocol/company.ts`). */
import type { Reply } from '../src/define/ask.ts';
import { CallerListKind, type IoResult, type Lookup, UserMode } from '../src/protocol/index.ts';

/** What `protocol/company.ts` knows. */
export type CompanyLookup = Extract<Lookup, { what: 'user-mode' | 'caller-list' | 'contact' | 'notice' }>;

const WHAT: ReadonlySet<string> = new Set([
  'user-mode',
  'caller-list',
  'contact',
  'notice',
] satisfies CompanyLookup['what'][]);

export const isOfCompany = (lookup: Lookup): lookup is CompanyLookup => WHAT.has(lookup.what);

/** A contact of whom everything is known. */
export const A_CONTACT: Extract<IoResult, { status: 'contact' }>['contact'] = {
  id: '00000000-0000-4000-8000-000000000003',
  name: 'Ada Lovelace',
  givenName: 'Ada',
  familyName: 'Lovelace',
  organisation: 'Engines',
  email: 'ada@example.com',
  phonebook: 'Customers',
  favourite: false,
  data: {},
};

function results(lookup: CompanyLookup): IoResult[] {
  switch (lookup.what) {
    case 'user-mode':
      return UserMode.options.map((mode) => ({ status: 'user-mode', mode }));
    case 'caller-list':
      return [...CallerListKind.options, null].map((kind) => ({ status: 'listed', kind, list: 'list', note: 'note' }));
    case 'contact':
      return [{ status: 'contact', contact: A_CONTACT }];
    case 'notice':
      return [{ status: 'notice-queued' }];
  }
}

/** Every answer to such an ask. */
export const companyReplies = (id: string, lookup: CompanyLookup): Reply[] =>
  [
    ...results(lookup),
    { status: 'not-found' } as const,
    { status: 'io-failed', code: 'timeout', message: '' } as const,
  ].map((result) => ({ reply: 'io', id, result }));
