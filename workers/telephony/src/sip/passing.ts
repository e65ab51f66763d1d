/**
 * Formats that the media server has no coder for, and video: read in what one party offers, shown to the other, and narrowed to what both
 * have (RFC 3264). The media server passes their packets on as they come. Pure.
 */
import { parse, write } from 'sdp-transform';

type Session = ReturnType<typeof parse>;
type Media = Session['media'][number];

/** Codecs that every media server of ours makes and hears; names in lower case. */
const OWN = new Set(['pcmu/8000', 'pcma/8000', 'g722/8000', 'opus/48000']);
/** Not voices: they go along with every choice. */
const COMPANIONS = new Set(['telephone-event', 'cn', 'red']);
/** Formats that mend or repeat others of their stream. */
const MENDERS = new Set(['rtx', 'red', 'ulpfec', 'flexfec-03']);
/** Static payload types (RFC 3551 tables 4 and 5). */
const STATIC: Readonly<Record<number, string>> = {
  0: 'pcmu/8000',
  3: 'gsm/8000',
  4: 'g723/8000',
  8: 'pcma/8000',
  9: 'g722/8000',
  13: 'cn/8000',
  15: 'g728/8000',
  18: 'g729/8000',
  31: 'h261/90000',
  34: 'h263/90000',
};
const PLAIN = /^RTP\/AVPF?$/;
const KEYED = /^RTP\/SAVPF?$/;
const MAX_PASSED = 12;

/** What a party's description has, formats as `<name>/<clock rate>` in lower case, in its order. */
export interface Formats {
  /** True when one of its voices is ours. */
  readonly own: boolean;
  readonly audio: readonly string[];
  readonly video: readonly string[];
}

export const isOwnFormat = (format: string): boolean => OWN.has(format);

const parseSafely = (sdp: string): Session | null => {
  try {
    return sdp.startsWith('v=0') ? parse(sdp) : null;
  } catch {
    return null;
  }
};

const payloadsOf = ({ payloads }: Media): number[] =>
  String(payloads ?? '')
    .split(' ')
    .filter((text) => /^\d+$/.test(text))
    .map(Number);

function formatOf(media: Media, payload: number): string {
  const mapped = media.rtp.find((each) => each.payload === payload);
  if (!mapped) return STATIC[payload] ?? '';
  return `${String(mapped.codec).toLowerCase()}/${mapped.rate ?? 8000}`;
}

const nameOf = (format: string): string => format.split('/')[0]!;

const streamOf = (session: Session, type: 'audio' | 'video'): Media | undefined =>
  session.media.find((media) => media.type === type && media.port !== 0 && (type === 'audio' || isPassable(media)));

/** Plain, or protected by keys in SDP (RFC 4568): with DTLS there is no video. */
const isPassable = ({ protocol, crypto }: Media): boolean =>
  PLAIN.test(protocol) || (KEYED.test(protocol) && (crypto?.length ?? 0) > 0);

const formatsOf = (media: Media | undefined): string[] =>
  media
    ? [...new Set(payloadsOf(media).map((payload) => formatOf(media, payload)))].filter((format) => format !== '')
    : [];

/** The first voice of the description: the one that is spoken (RFC 3264 §6.1). '' when there is none. */
export function voiceOf(sdp: string): string {
  const session = parseSafely(sdp);
  const audio = session ? formatsOf(streamOf(session, 'audio')) : [];
  return audio.find((format) => !COMPANIONS.has(nameOf(format))) ?? '';
}

/** Everything of a description that may be passed on; null when there is nothing of the kind: then all is as ever. */
export function passableOf(sdp: string): Formats | null {
  const session = parseSafely(sdp);
  if (!session) return null;
  const voices = formatsOf(streamOf(session, 'audio')).filter((format) => !COMPANIONS.has(nameOf(format)));
  const audio = voices.filter((format) => !OWN.has(format)).slice(0, MAX_PASSED);
  const video = formatsOf(streamOf(session, 'video'))
    .filter((format) => !MENDERS.has(nameOf(format)) && format.endsWith('/90000'))
    .slice(0, MAX_PASSED);
  return audio.length + video.length === 0 ? null : { own: voices.length > audio.length, audio, video };
}

/** The media server's `absolute_codec_string` for a channel that may carry these. */
export function codecString(formats: {
  readonly own: boolean;
  readonly audio: readonly string[];
  readonly video: readonly string[];
}): string {
  const own = formats.own ? ['PCMU', 'PCMA', 'G722', 'opus'] : [];
  const passed = [...formats.audio, ...formats.video].map((format) => {
    const [name, rate] = format.split('/');
    return `${name!.toUpperCase()}@${rate}h`;
  });
  return [...own, ...passed].join(',');
}

interface Lines {
  readonly rtp: Media['rtp'];
  readonly fmtp: Media['fmtp'];
  readonly rtcpFb: NonNullable<Media['rtcpFb']>;
}

function linesOf(media: Media, payloads: readonly number[]): Lines {
  const has = ({ payload }: { readonly payload: number | string }): boolean =>
    payload === '*' || payloads.includes(Number(payload));
  return { rtp: media.rtp.filter(has), fmtp: media.fmtp.filter(has), rtcpFb: (media.rtcpFb ?? []).filter(has) };
}

/**
 * Our offer to a called party (one audio stream of `clean`) with the caller's own words for what may be passed on between them; `whole` is
 * the media server's description, whose stream of video lends its port. Ours come first: what is heard by all is worth more.
 */
export function extendOffer(clean: string, whole: string, caller: string, formats: Formats): string {
  const [ours, server, theirs] = [parseSafely(clean), parseSafely(whole), parseSafely(caller)];
  const audio = ours && streamOf(ours, 'audio');
  const callers = theirs && streamOf(theirs, 'audio');
  if (!ours || !server || !theirs || !audio || !callers) return clean;
  ours.media = [withPassed(audio, callers, formats)];
  const own = server.media.find(
    (media) => media.type === 'video' && media.port !== 0 && isPassable(media) && isAlike(media, audio),
  );
  const video = streamOf(theirs, 'video');
  if (own && video && formats.video.length > 0) ours.media.push(videoLike(video, own, formats));
  return write(ours);
}

function withPassed(audio: Media, caller: Media, formats: Formats): Media {
  const kept = payloadsOf(audio).filter((payload) => {
    const format = formatOf(audio, payload);
    return (formats.own && OWN.has(format)) || COMPANIONS.has(nameOf(format));
  });
  const taken = new Set(kept);
  const voices = kept.filter((payload) => OWN.has(formatOf(audio, payload)));
  const others = kept.filter((payload) => !voices.includes(payload));
  const added: { readonly from: number; readonly to: number }[] = [];
  const events = others.map((payload) => formatOf(audio, payload));
  for (const payload of payloadsOf(caller)) {
    const format = formatOf(caller, payload);
    // keys at the clock of what is passed on
    const wanted = formats.audio.includes(format) || (nameOf(format) === 'telephone-event' && !events.includes(format));
    if (wanted) added.push({ from: payload, to: freeNumber(taken, payload) });
  }
  const lines = linesOf(audio, kept);
  const words = linesOf(
    caller,
    added.map(({ from }) => from),
  );
  const renumbered = <T extends { readonly payload: number | string }>(line: T): T => ({
    ...line,
    payload: added.find(({ from }) => from === Number(line.payload))?.to ?? line.payload,
  });
  return {
    ...audio,
    payloads: [...voices, ...added.map(({ to }) => to), ...others].join(' '),
    rtp: [...lines.rtp, ...words.rtp.map(renumbered)],
    fmtp: [...lines.fmtp, ...words.fmtp.map(renumbered)],
  };
}

/** The number itself, else a dynamic one that nobody has; marked as taken. */
function freeNumber(taken: Set<number>, wanted: number): number {
  let number = wanted;
  if (taken.has(wanted)) {
    number = 96;
    while (taken.has(number)) number++;
  }
  taken.add(number);
  return number;
}

/** Both are plain, or both protected by keys. */
const isAlike = (one: Media, other: Media): boolean =>
  (PLAIN.test(one.protocol) && PLAIN.test(other.protocol)) || (KEYED.test(one.protocol) && KEYED.test(other.protocol));

/** Port and protection of our own stream of video. */
type OwnStream = Pick<Media, 'port' | 'protocol' | 'crypto'>;

/** A stream of ours in the words of `video`. */
function videoLike(video: Media, own: OwnStream, formats: Formats): Media {
  const payloads = payloadsOf(video).filter((payload) => {
    const format = formatOf(video, payload);
    return formats.video.includes(format) || MENDERS.has(nameOf(format));
  });
  const { rtp, fmtp, rtcpFb } = linesOf(video, payloads);
  return {
    type: 'video',
    port: own.port,
    protocol: `RTP/${KEYED.test(own.protocol) ? 'S' : ''}AVP${video.protocol.endsWith('F') ? 'F' : ''}`,
    payloads: payloads.join(' '),
    rtp,
    fmtp,
    ...(own.crypto ? { crypto: own.crypto } : {}),
    ...(rtcpFb.length > 0 ? { rtcpFb } : {}),
    ...(video.rtcpMux === undefined ? {} : { rtcpMux: video.rtcpMux }),
    direction: 'sendrecv',
  };
}

/** What two parties have in common, and the caller's offer brought down to it. */
export interface Common {
  readonly offer: string;
  /** The format both speak when it is none of ours, else null. */
  readonly voice: string | null;
  readonly video: readonly string[];
}

/**
 * The caller's offer with nothing in it but what the called party has answered; without an answer, nothing but our own. Null: the caller
 * has no voice left.
 */
export function narrowOffer(caller: string, answer: string | null): Common | null {
  const session = parseSafely(caller);
  const audio = session && streamOf(session, 'audio');
  if (!session || !audio) return null;
  const spoken = answer === null ? '' : voiceOf(answer);
  const voice = spoken === '' || OWN.has(spoken) ? null : spoken;
  const fits = (format: string): boolean => (voice === null ? OWN.has(format) : format === voice);
  const offered = formatsOf(audio).filter((format) => !COMPANIONS.has(nameOf(format)));
  if (!offered.some(fits)) return null;
  keep(audio, (format) => fits(format) || COMPANIONS.has(nameOf(format)));
  const video = answer === null ? [] : narrowVideo(session, answer);
  for (const media of session.media) if (media.type === 'video' && video.length === 0) media.port = 0;
  return { offer: write(session), voice, video };
}

function narrowVideo(session: Session, answer: string): string[] {
  const video = streamOf(session, 'video');
  const theirs = parseSafely(answer);
  const answered = formatsOf(theirs ? streamOf(theirs, 'video') : undefined);
  if (!video) return [];
  const common = formatsOf(video).filter((format) => answered.includes(format));
  const pictures = common.filter((format) => !MENDERS.has(nameOf(format)));
  if (pictures.length > 0) keep(video, (format) => common.includes(format));
  return pictures;
}

/** Leaves nothing in a stream but those of its formats. */
function keep(media: Media, wanted: (format: string) => boolean): void {
  const payloads = payloadsOf(media).filter((payload) => wanted(formatOf(media, payload)));
  Object.assign(media, linesOf(media, payloads), { payloads: payloads.join(' ') });
  if (media.rtcpFb?.length === 0) delete media.rtcpFb;
}

/** Our answer to the caller with the called party's own parameters (fmtp) of what is passed on: one end's limits are the other's. */
export function withParametersOf(answer: string, called: string): string {
  const [ours, theirs] = [parseSafely(answer), parseSafely(called)];
  if (!ours || !theirs) return answer;
  for (const type of ['audio', 'video'] as const) {
    const media = streamOf(ours, type);
    const other = streamOf(theirs, type);
    if (!media || !other) continue;
    const passed = payloadsOf(media).filter((payload) => {
      const format = formatOf(media, payload);
      return !OWN.has(format) && !COMPANIONS.has(nameOf(format)) && !MENDERS.has(nameOf(format));
    });
    const fmtp = media.fmtp.filter(({ payload }) => !passed.includes(payload));
    for (const payload of passed) {
      const own = payloadsOf(other).find((each) => formatOf(other, each) === formatOf(media, payload));
      const config = own === undefined ? undefined : other.fmtp.find((line) => line.payload === own)?.config;
      if (config !== undefined) fmtp.push({ payload, config });
    }
    media.fmtp = fmtp;
  }
  return write(ours);
}

/**
 * An offer for a party that talks already: our last description with the voices that `wanted` says, in the words that the party itself had
 * for them in `known`; null when none of them is there. The version grows (RFC 3264 §8).
 */
export function renewOffer(local: string, known: string, wanted: (format: string) => boolean): string | null {
  const [session, theirs] = [parseSafely(local), parseSafely(known)];
  const audio = session && streamOf(session, 'audio');
  const words = theirs && streamOf(theirs, 'audio');
  if (!session || !audio || !words) return null;
  const events = payloadsOf(words).filter((payload) => COMPANIONS.has(nameOf(formatOf(words, payload))));
  const voices = payloadsOf(words).filter((payload) => wanted(formatOf(words, payload)));
  if (voices.length === 0) return null;
  const payloads = [...voices, ...events];
  const { rtp, fmtp } = linesOf(words, payloads);
  Object.assign(audio, { payloads: payloads.join(' '), rtp, fmtp, direction: 'sendrecv' });
  return write(newer(session));
}

/** Whether a description has a stream of video that may be passed on and is not switched off. */
export function hasVideo(sdp: string): boolean {
  const session = parseSafely(sdp);
  return session !== null && streamOf(session, 'video') !== undefined;
}

/** No port is spoken to while the media server is asked for its own. */
const NO_PORT = 9;

/**
 * What a phone would say that has video in the words of `offer`, to ask the media server for its end of it: no picture goes to it. Null where
 * its sound is protected in a way that video has not.
 */
export function askingVideo(remote: string, offer: string, newKey: () => string): string | null {
  const session = parseSafely(remote);
  const protocol = (session && streamOf(session, 'audio')?.protocol) ?? '';
  if (PLAIN.test(protocol)) return withVideo(remote, offer, { port: NO_PORT, protocol }, 'inactive');
  const audio = session && streamOf(session, 'audio');
  if (!KEYED.test(protocol) || !audio?.crypto?.length) return null;
  const crypto = [{ id: 1, suite: 'AES_CM_128_HMAC_SHA1_80', config: `inline:${newKey()}` }];
  return withVideo(remote, offer, { port: NO_PORT, protocol, crypto }, 'inactive');
}

/** Our own stream of video as the media server has described it; null when it has none. */
export function ownVideoOf(sdp: string): OwnStream | null {
  const session = parseSafely(sdp);
  return (session && streamOf(session, 'video')) ?? null;
}

/**
 * The description with video of ours in the words of `offer`: in the place of a stream that was switched off, else behind the others
 * (RFC 3264 §8.1). Newer than before.
 */
export function withVideo(sdp: string, offer: string, own: OwnStream, direction: 'sendrecv' | 'inactive'): string {
  const [session, theirs] = [parseSafely(sdp), parseSafely(offer)];
  const video = theirs && streamOf(theirs, 'video');
  const formats = passableOf(offer);
  if (!session || !video || !formats) return sdp;
  const stream = { ...videoLike(video, own, formats), direction };
  const place = session.media.findIndex((media) => media.type === 'video');
  if (place < 0) session.media.push(stream);
  else session.media[place] = stream;
  return write(newer(session));
}

/** The description with its video switched off; newer than before. */
export function withoutVideo(sdp: string): string {
  const session = parseSafely(sdp);
  if (!session) return sdp;
  for (const media of session.media) if (media.type === 'video') media.port = 0;
  return write(newer(session));
}

const newer = (session: Session): Session => ({
  ...session,
  origin: { ...session.origin, sessionVersion: Number(session.origin.sessionVersion) + 1 },
});

/** Our offer as it stands once it was answered: streams that were declined are off, so that a refresh does not offer them again. */
export function agreedOffer(offer: string, answer: string): string {
  const [ours, theirs] = [parseSafely(offer), parseSafely(answer)];
  if (!ours || !theirs) return offer;
  const off = ours.media.filter((media, at) => media.port !== 0 && (theirs.media[at]?.port ?? 0) === 0);
  if (off.length === 0) return offer;
  for (const media of off) media.port = 0;
  return write(ours);
}
