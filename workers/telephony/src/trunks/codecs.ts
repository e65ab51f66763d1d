/** What a trunk is offered of a call's codecs: in the trunk's order, or nothing but those (RFC 3264 §5). Pure. */

const STATIC: Readonly<Record<string, string>> = { '0': 'PCMU', '3': 'GSM', '8': 'PCMA', '9': 'G722', '18': 'G729' };
/** Not a voice codec: goes along with every choice. */
const COMPANIONS: ReadonlySet<string> = new Set(['TELEPHONE-EVENT', 'CN']);

/**
 * The offer with its audio formats in the order of `codecs`; when `forced`, without any other. An offer that has none of them is
 * returned as it is when they are only preferred, and null when they are forced.
 */
export function offerOf(sdp: string, codecs: readonly string[], forced: boolean): string | null {
  if (codecs.length === 0) return sdp;
  const wanted = codecs.map((codec) => codec.toUpperCase());
  const lines = sdp.split(/\r?\n/);
  const at = lines.findIndex((line) => /^m=audio\s/i.test(line));
  if (at < 0) return forced ? null : sdp;
  const after = lines.findIndex((line, i) => i > at && line.startsWith('m='));
  const end = after < 0 ? lines.length : after;
  const [media, port, protocol, ...formats] = lines[at]!.trim().split(/\s+/);
  const names = formatNames(lines.slice(at + 1, end));
  const nameOf = (format: string): string => names.get(format) ?? STATIC[format] ?? '';
  const rank = (format: string): number => wanted.indexOf(nameOf(format));
  const chosen = formats.filter((format) => rank(format) >= 0).sort((a, b) => rank(a) - rank(b));
  if (chosen.length === 0) return forced ? null : sdp;
  const others = formats.filter((format) => rank(format) < 0);
  const kept = [...chosen, ...others.filter((format) => !forced || COMPANIONS.has(nameOf(format)))];
  lines[at] = [media, port, protocol, ...kept].join(' ');
  const dropped = (line: string, i: number): boolean => {
    const format = i > at && i < end ? /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)[\s]/i.exec(line)?.[1] : undefined;
    return format !== undefined && !kept.includes(format);
  };
  return lines.filter((line, i) => !dropped(line, i)).join('\r\n');
}

function formatNames(attributes: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of attributes) {
    const match = /^a=rtpmap:(\d+)\s+([^/\s]+)/i.exec(line);
    if (match) names.set(match[1]!, match[2]!.toUpperCase());
  }
  return names;
}
