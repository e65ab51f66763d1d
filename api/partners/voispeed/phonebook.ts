/** The phonebook: single contacts (V-040…V-043) and synchronisation (V-090…V-096). */
import type { JsonValue } from '@callwright/engine';
import type { ContactPatch, HostContact } from '../src/host.ts';
import { type Ask, flag, given, needed, neededWhole, paging, type Service, whole } from './ask.ts';
import { contactNumber, Refused, success, type Xml } from './voispeed.codec.ts';

/** Our kinds of numbers, by the names that each may come under: those of results, those of the synchronisation (V-091, X-10). */
const KINDS = {
  office: ['office', 'numoffice'],
  home: ['home', 'numhome'],
  mobile: ['mobile', 'nummobile'],
  sms: ['sms', 'numsms'],
  mobile2: ['mobile2', 'nummobil2', 'nummobile2'],
  fax: ['fax', 'numfax'],
  other: ['other', 'numother'],
} as const;

interface Read {
  readonly patch: ContactPatch;
  readonly warnings: readonly string[];
}

const EMAIL = /^[^\s@]+@[^\s@]+$/;
const KNOWN = new Set<string>([
  ...['name', 'surname', 'company', 'email', 'is_favourite', 'ext_info', 'uc_app_name', 'uc_external_id'],
  ...['app_name', 'external_contact_id'],
  ...Object.values(KINDS).flat(),
]);

/** Text without what a database cannot keep: JSON can name both. */
const kept = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** Captions and values, as an array or a text that holds one (V-092); null when it is neither. */
function extInfo(value: JsonValue | undefined): { caption: string; value: string }[] | null {
  if (value === undefined || value === '' || value === null) return [];
  let list: JsonValue = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value) as JsonValue;
    } catch {
      return null;
    }
  }
  if (!Array.isArray(list) || list.length > 50) return null;
  const pairs = list.map((one) => {
    if (one === null || typeof one !== 'object' || Array.isArray(one)) return null;
    const { caption, value: shown } = one;
    return typeof caption === 'string' && shown !== undefined && typeof shown !== 'object'
      ? { caption: kept(caption).slice(0, 100), value: kept(String(shown)).slice(0, 200) }
      : null;
  });
  return pairs.every((pair) => pair !== null) ? pairs : null;
}

/** Reads the fields of a contact; `of` answers undefined for one that did not come. */
export function readContact(of: (name: string) => JsonValue | undefined): Read {
  const warnings: string[] = [];
  const text = (name: string, longest: number): string | undefined => {
    const value = of(name);
    if (value === undefined) return undefined;
    const plain = value === null || typeof value === 'object' ? '' : kept(String(value)).trim();
    if (value !== null && typeof value === 'object') warnings.push(`${name} is no text`);
    if (plain.length > longest) warnings.push(`${name} was cut`);
    return plain.slice(0, longest);
  };
  const numbers: Record<string, string> = {};
  for (const [kind, spellings] of Object.entries(KINDS)) {
    for (const spelling of spellings) {
      const written = text(spelling, 60);
      if (written === undefined) continue;
      const clean = contactNumber(written);
      if (clean !== written) warnings.push(clean === '' ? `${spelling} holds no number` : `${spelling} was cleaned`);
      numbers[kind] = clean;
    }
  }
  let email: string | null | undefined = text('email', 200);
  if (email && !EMAIL.test(email)) {
    warnings.push('email was dropped');
    email = undefined;
  }
  const info = of('ext_info');
  const pairs = extInfo(info);
  if (pairs === null) warnings.push('ext_info was dropped');
  const [givenName, familyName, organisation] = [text('name', 100), text('surname', 100), text('company', 200)];
  return {
    warnings,
    patch: {
      ...(givenName === undefined ? {} : { givenName }),
      ...(familyName === undefined ? {} : { familyName }),
      ...(organisation === undefined ? {} : { organisation }),
      ...(email === undefined ? {} : { email: email === '' ? null : email }),
      ...(info === undefined || pairs === null ? {} : { data: { info: pairs } }),
      numbers,
    },
  };
}

const externalOf = (ask: Ask): { scheme: string; value: string } | null => {
  const scheme = given(ask, 'uc_app_name', 'app_name');
  const value = given(ask, 'uc_external_id', 'external_contact_id');
  if (scheme === null || value === null) return null;
  if (scheme.length > 60) throw new Refused('invalid parameter: uc_app_name');
  if (value.length > 200) throw new Refused('invalid parameter: uc_external_id');
  return { scheme, value };
};

function patchOf(ask: Ask): ContactPatch {
  const { patch } = readContact((name) => ask.params.get(name));
  const favourite = flag(ask, 'is_favourite', 'favourite');
  return favourite === null ? patch : { ...patch, favourite };
}

const mustBeEnabled = ({ settings }: Ask): void => {
  if (!settings.addressBook) throw new Refused('service not enabled');
};

/** V-040. */
export const addContact: Service = async (ask) => {
  mustBeEnabled(ask);
  if (given(ask, 'name', 'surname', 'company') === null) throw new Refused('missing parameter: name');
  const written = await ask.host.writeContact(null, patchOf(ask), externalOf(ask));
  return success([['contact_id', written!.number]]);
};

/** V-041: only what is sent changes. */
export const updateContact: Service = async (ask) => {
  mustBeEnabled(ask);
  const number = neededWhole(ask, 'contact_id');
  if ((await ask.host.writeContact(number, patchOf(ask), externalOf(ask))) === null)
    throw new Refused('contact not found');
  return success();
};

/** V-042: by id, or by what another application calls it. */
export const deleteContact: Service = async (ask) => {
  mustBeEnabled(ask);
  let number = whole(ask, 'contact_id');
  if (number === null) {
    const external = externalOf(ask);
    if (external === null) throw new Refused('missing parameter: contact_id');
    number = (await ask.host.contact(external))?.number ?? null;
  }
  if (number === null || !(await ask.host.deleteContact(number))) throw new Refused('contact not found');
  return success();
};

const numberOf = ({ numbers }: HostContact, kind: string): string =>
  numbers.find((one) => one.kind === kind)?.number ?? '';

/** Captions and values that are kept with a contact (V-092); nothing where there are none. */
function infoOf({ data }: HostContact): Xml[] {
  const pairs = (Array.isArray(data.info) ? data.info : []).flatMap((pair): Xml[] => {
    if (pair === null || typeof pair !== 'object' || Array.isArray(pair)) return [];
    const { caption = '', value = '' } = pair;
    return [
      [
        'info',
        [
          ['caption', String(caption)],
          ['value', String(value)],
        ],
      ],
    ];
  });
  return pairs.length === 0 ? [] : [['ext_info', pairs]];
}

/** V-043. */
export const getContacts: Service = async (ask) => {
  mustBeEnabled(ask);
  const { limit, offset } = paging(ask);
  const search = needed(ask, 'search').slice(0, 200);
  const found = await ask.host.searchContacts(search, Math.min(limit + offset, 1000));
  const line = (contact: HostContact): Xml => [
    'contact',
    [
      ['contact_id', contact.number],
      ['name', contact.givenName],
      ['surname', contact.familyName],
      ['company', contact.organisation],
      ...(['office', 'home', 'mobile', 'fax', 'other'] as const).map((kind): Xml => [kind, numberOf(contact, kind)]),
      ['email', contact.email ?? ''],
      ['is_favourite', contact.favourite ? 1 : 0],
      ...infoOf(contact),
    ],
  ];
  return success(found.slice(offset, offset + limit).map(line));
};

interface Judged {
  readonly value: string;
  readonly patch: ContactPatch | null;
  readonly info: string;
}

const MOST = 50_000;

/** Whether a contact is imported, and with which remarks (V-095). */
function judge(application: string, contact: JsonValue): Judged & { readonly scheme: string } {
  const skip = (info: string, value = '', scheme = '') => ({ value, scheme, patch: null, info });
  if (contact === null || typeof contact !== 'object' || Array.isArray(contact)) return skip('not a contact');
  const own = (name: string) => (Object.hasOwn(contact, name) ? contact[name] : undefined);
  const text = (...names: string[]) => {
    const value = names.map(own).find((one) => one !== undefined);
    return typeof value === 'string' || typeof value === 'number' ? kept(String(value)).trim() : '';
  };
  const scheme = text('uc_app_name', 'app_name');
  const value = text('uc_external_id', 'external_contact_id');
  if (scheme === '' || scheme.length > 60) return skip('no uc_app_name', value);
  if (application !== '' && scheme !== application) return skip('uc_app_name is not that of the module', value);
  if (value === '' || value.length > 200) return skip('no uc_external_id');
  if (text('name') + text('surname') + text('company') === '')
    return skip('no name, surname or company', value, scheme);
  const { patch, warnings } = readContact(own);
  if (!patch.email && Object.values(patch.numbers ?? {}).every((number) => number === ''))
    return skip('no usable number and no e-mail', value, scheme);
  const unknown = Object.keys(contact).filter((name) => !KNOWN.has(name));
  const info = [...warnings, ...(unknown.length > 0 ? ['unknown attributes were ignored'] : [])].join('; ');
  return { scheme, value, patch, info };
}

/** The part `contacts`; throws `Refused` when it is not a list. */
function contactsOf(ask: Ask): readonly JsonValue[] {
  const text = longText(ask);
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw new Refused('invalid parameter: contacts');
  }
  if (!Array.isArray(list) || list.length > MOST) throw new Refused('invalid parameter: contacts');
  return list as JsonValue[];
}

// the list is long: the bound of other parameters is not for it
function longText({ params }: Ask): string {
  const text = params.get('contacts');
  if (!text) throw new Refused('missing parameter: contacts');
  return text;
}

/** V-090…V-096. Of equal keys in one batch the last wins; sending a batch again only updates. */
export const importContacts: Service = async (ask) => {
  mustBeEnabled(ask);
  const verbose = flag(ask, 'verbose_output') ?? false;
  const judged = contactsOf(ask).map((contact) => judge(ask.settings.application, contact));
  const results = new Map<number, { id: number; act: string }>();
  const schemes = new Set(judged.flatMap(({ scheme, patch }) => (patch ? [scheme] : [])));
  for (const scheme of schemes) {
    const mine = judged.flatMap((one, index) => (one.patch && one.scheme === scheme ? [{ ...one, index }] : []));
    const written = await ask.host.importContacts(
      scheme,
      mine.map(({ value, patch }) => ({ value, patch: patch! })),
    );
    mine.forEach(({ index }, i) => {
      results.set(index, { id: written[i]!.number, act: written[i]!.act });
    });
  }
  const skipped = judged.filter(({ patch }) => patch === null).length;
  const warnings = judged.filter(({ patch, info }) => patch !== null && info !== '').length;
  const line = ({ value, info }: Judged, index: number): Xml => {
    const done = results.get(index);
    return [
      'contact',
      [
        ['uc_external_id', value],
        ['id', done?.id ?? ''],
        ['act', done?.act ?? 'skip'],
        ['info', info],
      ],
    ];
  };
  return success([
    ['processed', judged.length],
    ['skipped', skipped],
    ['warnings', warnings],
    ['errors', 0],
    ...(verbose ? [['contacts', judged.map(line)] as const] : []),
  ]);
};
