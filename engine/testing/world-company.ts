/** The company's own things in the fake world: modes, lists of callers, contacts, webhooks. */
import type { IoResult } from '../src/protocol/index.ts';
import { A_CONTACT, type CompanyLookup } from './replies-company.ts';
import type { WorldOptions } from './world.ts';

const NOT_FOUND: IoResult = { status: 'not-found' };

/** As the directory would answer. Nothing is kept: a mode set is the answer, not the state. */
export function answerCompany(options: WorldOptions, lookup: CompanyLookup): IoResult {
  switch (lookup.what) {
    case 'user-mode': {
      if (!options.users?.[lookup.user]) return NOT_FOUND;
      const before = options.modes?.[lookup.user] ?? 'normal';
      const back = lookup.toggle && lookup.mode === before;
      return { status: 'user-mode', mode: back ? 'normal' : (lookup.mode ?? before) };
    }
    case 'caller-list':
      return answerList(options, lookup);
    case 'contact': {
      const contact = options.contacts?.[lookup.number];
      if (!contact) return NOT_FOUND;
      return { status: 'contact', contact: { ...A_CONTACT, name: contact.name, data: contact.data ?? {} } };
    }
    case 'notice':
      return options.webhooks && !options.webhooks.includes(lookup.to) ? NOT_FOUND : { status: 'notice-queued' };
  }
}

function answerList(
  { callerLists = {} }: WorldOptions,
  { list, number }: Extract<CompanyLookup, { what: 'caller-list' }>,
): IoResult {
  if (list !== null && !callerLists[list]) return NOT_FOUND;
  const found = Object.entries(callerLists).find(
    ([name, { numbers }]) => (list === null || name === list) && numbers.includes(number),
  );
  return { status: 'listed', kind: found?.[1].kind ?? null, list: found?.[0] ?? '', note: '' };
}
