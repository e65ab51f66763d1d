/** What a trunk or a user's phone is offered of a call's codecs: in its order, or nothing but those (RFC 3264 §5). Pure. */

const STATIC: Readonly<Record<string, string>> = { '0': 'PCMU', '3': 'GSM', '8': 'PCMA', '9': 'G722', '18': 'G729' };
/** Not a voice codec: goes along with every choice. */
const COMPANIONS: ReadonlySet<string> = new Set(['TELEPHONE-EVENT', 'CN']);

/**
 * The offer with its audio formats in the order of `codecs`; when `forced`, without any other, video included. An offer that has none of
 * them is returned as it is when they are only preferred, and null when they are forced.
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
  const formatsKept = [...chosen, ...others.filter((format) => !forced || COMPANIONS.has(nameOf(format)))];
  lines[at] = [media, port, protocol, ...formatsKept].join(' ');
  const dropped = (line: string, i: number): boolean => {
    const format = i > at && i < end ? /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)[\s]/i.exec(line)?.[1] : undefined;
    return format !== undefined && !formatsKept.includes(format);
  };
  const kept = lines.filter((line, i) => !dropped(line, i));
  return (forced ? kept.map(videoOf(kept, wanted)) : kept).join('\r\n');
}

/** Switches a stream of video off that has none of the wanted formats. */
const videoOf =
  (lines: readonly string[], wanted: readonly string[]) =>
  (line: string, at: number): string => {
    if (!/^m=video\s/i.test(line)) return line;
    const after = lines.findIndex((other, i) => i > at && other.startsWith('m='));
    const names = [...formatNames(lines.slice(at + 1, after < 0 ? lines.length : after)).values()];
    return names.some((name) => wanted.includes(name)) ? line : line.replace(/(?<=^m=video\s+)\d+/i, '0');
  };

function formatNames(attributes: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of attributes) {
    const match = /^a=rtpmap:(\d+)\s+([^/\s]+)/i.exec(line);
    if (match) names.set(match[1]!, match[2]!.toUpperCase());
  }
  return names;
}
