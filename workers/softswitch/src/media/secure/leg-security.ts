/**
 * What a leg's SDP says of protection: plain RTP, SRTP with keys in SDP (RFC 4568), or DTLS-SRTP with ICE (RFC 5763, RFC 8839), as the
 * far end's own stream has it. A leg keeps its keys and names over all its offers and answers, so that a description given in one
 * exchange holds in the next.
 */
import type { MediaDescription, SessionDescription } from 'sdp-transform';
import { type DtlsRole, type Fingerprint, isUsable } from './dtls.ts';
import { HOST_PRIORITY, type IceCredentials, type IceTerms, newIceCredentials } from './ice-lite.ts';
import { type CryptoAttribute, chooseKey, cryptoLine, newMasterKey } from './sdes.ts';
import { type MasterKey, PROFILES, type SrtpProfile } from './srtp.ts';

type Media = SessionDescription['media'][number];
/** What an answer or offer adds to the bare stream. */
type Attributes = Partial<MediaDescription>;

/** How the packets of a stream are protected. */
export type SecurityTerms =
  | { readonly kind: 'sdes'; readonly profile: SrtpProfile; readonly send: MasterKey; readonly receive: MasterKey }
  | { readonly kind: 'dtls'; readonly role: DtlsRole; readonly remote: Fingerprint };

/** Kinds of streams in our own offers. */
export type OfferKind = 'plain' | 'sdes' | 'dtls';

/** What was settled for a stream. */
export interface StreamTerms {
  readonly security: SecurityTerms | null;
  readonly ice: IceTerms | null;
  /** RTP and RTCP on one port (RFC 5761). */
  readonly rtcpMux: boolean;
}

/** Terms, and the attributes of our own stream that say so. */
export interface Settled {
  readonly terms: StreamTerms;
  readonly attributes: Attributes;
}

const PLAIN = /^RTP\/AVPF?$/;
const SDES = /^RTP\/SAVPF?$/;
const DTLS = /^(?:UDP\/TLS\/)?RTP\/SAVPF?$/;
const PROFILE_NAMES = Object.keys(PROFILES) as SrtpProfile[];

/** True for transports of RTP that we know. */
export const isRtp = (protocol: string): boolean => PLAIN.test(protocol) || DTLS.test(protocol);

export class LegSecurity {
  private readonly address: string;
  private readonly port: number;
  private readonly fingerprint: Fingerprint | null;
  private readonly keys = new Map<SrtpProfile, MasterKey>();
  private ice: IceCredentials = newIceCredentials();
  private remoteUfrag: string | null = null;
  private dtls: { readonly role: DtlsRole; readonly hash: string } | null = null;

  /** Without a fingerprint DTLS is neither offered nor taken. */
  constructor(address: string, port: number, fingerprint: Fingerprint | null) {
    this.address = address;
    this.port = port;
    this.fingerprint = fingerprint;
  }

  /** Takes the far end's stream; null when its protection is none we have. */
  settle(session: SessionDescription, media: Media): Settled | null {
    const { protocol } = media;
    const ice = this.settleIce(session, media);
    const rtcpMux = media.rtcpMux !== undefined;
    const common: Attributes = { ...(ice ? this.iceAttributes() : {}), ...(rtcpMux ? { rtcpMux: 'rtcp-mux' } : {}) };
    if (PLAIN.test(protocol)) return { terms: { security: null, ice, rtcpMux }, attributes: common };
    const found = this.settleKeys(session, media);
    return found && { terms: { security: found.terms, ice, rtcpMux }, attributes: { ...common, ...found.attributes } };
  }

  /** The attributes of a stream in our own offer. */
  offer(kind: OfferKind): Attributes {
    if (kind === 'plain') return { protocol: 'RTP/AVP' };
    if (kind === 'sdes') {
      const crypto = PROFILE_NAMES.map((profile, at) => cryptoLine(at + 1, profile, this.keyOf(profile)));
      return { protocol: 'RTP/SAVP', crypto };
    }
    return {
      protocol: 'UDP/TLS/RTP/SAVPF',
      ...this.iceAttributes(),
      rtcpMux: 'rtcp-mux',
      fingerprint: this.fingerprint ?? undefined,
      setup: 'actpass',
    };
  }

  private settleKeys(
    session: SessionDescription,
    media: Media,
  ): { terms: SecurityTerms; attributes: Attributes } | null {
    const offered = SDES.test(media.protocol) ? chooseKey((media.crypto ?? []) as CryptoAttribute[]) : null;
    if (offered) {
      const { tag, profile, key } = offered;
      const send = this.keyOf(profile);
      const attributes: Attributes = { crypto: [cryptoLine(tag, profile, send)] };
      return { terms: { kind: 'sdes', profile, send, receive: key }, attributes };
    }
    const remote = media.fingerprint ?? session.fingerprint;
    if (!DTLS.test(media.protocol) || !remote || !isUsable(remote) || !this.fingerprint) return null;
    const role = this.roleFor(media.setup ?? session.setup, remote.hash);
    const setup = role === 'client' ? 'active' : 'passive';
    return { terms: { kind: 'dtls', role, remote }, attributes: { fingerprint: this.fingerprint, setup } };
  }

  /** RFC 5763 §5: whoever has the choice begins; an association that stands keeps its roles. */
  private roleFor(setup: string | undefined, hash: string): DtlsRole {
    const free = this.dtls?.hash === hash ? this.dtls.role : 'client';
    const role: DtlsRole = setup === 'passive' ? 'client' : setup === 'actpass' ? free : 'server';
    this.dtls = { role, hash };
    return role;
  }

  private keyOf(profile: SrtpProfile): MasterKey {
    const known = this.keys.get(profile) ?? newMasterKey();
    this.keys.set(profile, known);
    return known;
  }

  private settleIce(session: SessionDescription, media: Media): IceTerms | null {
    const remoteUfrag = media.iceUfrag ?? session.iceUfrag;
    const password = media.icePwd ?? session.icePwd;
    // our one candidate is for both; who wants a port for RTCP does without ICE (RFC 8839 §4.2.5)
    if (remoteUfrag === undefined || password === undefined || media.rtcpMux === undefined) return null;
    // a restart of the far end is one of ours too (RFC 8445 §9)
    if (this.remoteUfrag !== null && this.remoteUfrag !== remoteUfrag) this.ice = newIceCredentials();
    this.remoteUfrag = remoteUfrag;
    return { localUfrag: this.ice.ufrag, localPassword: this.ice.password, remoteUfrag };
  }

  private iceAttributes(): Attributes {
    const candidate = { foundation: '1', transport: 'UDP', ip: this.address, type: 'host' };
    return {
      iceUfrag: this.ice.ufrag,
      icePwd: this.ice.password,
      candidates: [{ ...candidate, component: 1, port: this.port, priority: HOST_PRIORITY }],
      endOfCandidates: 'end-of-candidates',
    };
  }
}
