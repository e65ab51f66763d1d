/** Forwardings that a call has been through, as headers tell them: Diversion (RFC 5806), else History-Info (RFC 7044). */
import type { Diversion } from '@callwright/engine';
import { escapeUser, parseNameAddr, parseNameAddrs, parseSipUri, plainText, type SipUri } from './headers.ts';

const MAX_READ = 20;
/** Our words for why a call was forwarded, in those of RFC 5806 §4. */
export type DiversionWord = 'unconditional' | 'user-busy' | 'no-answer' | 'unavailable' | 'deflection' | 'unknown';

const REASONS: Readonly<Record<string, DiversionWord>> = {
  always: 'unconditional',
  busy: 'user-busy',
  'no-answer': 'no-answer',
  unreachable: 'unavailable',
  diverted: 'unconditional',
  filtered: 'unconditional',
  deflected: 'deflection',
  unconditional: 'unconditional',
  'user-busy': 'user-busy',
  unavailable: 'unavailable',
  deflection: 'deflection',
};

/** The reason in a word of RFC 5806. */
export const diversionWord = (reason: string): DiversionWord => REASONS[reason] ?? 'unknown';

interface Headers {
  get(name: string): string | undefined;
}

const numberOf = (uri: SipUri | null): string => plainText(uri?.user ?? '', 400);

/** First to last; what cannot be read is passed over. */
export function readDiversions(message: Headers): Diversion[] {
  const diverted = parseNameAddrs(message.get('diversion') ?? '').map(({ uri, params }) => ({
    number: numberOf(parseSipUri(uri)),
    reason: plainText(params.reason ?? 'unknown', 40),
  }));
  // the newest stands first (RFC 5806 §5)
  const found = diverted.length > 0 ? diverted.reverse() : history(message.get('history-info') ?? '');
  return found.filter(({ number }) => number !== '').slice(-MAX_READ);
}

/** All entries but the last, which is where the request goes. */
function history(value: string): Diversion[] {
  const entries = parseNameAddrs(value).map(({ uri }) => parseSipUri(uri));
  return entries.slice(0, -1).map((uri) => ({ number: numberOf(uri), reason: 'unknown' }));
}

/** The headers that tell the called side. Empty for a call that was not forwarded. */
export function writeDiversions(diversions: readonly Diversion[], called: string): Record<string, string> {
  if (diversions.length === 0) return {};
  const address = (number: string): string => `<sip:${escapeUser(numberOf(parseNamed(number)))}@localhost>`;
  const diversion = diversions.map(({ number, reason }) => {
    return `${address(number)};reason=${diversionWord(reason)};counter=1`;
  });
  const index = (length: number): string => Array.from({ length }, () => '1').join('.');
  const entries = [...diversions.map(({ number }) => number), called].map(
    (number, at) => `${address(number)};index=${index(at + 1)}`,
  );
  return { Diversion: diversion.reverse().join(', '), 'History-Info': entries.join(', ') };
}

/** A number, or a whole SIP address, whose user part is the number. */
const parseNamed = (number: string): SipUri | null =>
  parseSipUri(/^(sips?|tel):/i.test(number) ? number : `sip:${escapeUser(number)}@localhost`);

/** Where a 3xx answer sends the call: its first Contact (RFC 3261 §8.1.3.4). Null when it names none. */
export const contactOf = (message: Headers | undefined): string | null =>
  parseNameAddr(message?.get('contact')?.split(/,(?![^<]*>)/)[0] ?? '')?.uri ?? null;
