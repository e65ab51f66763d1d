/** What a transport is to the stack: a factory that answers a `SipTransport`. UDP, TCP with TLS, and WebSocket stand beside this file. */

export type SipProtocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** Where a message came from, or where one goes. */
export interface SipFlow {
  readonly protocol: SipProtocol;
  /** IP address without brackets. */
  readonly address: string;
  readonly port: number;
  /** Connection it came over, for protocols that have one; sends reuse it while it lives. */
  readonly connection?: number;
  /** Host name that led to the address: what a server's certificate must be for. */
  readonly name?: string;
}

/** A message's way in. */
export interface SipSource extends SipFlow {
  readonly localAddress: string;
  readonly localPort: number;
}

export interface TransportHandlers {
  /** Whole messages; the buffer is the receiver's to keep. */
  onMessage(bytes: Buffer, source: SipSource): void;
  /** Bytes thrown away (too large, no framing, too slow): counted. */
  onDropped(): void;
}

export interface SipTransport {
  readonly protocol: SipProtocol;
  /** True where the transport itself delivers (no retransmission by transactions). */
  readonly reliable: boolean;
  readonly port: number;
  /** `onError` is called at most once, when it is known that the bytes cannot get there. */
  send(bytes: Buffer, flow: SipFlow, onError?: (error: Error) => void): void;
  /** Open connections (0 for UDP). */
  connections(): number;
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Address to bind. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
}
