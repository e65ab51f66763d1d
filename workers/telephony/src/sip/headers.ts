/** Reading and writing the SIP header values telephony needs itself (RFC 3261 §20, §25); everything else is the SIP server's. */

/** A `name-addr` or `addr-spec` with its header parameters. Parameter names are lower case, values unquoted. */
export interface NameAddr {
  readonly name: string;
  readonly uri: string;
  readonly params: Readonly<Record<string, string>>;
}

/** A SIP or SIPS URI. `user` is unescaped; parameter names are lower case. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips' | 'tel';
  readonly user: string;
  readonly host: string;
  readonly port: number | null;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Splits at `separator` outside of quotes and angle brackets. */
export function splitHeader(value: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let quoted = false;
  let depth = 0;
  let from = 0;
  for (let i = 0; i < value.length; i++) {
    const c = value[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '<') depth++;
    else if (c === '>') depth = Math.max(0, depth - 1);
    else if (c === separator && depth === 0) {
      parts.push(value.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(value.slice(from));
  return parts.map((p) => p.trim()).filter((p) => p !== '');
}

const unquote = (value: string): string =>
  value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;

/** `a=1;b` as a record; names in lower case. */
export function parseParams(parts: readonly string[]): Record<string, string> {
  const params: Record<string, string> = Object.create(null);
  for (const part of parts) {
    const at = part.indexOf('=');
    const name = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    if (name) params[name] = at < 0 ? '' : unquote(part.slice(at + 1).trim());
  }
  return params;
}

/** One From, To, Contact, Refer-To … value; null when it is not one. */
export function parseNameAddr(value: string): NameAddr | null {
  const [head = '', ...rest] = splitHeader(value, ';');
  const bracket = /^(.*?)<([^<>]*)>$/s.exec(head);
  if (bracket) return { name: unquote(bracket[1]!.trim()), uri: bracket[2]!.trim(), params: parseParams(rest) };
  // without brackets every parameter belongs to the header (RFC 3261 §20.10)
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(head) ? { name: '', uri: head, params: parseParams(rest) } : null;
}

export function parseNameAddrs(value: string): NameAddr[] {
  return splitHeader(value, ',').flatMap((part) => parseNameAddr(part) ?? []);
}

const unescapeUri = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const CONTROL = /\p{Cc}/u;

/** Control characters have no place in names, numbers and addresses; the store would refuse some of them. */
export const hasControl = (text: string): boolean => CONTROL.test(text);

/** The text without control characters, cut to `length`. */
export const plainText = (text: string, length: number): string => text.replace(/\p{Cc}/gu, '').slice(0, length);

/** Reads a sip:, sips: or tel: URI (RFC 3261 §19.1, RFC 3966); null when it is none. */
export function parseSipUri(uri: string): SipUri | null {
  if (uri.length > 1000 || hasControl(uri)) return null;
  const tel = /^tel:([+0-9A-Fa-f*#().-]+)(;.*)?$/i.exec(uri);
  if (tel) {
    const user = tel[1]!.replace(/[().-]/g, '');
    return { scheme: 'tel', user, host: '', port: null, params: parseParams((tel[2] ?? '').split(';')), headers: {} };
  }
  const match =
    /^(sips?):(?:([^@\s]*)@)?(\[[0-9A-Fa-f:.]+\]|[^\s:;?@[\]]+)(?::(\d{1,5}))?((?:;[^\s?]*)?)(?:\?(\S*))?$/i.exec(uri);
  if (!match) return null;
  const port = match[4] === undefined ? null : Number(match[4]);
  if (port !== null && (port < 1 || port > 65535)) return null;
  // a password and user parameters are not part of who is called
  const user = unescapeUri((match[2] ?? '').split(':')[0]!.split(';')[0]!);
  if (hasControl(user)) return null;
  const headers: Record<string, string> = Object.create(null);
  for (const pair of (match[6] ?? '').split('&')) {
    const at = pair.indexOf('=');
    if (at > 0) headers[pair.slice(0, at).toLowerCase()] = unescapeUri(pair.slice(at + 1));
  }
  return {
    scheme: match[1]!.toLowerCase() as 'sip' | 'sips',
    user,
    host: match[3]!.toLowerCase(),
    port,
    params: parseParams(match[5]!.split(';').filter((p) => p !== '')),
    headers,
  };
}

/** A display name as a quoted string; control characters cannot reach the wire. */
export function quoteName(name: string): string {
  const shown = plainText(name.replace(/[\r\n\t]+/g, ' '), 200);
  return `"${shown.replace(/["\\]/g, '\\$&')}"`;
}

/** A text that a person wrote, as the value of a header such as `Subject` (RFC 3261 §20.36). */
export const oneLine = (text: string): string => plainText(text.replace(/[\r\n\t]+/g, ' '), 500).trim();

/** The user part of a SIP URI, escaped (RFC 3261 §25.1 `user`). */
export function escapeUser(user: string): string {
  return encodeURIComponent(user).replace(/%(2B|26|3D|24|2C|3B|3F|2F)/g, (hex) => decodeURIComponent(hex));
}

/** A digest `Authorization` value: its scheme and parameters. Null for another scheme. */
export function parseDigest(value: string): Readonly<Record<string, string>> | null {
  const match = /^\s*digest\s+(.*)$/is.exec(value);
  return match ? parseParams(splitHeader(match[1]!, ',')) : null;
}

/** Several credentials may come merged into one value; each begins with its scheme. */
export function parseCredentials(value: string): Readonly<Record<string, string>>[] {
  return value
    .split(/,\s*(?=digest\s)/i)
    .map(parseDigest)
    .filter((credentials) => credentials !== null);
}

/** Option tags or methods of Supported, Require, Allow …, lower case. */
export function parseTokens(value: string | undefined): string[] {
  return splitHeader(value ?? '', ',').map((token) => token.toLowerCase());
}
