/**
 * Which addresses an outgoing request may reach (SSRF guard): public ones, and whatever CALLWRIGHT_ALLOW_URLS lists. A name is
 * resolved once and the connection goes to the address that was checked, so a name that changes in between gains nothing.
 */
import { lookup as resolveName } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Why a URL is refused; `code` rides in the flow's result. */
export class RefusedUrl extends Error {
  readonly code = 'refused';
}

export interface UrlGuard {
  /** Throws `RefusedUrl` when the URL is no http(s) URL or names an internal address. */
  check(url: string): URL;
  /** True when the list names this SMTP server (`smtp://host:port`), whatever its address. */
  allowsMail(host: string, port: number): boolean;
  /** True when the list of allowed URLs names it, whatever its address. */
  allows(url: URL): boolean;
  /** For sockets of URLs that are not listed: fails with `RefusedUrl` when a name leads to an internal address. */
  readonly lookup: LookupFunction;
}

export interface AllowedUrl {
  /** Scheme, host and port; of SMTP servers too. */
  readonly origin: string;
  readonly path: string;
}

/**
 * Reads CALLWRIGHT_ALLOW_URLS: URLs by commas or spaces, each allowing everything below it. Throws naming a wrong one. Its `sip:` and
 * `sips:` entries are telephony's.
 */
export function allowedUrls(list: string | undefined): AllowedUrl[] {
  return (list ?? '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '' && !/^sips?:/i.test(entry))
    .map((entry) => {
      const url = URL.parse(entry);
      if (url?.protocol === 'smtp:') return { origin: `smtp://${url.hostname}:${url.port || '25'}`, path: '/' };
      if (!url || !/^https?:$/.test(url.protocol))
        throw new Error(`CALLWRIGHT_ALLOW_URLS: ${entry} is no http, https or smtp URL.`);
      return { origin: url.origin, path: url.pathname };
    });
}

/** Public unicast only: loopback, private, link-local, shared, mapped, translated and reserved ranges are internal. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || isGlobalUnicast(parsed as ipaddr.IPv6));
}

/** 2000::/3 (RFC 4291 §2.4); ipaddr.js calls more than that unicast. */
const isGlobalUnicast = (address: ipaddr.IPv6): boolean => address.match(ipaddr.parse('2000::') as ipaddr.IPv6, 3);

export function urlGuard(allowed: readonly AllowedUrl[], resolve: typeof resolveName = resolveName): UrlGuard {
  const allows = (url: URL): boolean =>
    allowed.some(({ origin, path }) => {
      const folder = path.endsWith('/') ? path : `${path}/`;
      return url.origin === origin && (url.pathname === path || url.pathname.startsWith(folder));
    });

  const check = (text: string): URL => {
    const url = URL.parse(text);
    if (!url || !/^https?:$/.test(url.protocol)) throw new RefusedUrl('Only http and https URLs are requested.');
    if (url.username || url.password) throw new RefusedUrl('A URL must not carry a user name or password.');
    if (allows(url)) return url;
    // URL has already normalised every spelling of an address (octal, hex, short forms)
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (ipaddr.isValid(host) && !isPublicAddress(host)) throw new RefusedUrl('Internal addresses are not requested.');
    return url;
  };

  const lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '', 0);
      const addresses = found as { address: string; family: number }[];
      if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) {
        return done(new RefusedUrl('The name leads to an internal address.'), '', 0);
      }
      if (options.all) return done(null, addresses);
      return done(null, addresses[0]!.address, addresses[0]!.family);
    });
  };

  const allowsMail = (host: string, port: number): boolean =>
    allowed.some(({ origin }) => origin === `smtp://${host}:${port}`);

  return { check, allows, allowsMail, lookup };
}
