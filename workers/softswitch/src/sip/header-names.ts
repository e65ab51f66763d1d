/** Header names: compact forms (RFC 3261 §7.3.3 and later registrations) and the usual capitalisation. */

const COMPACT: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

const IRREGULAR: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'mime-version': 'MIME-Version',
  rack: 'RAck',
  rseq: 'RSeq',
  'sip-etag': 'SIP-ETag',
  'sip-if-match': 'SIP-If-Match',
  'www-authenticate': 'WWW-Authenticate',
};

/** Headers that must occur at most once (RFC 3261 §20; a request that repeats one is malformed). */
export const SINGLE_VALUED: ReadonlySet<string> = new Set([
  'call-id',
  'content-length',
  'content-type',
  'cseq',
  'date',
  'expires',
  'from',
  'max-forwards',
  'rack',
  'refer-to',
  'rseq',
  'to',
]);

const known = new Map<string, string>();
const KNOWN_CAP = 512;

/** Lower-case long form of a header name: `f`, `FROM` and `From` all give `from`. */
export function headerKey(name: string): string {
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const lower = name.toLowerCase();
  const key = Object.hasOwn(COMPACT, lower) ? COMPACT[lower]! : lower;
  if (known.size < KNOWN_CAP && name.length <= 40) known.set(name, key);
  return key;
}

/** Usual capitalisation of a header key: `call-id` → `Call-ID`. */
export function headerTitle(key: string): string {
  const irregular = Object.hasOwn(IRREGULAR, key) ? IRREGULAR[key] : undefined;
  return irregular ?? key.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}
