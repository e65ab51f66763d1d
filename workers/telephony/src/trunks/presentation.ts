/** Who calls and whom, as a trunk is told: number forms, From, P-Asserted-Identity, Privacy (RFC 3325), Diversion. Pure. */
import { type NumberForms, numberForms, toE164 } from '@callwright/engine/numbers';
import type { TelephonyTrunk } from '@callwright/store';
import {
  escapeUser,
  type NameAddr,
  parseNameAddrs,
  parseSipUri,
  parseTokens,
  plainText,
  quoteName,
} from '../sip/headers.ts';

/** The dialled number in the form the trunk wants: E.164, digits only, with 00, national, or as dialled; then its own edits. */
export function outboundNumber(
  trunk: Pick<TelephonyTrunk, 'number_form' | 'outbound_strip' | 'outbound_prefix'>,
  dialled: string,
  country: string | undefined,
): string {
  const forms = numberForms(dialled, country);
  const number = forms ? written(trunk.number_form, forms, country) : dialled.replace(/[^0-9+*#]/g, '');
  return `${trunk.outbound_prefix}${number.slice(trunk.outbound_strip)}`;
}

function written(form: TelephonyTrunk['number_form'], forms: NumberForms, country: string | undefined): string {
  const digits = forms.e164.slice(1);
  switch (form) {
    case 'e164':
      return forms.e164;
    case 'digits':
      return digits;
    case 'international':
      return `00${digits}`;
    case 'national':
      return forms.country !== null && forms.country === country ? forms.national : `00${digits}`;
    case 'dialled':
      return forms.dialled;
  }
}

/** The number that an incoming call through the trunk is for, after the trunk's own edits. */
export function calledNumber(
  trunk: Pick<TelephonyTrunk, 'called_from' | 'contactUser' | 'inbound_strip' | 'inbound_prefix'>,
  requestUser: string,
  to: string,
): string {
  const toUser = parseSipUri(parseNameAddrs(to)[0]?.uri ?? '')?.user ?? '';
  // a request to our own Contact names nobody
  const number = trunk.called_from === 'to' || requestUser === trunk.contactUser ? toUser : requestUser;
  return plainText(`${trunk.inbound_prefix}${number.slice(trunk.inbound_strip)}`, 64);
}

/** Who an incoming call through a trunk is from. `number` is empty when the caller does not want it shown. */
export interface TrunkCaller {
  readonly number: string;
  readonly name: string;
}

/** The asserted identity where the trunk is trusted, else From; Privacy `id` or an anonymous From hides it (RFC 3323, RFC 3325). */
export function trunkCaller(
  trunk: Pick<TelephonyTrunk, 'trusted'>,
  headers: { readonly from: string; readonly asserted: string | undefined; readonly privacy: string | undefined },
  country: string | undefined,
): TrunkCaller {
  const from = parseNameAddrs(headers.from)[0] ?? null;
  const asserted = trunk.trusted ? (parseNameAddrs(headers.asserted ?? '')[0] ?? null) : null;
  const privacy = (headers.privacy ?? '').split(/[;,]/).flatMap((value) => parseTokens(value));
  const fromUri = parseSipUri(from?.uri ?? '');
  const anonymous =
    privacy.some((value) => ['id', 'user', 'full', 'header'].includes(value)) ||
    (!asserted && (fromUri?.host === 'anonymous.invalid' || fromUri?.user.toLowerCase() === 'anonymous'));
  if (anonymous) return { number: '', name: '' };
  const source = asserted ?? from;
  const user = parseSipUri(source?.uri ?? '')?.user ?? '';
  return { number: plainText(toE164(user, country) ?? user, 64), name: nameOf(source) };
}

const nameOf = (source: NameAddr | null): string => plainText(source?.name ?? '', 200);

/**
 * Headers of a call to an emergency number: its priority (RFC 3261 §20.26) and where help is needed, as one line of text. Carriers that
 * take a location by other means are told it by the caller's number, which is the site's.
 */
export function emergencyHeaders(address: string | undefined): Record<string, string> {
  if (address === undefined) return {};
  const text = plainText(address, 1000);
  return { Priority: 'emergency', ...(text === '' ? {} : { 'X-Emergency-Address': quoteName(text) }) };
}

/** What a trunk's rules need to know of the caller. */
export interface Presented {
  /** As the call wants it shown; empty: not at all. */
  readonly number: string;
  readonly name: string;
  /** The number is an extension, which means nothing outside. */
  readonly isExtension: boolean;
  /** The user's own number for the outside. */
  readonly ownNumber: string | null;
  readonly country: string | undefined;
  /** Our own host, for a peer that knows us by address. */
  readonly ownHost: string;
}

/** Numbers a call was forwarded from, the last one first, with RFC 5806's reason. */
export interface Diverted {
  readonly number: string;
  readonly reason: 'unconditional' | 'user-busy' | 'no-answer' | 'unavailable' | 'deflection' | 'unknown';
}

/** From, identity, Privacy and Diversion of an INVITE to a trunk. */
export function callerHeaders(
  trunk: Pick<
    TelephonyTrunk,
    | 'caller_id'
    | 'default_number'
    | 'default_name'
    | 'identity'
    | 'trusted'
    | 'from_user'
    | 'from_domain'
    | 'mode'
    | 'host'
    | 'number_form'
    | 'tell_diversion'
  >,
  caller: Presented,
  diverted: readonly Diverted[] = [],
): Record<string, string> {
  const domain = trunk.from_domain ?? (trunk.mode === 'register' ? trunk.host : caller.ownHost);
  const form = (number: string): string =>
    outboundNumber({ number_form: trunk.number_form, outbound_strip: 0, outbound_prefix: '' }, number, caller.country);
  const shown = shownNumber(trunk, caller);
  const hidden = trunk.caller_id === 'anonymous' || caller.number === '';
  const name = trunk.caller_id === 'trunk' && trunk.default_name !== '' ? trunk.default_name : caller.name;
  const address = (number: string): string => `<sip:${escapeUser(form(number))}@${domain}>`;
  const display = name === '' ? '' : `${quoteName(name)} `;
  const account = trunk.from_user === null ? null : `<sip:${escapeUser(trunk.from_user)}@${domain}>`;
  const from = hidden
    ? (account ?? '"Anonymous" <sip:anonymous@anonymous.invalid>')
    : `${display}${account ?? (shown === null ? `<sip:${domain}>` : address(shown))}`;
  return {
    From: from,
    ...identityHeaders(trunk, shown === null ? null : `${hidden ? '' : display}${address(shown)}`),
    ...(hidden ? { Privacy: 'id' } : {}),
    ...(trunk.tell_diversion ? diversionHeaders(diverted, address) : {}),
  };
}

/** The number that stands for the caller outside; null when there is none. */
function shownNumber(
  trunk: Pick<TelephonyTrunk, 'caller_id' | 'default_number'>,
  { number, isExtension, ownNumber }: Presented,
): string | null {
  const given = number === '' || isExtension ? null : number;
  switch (trunk.caller_id) {
    case 'given':
      return given ?? ownNumber ?? trunk.default_number;
    case 'own':
    case 'anonymous':
      return ownNumber ?? trunk.default_number ?? given;
    case 'trunk':
      return trunk.default_number ?? ownNumber ?? given;
  }
}

/** An asserted identity is for peers whom we trust with it (RFC 3325 §5); a preferred one only asks (§9.2). */
function identityHeaders(
  trunk: Pick<TelephonyTrunk, 'identity' | 'trusted'>,
  value: string | null,
): Record<string, string> {
  if (value === null || trunk.identity === 'none') return {};
  if (trunk.identity === 'asserted') return trunk.trusted ? { 'P-Asserted-Identity': value } : {};
  return { 'P-Preferred-Identity': value };
}

const HISTORY_CAUSE: Readonly<Record<Diverted['reason'], number>> = {
  unconditional: 302,
  'user-busy': 486,
  'no-answer': 408,
  unavailable: 503,
  deflection: 480,
  unknown: 404,
};

/** Diversion (RFC 5806), last one first, and History-Info (RFC 7044, causes of RFC 4458), first one first. */
function diversionHeaders(diverted: readonly Diverted[], address: (number: string) => string): Record<string, string> {
  if (diverted.length === 0) return {};
  const diversion = diverted.map(({ number, reason }) => `${address(number)};reason=${reason};counter=1`).join(', ');
  const history = [...diverted]
    .reverse()
    .map(({ number, reason }, at) => {
      const uri = address(number).slice(1, -1);
      return `<${uri};cause=${HISTORY_CAUSE[reason]}>;index=${Array.from({ length: at + 1 }, () => '1').join('.')}`;
    })
    .join(', ');
  return { Diversion: diversion, 'History-Info': history };
}
