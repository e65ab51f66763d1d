/** The SIP side of the media server (wire-protocols §B5): one UDP profile that drachtio-fsmrf's INVITEs come to. */
import { v4 as uuidv4 } from 'uuid';
import { connectOutbound } from '../esl/servers.ts';
import {
  createSipStack,
  type Dialog,
  dialogFlow,
  dialogRequest,
  headerValue,
  makeResponse,
  parseCSeq,
  parseNameAddr,
  parseUri,
  type ServerTransaction,
  type SipRequest,
  type SipStack,
  tagOf,
  titledHeader,
  uasDialog,
} from '../sip/index.ts';
import { causeOf } from './cause.ts';
import { Channel, type ChannelLeg } from './channel.ts';
import { describeLeg, describeMedia, reasonHeader } from './channel-headers.ts';
import { type AllowedCodecs, codecsOf } from './codec/coder.ts';
import type { MediaCore } from './media-core.ts';
import type { PortPair } from './rtp-ports.ts';
import { RtpStream } from './rtp-stream.ts';
import { answerOffer, type LocalMedia, makeOffer, readAnswer, type Settlement } from './sdp.ts';
import { LegSecurity, type OfferKind } from './secure/leg-security.ts';
import { extensionHeaders, readInfoKey } from './sip-info.ts';
import type { StreamTarget } from './stream-target.ts';
import type { ReceivedKey } from './telephone-event.ts';
import type { LocalVideo } from './video-sdp.ts';
import { VideoStream } from './video-stream.ts';

/** Addresses and port of the profile. */
export interface SipProfileOptions {
  readonly host: string;
  readonly port: number;
  /** Address in Contact and Via. */
  readonly address: string;
  /** Address in SDP. */
  readonly mediaAddress: string;
}

/** A running profile. */
export interface SipProfile {
  readonly port: number;
  /** Dialogs that are up. */
  dialogs(): number;
  stack: SipStack;
  close(): Promise<void>;
}

interface Leg {
  readonly channel: Channel;
  readonly dialog: Dialog;
  readonly local: LocalMedia;
  /** The CSeq of an INVITE whose 200 carried our offer: its ACK carries the answer. */
  offeredIn: number | null;
  localSdp: string;
  /** The protection in use, which a new offer of ours keeps. */
  kind: OfferKind;
}

const ALLOW = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE';
const USER_AGENT = 'Callwright softswitch';
const SDP_TYPE = titledHeader('content-type', 'application/sdp');

/** Starts the profile. Rejects with the system's error when the port is taken. */
export async function startSipProfile(core: MediaCore, options: SipProfileOptions): Promise<SipProfile> {
  const agent = new ProfileAgent(core, options);
  const stack = await createSipStack(
    { host: options.host, port: options.port, tcp: true, publicAddress: options.address, autoTrying: false },
    {
      onRequest: (transaction) => agent.onRequest(transaction),
      onAck: (ack) => agent.onAck(ack),
      onCancel: () => undefined,
      onAckTimeout: (transaction) =>
        agent.legOf(transaction.request, transaction.toTag)?.channel.hangup('RECOVERY_ON_TIMER_EXPIRE', false),
    },
  );
  agent.stack = stack;
  return { port: stack.port, dialogs: () => agent.legs.size, stack, close: () => stack.close() };
}

class ProfileAgent {
  stack!: SipStack;
  readonly legs = new Map<string, Leg>();
  private readonly core: MediaCore;
  private readonly options: SipProfileOptions;

  constructor(core: MediaCore, options: SipProfileOptions) {
    this.core = core;
    this.options = options;
  }

  onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (request.method === 'OPTIONS') {
      this.reply(transaction, 200, [titledHeader('allow', ALLOW), titledHeader('accept', 'application/sdp')]);
      return;
    }
    if (tagOf(headerValue(request, 'to')) === undefined) {
      if (request.method === 'INVITE') void this.invite(transaction);
      else
        this.reply(transaction, request.method === 'BYE' || request.method === 'INFO' ? 481 : 405, [
          titledHeader('allow', ALLOW),
        ]);
      return;
    }
    const leg = this.legOf(request, tagOf(headerValue(request, 'to')) as string);
    if (leg) this.inDialog(leg, transaction);
    else this.reply(transaction, 481, []);
  }

  onAck(ack: SipRequest): void {
    const leg = this.legOf(ack, tagOf(headerValue(ack, 'to')) ?? '');
    const cseq = parseCSeq(headerValue(ack, 'cseq'))?.number;
    if (!leg || leg.offeredIn === null || leg.offeredIn !== cseq) return;
    leg.offeredIn = null;
    if (ack.body.length === 0) return;
    try {
      const sdp = ack.body.toString('utf8');
      applySettlement(leg, readAnswer(sdp, leg.local, codecsOf(leg.channel.variables)));
      describeMedia(leg.channel, leg.localSdp, sdp);
    } catch {
      leg.channel.hangup('INCOMPATIBLE_DESTINATION', false);
    }
  }

  legOf(request: SipRequest, localTag: string): Leg | undefined {
    return this.legs.get(`${headerValue(request, 'call-id')}|${localTag}|${tagOf(headerValue(request, 'from')) ?? ''}`);
  }

  private reply(
    transaction: ServerTransaction,
    status: number,
    headers: ReturnType<typeof titledHeader>[],
    body?: string,
  ): boolean {
    const all = [...headers, titledHeader('user-agent', USER_AGENT)];
    const parts = {
      toTag: transaction.toTag,
      headers: all,
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    };
    return this.stack.respond(transaction, makeResponse(transaction.request, status, parts)) !== undefined;
  }

  /** A new call: answered at once, then handed to the application that X-esl-outbound names. */
  private async invite(transaction: ServerTransaction): Promise<void> {
    const { request } = transaction;
    const userAgent = headerValue(request, 'user-agent') ?? '';
    if (!/^drachtio-fsmrf:.+$/.test(userAgent)) {
      this.reply(transaction, 404, []);
      return;
    }
    const ports =
      this.core.channels.size >= this.core.maxChannels ? null : await this.core.ports.allocate().catch(() => null);
    if (!ports) {
      this.reply(transaction, 503, [titledHeader('retry-after', '2')]);
      return;
    }
    const codecs = askedCodecs(request);
    const videoPorts = codecs.passedVideo.length > 0 ? await this.core.ports.allocate().catch(() => null) : null;
    const leg = this.answer(transaction, ports, codecs, videoPorts);
    if (!leg) {
      for (const pair of [ports, videoPorts]) if (pair) this.core.ports.release(pair);
      return;
    }
    connectOutbound(this.core, leg.channel, headerValue(request, 'x-esl-outbound') ?? '');
  }

  /** Sends the 200 and makes the channel; null when nothing fits or the call has been cancelled meanwhile: then the ports are free. */
  private answer(
    transaction: ServerTransaction,
    ports: PortPair,
    codecs: AllowedCodecs,
    videoPorts: PortPair | null,
  ): Leg | null {
    const { request } = transaction;
    const local: LocalMedia = {
      address: this.options.mediaAddress,
      port: ports.port,
      ...(videoPorts ? this.videoOn(videoPorts) : {}),
      sessionId: Date.now(),
      version: 0,
      security: new LegSecurity(this.options.mediaAddress, ports.port, this.core.dtls.fingerprint),
    };
    const offer = request.body.length > 0 ? request.body.toString('utf8') : null;
    let negotiated: ReturnType<typeof answerOffer> | null = null;
    try {
      negotiated = offer === null ? null : answerOffer(offer, local, codecs);
    } catch {
      this.reply(transaction, 488, []);
      return null;
    }
    const kinds = offerKinds(request);
    const localSdp = negotiated ? negotiated.sdp : makeOffer(local, kinds, codecs);
    const response = makeResponse(request, 200, {
      toTag: transaction.toTag,
      headers: [this.contact(), titledHeader('allow', ALLOW), titledHeader('user-agent', USER_AGENT), SDP_TYPE],
      body: Buffer.from(localSdp),
    });
    const dialog = uasDialog(request, response, transaction.source);
    if (!dialog || !this.stack.respond(transaction, response)) {
      if (!dialog) this.reply(transaction, 400, []);
      return null;
    }
    const channel = this.makeChannel(request, dialog, ports);
    if (videoPorts) channel.addVideo(new VideoStream(videoPorts, this.core.clock, this.core.traffic));
    if (negotiated) channel.stream.setTarget(negotiated.target);
    else if (kinds.includes('dtls')) channel.stream.expectHandshake();
    channel.setVariable('absolute_codec_string', headerValue(request, CODECS_HEADER.toLowerCase()) ?? '');
    describeLeg(channel);
    describeMedia(channel, localSdp, offer);
    const offeredIn = negotiated ? null : (dialog.remoteSeq ?? null);
    const kind = negotiated ? kindOf(negotiated.target) : 'plain';
    const leg: Leg = { channel, dialog, local, offeredIn, localSdp, kind };
    if (negotiated) channel.video?.setTarget(negotiated.video);
    this.legs.set(dialogKey(dialog), leg);
    return leg;
  }

  private makeChannel(request: SipRequest, dialog: Dialog, ports: PortPair): Channel {
    const listener = { onKey: (key: ReceivedKey, ssrc: number) => channel.onKey(key, 'RTP', ssrc) };
    const { clock, traffic, dtls } = this.core;
    const stream = new RtpStream(ports, clock, traffic, listener, dtls);
    const leg: ChannelLeg = {
      callId: dialog.callId,
      userAgent: headerValue(request, 'user-agent') ?? '',
      fromUser: userOf(headerValue(request, 'from')),
      toUser: parseUri(request.uri)?.user ?? 'drachtio',
      extraHeaders: extensionHeaders(request),
      bye: (cause) => {
        this.legs.delete(dialogKey(dialog));
        void this.bye(dialog, cause);
      },
    };
    const channel = new Channel(this.core, leg, stream, uuidv4());
    return channel;
  }

  private async bye(dialog: Dialog, cause: string): Promise<void> {
    const headers = [titledHeader('reason', reasonHeader(cause)), titledHeader('user-agent', USER_AGENT)];
    const bye = dialogRequest(dialog, 'BYE', { headers });
    try {
      this.stack.request(bye, await dialogFlow(dialog), { onResponse: () => undefined, onFailure: () => undefined });
    } catch {
      // A far end that cannot be reached needs no goodbye.
    }
  }

  private inDialog(leg: Leg, transaction: ServerTransaction): void {
    const { request } = transaction;
    const sequence = parseCSeq(headerValue(request, 'cseq'))?.number ?? 0;
    if (leg.dialog.remoteSeq !== undefined && sequence <= leg.dialog.remoteSeq) {
      this.reply(transaction, 500, []);
      return;
    }
    leg.dialog.remoteSeq = sequence;
    if (request.method === 'BYE') this.farBye(leg, transaction);
    else if (request.method === 'INVITE' || request.method === 'UPDATE')
      void this.renegotiate(leg, transaction, sequence);
    else if (request.method === 'INFO') this.info(leg, transaction);
    else this.reply(transaction, 405, [titledHeader('allow', ALLOW)]);
  }

  private farBye(leg: Leg, transaction: ServerTransaction): void {
    this.reply(transaction, 200, []);
    this.legs.delete(dialogKey(leg.dialog));
    const reason = /Q\.850\s*;\s*cause\s*=\s*(\d+)/i.exec(headerValue(transaction.request, 'reason') ?? '');
    leg.channel.hangup(reason ? causeOf(reason[1] as string) : 'NORMAL_CLEARING', true);
  }

  /** re-INVITE and UPDATE: new address, hold, resume (RFC 3264 §8). Without body: we offer, or just confirm an UPDATE. */
  private async renegotiate(leg: Leg, transaction: ServerTransaction, sequence: number): Promise<void> {
    const { request } = transaction;
    const { channel, local } = leg;
    const contact = parseNameAddr(headerValue(request, 'contact') ?? '')?.uri;
    if (contact) leg.dialog.remoteTarget = contact;
    if (request.body.length === 0 && request.method === 'UPDATE') {
      this.reply(transaction, 200, [this.contact()]);
      return;
    }
    const codecs = codecsOf(channel.variables);
    if (codecs.passedVideo.length > 0 && !channel.video) await this.openVideo(leg);
    if (!channel.up) {
      this.reply(transaction, 481, []);
      return;
    }
    if (request.body.length === 0) {
      leg.localSdp = makeOffer(local, [leg.kind], codecs);
      leg.offeredIn = sequence;
      this.reply(transaction, 200, [this.contact(), titledHeader('allow', ALLOW), SDP_TYPE], leg.localSdp);
      return;
    }
    const offer = request.body.toString('utf8');
    try {
      const settled = answerOffer(offer, local, codecs);
      leg.localSdp = settled.sdp;
      leg.offeredIn = null;
      applySettlement(leg, settled);
      describeMedia(channel, settled.sdp, offer);
      this.reply(transaction, 200, [this.contact(), titledHeader('allow', ALLOW), SDP_TYPE], settled.sdp);
      channel.setHeld(!settled.target.receive || !settled.target.send);
    } catch {
      this.reply(transaction, 488, []);
    }
  }

  private videoOn({ port }: PortPair): Required<LocalVideo> {
    return { videoPort: port, videoSecurity: new LegSecurity(this.options.mediaAddress, port, null) };
  }

  /** Ports for video that a channel is allowed after it was made; without any, video is declined. */
  private async openVideo({ channel, local }: Leg): Promise<void> {
    const ports = await this.core.ports.allocate().catch(() => null);
    if (!ports) return;
    if (!channel.up || channel.video) {
      this.core.ports.release(ports);
      return;
    }
    Object.assign(local, this.videoOn(ports));
    channel.addVideo(new VideoStream(ports, this.core.clock, this.core.traffic));
  }

  private info(leg: Leg, transaction: ServerTransaction): void {
    const { request } = transaction;
    const type = (headerValue(request, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase();
    const key = readInfoKey(type ?? '', request.body.toString('latin1', 0, 200));
    if (key === null && type?.startsWith('application/dtmf')) {
      this.reply(transaction, 400, []);
      return;
    }
    this.reply(transaction, 200, []);
    if (key) leg.channel.onKey(key, 'ENDPOINT', 0);
  }

  private contact(): ReturnType<typeof titledHeader> {
    return titledHeader('contact', `<sip:drachtio@${this.options.address}:${this.stack.port};transport=udp>`);
  }
}

function dialogKey(dialog: Dialog): string {
  return `${dialog.callId}|${dialog.localTag}|${dialog.remoteTag}`;
}

function userOf(nameAddr: string | undefined): string {
  const uri = parseNameAddr(nameAddr ?? '')?.uri;
  return (uri && parseUri(uri)?.user) || '';
}

function applySettlement(leg: Leg, { target, video }: Settlement): void {
  leg.kind = kindOf(target);
  leg.channel.stream.setTarget(target);
  leg.channel.video?.setTarget(video);
}

const kindOf = ({ terms }: StreamTarget): OfferKind => terms.security?.kind ?? 'plain';

/** `X-Codecs`: what a dialplan makes the channel's `absolute_codec_string`. */
const CODECS_HEADER = 'X-Codecs';
const askedCodecs = (request: SipRequest): AllowedCodecs =>
  codecsOf(new Map([['codec_string', headerValue(request, CODECS_HEADER.toLowerCase()) ?? '']]));

/**
 * The streams of our offer to an INVITE without body, by the headers that a dialplan would read: `X-Secure-RTP: true` (fsmrf's `srtp`) has
 * SRTP only, `optional` plain RTP beside it, as FreeSWITCH offers when nothing is set; `X-WebRTC-Media: true` adds DTLS-SRTP with ICE,
 * FreeSWITCH's `media_webrtc`.
 */
function offerKinds(request: SipRequest): OfferKind[] {
  const secure = (headerValue(request, 'x-secure-rtp') ?? '').toLowerCase();
  const webrtc = (headerValue(request, 'x-webrtc-media') ?? '').toLowerCase() === 'true';
  const kinds: OfferKind[] = webrtc ? ['dtls'] : [];
  if (secure === 'true' || secure === 'optional') kinds.push('sdes');
  if (secure !== 'true' || kinds.length === 0) kinds.push('plain');
  return kinds;
}
