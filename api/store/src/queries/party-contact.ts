/** Who somebody outside is, by the address books of a user or of the company. */
import type { Coordinates } from '@callwright/engine';
import { type ContactRow, findContactsByNumber } from './contacts.ts';
import { localeOf, settingsOfCompany } from './owners.ts';
import type { CompanyScope, Db } from './scope.ts';

const INSIDE = new Set(['user', 'ring-group', 'queue', 'flow', 'voicemail', 'park-slot', 'meeting-room', 'department']);
/** Of the company; a trunk's party, a number and a stranger are none. */
export const isEntity = ({ type }: Pick<Coordinates, 'type'>): boolean => INSIDE.has(type);

const NUMBER = /^\+?[0-9]{3,}$/;

/** Parties who are entities of the company are no contacts of it, nor is who shows no number. */
export const mayBeContact = (party: Pick<Coordinates, 'type' | 'number'>): boolean =>
  !isEntity(party) && NUMBER.test(party.number);

/** The best contact with the party's number, as this user sees it (null: as the company does). */
export async function contactOfParty(
  db: Db,
  scope: CompanyScope,
  party: Coordinates,
  userId: string | null,
): Promise<ContactRow | null> {
  if (!mayBeContact(party)) return null;
  const { country } = localeOf(await settingsOfCompany(db, scope));
  const [contact] = await findContactsByNumber(db, scope, {
    number: party.e164 ?? party.number,
    country: country ?? undefined,
    userId,
    limit: 1,
  });
  return contact ?? null;
}

/** Name of the contact with a number that calls a user, by the user's books; empty when there is none. */
export async function nameOfCaller(db: Db, scope: CompanyScope, number: string, userId: string): Promise<string> {
  const party = { type: 'number', id: null, entityNumber: null, number, name: '' };
  const contact = await contactOfParty(db, scope, party, userId);
  return contact ? nameOfContact(contact) : '';
}

/** As a person is named: by his own name, else by where he works. */
export const nameOfContact = ({ givenName, familyName, organisation }: ContactRow): string =>
  `${givenName} ${familyName}`.trim() || organisation;
