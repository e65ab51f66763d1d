/** A phone's media side without SIP: an SDP offer, a UDP port, what it says and hears. */
import { RtpStream } from '../../phone/rtp.ts';
import type { Endpoint, MediaServer } from './fsmrf-types.ts';

export interface FarEnd {
  readonly rtp: RtpStream;
  readonly port: number;
  readonly sdp: string;
  readonly endpoint: Endpoint;
  close(): Promise<void>;
}

export interface OfferOptions {
  /** Payload numbers in order, e.g. `0 8 101`. */
  readonly payloads?: string;
  readonly keyPayload?: number;
  readonly direction?: string;
  readonly extra?: string;
}

/** An offer for audio at a local port. */
export function offer(port: number, options: OfferOptions = {}): string {
  const key = options.keyPayload ?? 101;
  return [
    'v=0',
    'o=phone 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP ${options.payloads ?? `0 ${key}`}`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    `a=rtpmap:${key} telephone-event/8000`,
    `a=${options.direction ?? 'sendrecv'}`,
    ...(options.extra ? [options.extra] : []),
    '',
  ].join('\r\n');
}

/** An endpoint whose far end is a stream of this process. `continuous` = it sends silence when it has nothing to say. */
export async function connectFarEnd(ms: MediaServer, continuous = false, options: OfferOptions = {}): Promise<FarEnd> {
  const rtp = new RtpStream({ continuous, keepAudio: true });
  rtp.dtmfPayload = options.keyPayload ?? 101;
  const port = await rtp.open();
  const sdp = offer(port, options);
  const endpoint = await ms.createEndpoint({ remoteSdp: sdp });
  rtp.start(endpoint.local.mediaIp, Number(endpoint.local.mediaPort));
  return {
    rtp,
    port,
    sdp,
    endpoint,
    close: async () => {
      rtp.stop();
      if (endpoint.connected) await endpoint.destroy();
    },
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls until `check` holds, or fails with `what` after `ms`. */
export async function until(what: string, check: () => boolean, ms = 3000): Promise<void> {
  const end = Date.now() + ms;
  while (!check()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(10);
  }
}
