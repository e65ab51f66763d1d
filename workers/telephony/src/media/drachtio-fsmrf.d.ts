/** The part of drachtio-fsmrf 5 that telephony uses; the package ships no types. */
declare module 'drachtio-fsmrf' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  namespace Mrf {
    interface EslEvent {
      getHeader(name: string): string | undefined;
      getBody(): string;
    }
    interface EslConnection extends EventEmitter {
      readonly socket: Socket | null;
    }
    interface Endpoint extends EventEmitter {
      readonly uuid: string;
      readonly local: { sdp?: string };
      readonly conn: EslConnection | null;
      readonly dialog: {
        modify(sdp: string): Promise<string>;
        destroy(): Promise<unknown>;
      } | null;
      set(values: Record<string, string | boolean>): Promise<unknown>;
      execute(application: string, argument: string): Promise<EslEvent>;
      api(command: string, args: string | readonly string[]): Promise<EslEvent>;
      bridge(other: string): Promise<void>;
      unbridge(): Promise<void>;
      join(conference: string, options: { flags: Readonly<Record<string, boolean>> }): Promise<{ memberId: number }>;
      confMute(): Promise<unknown>;
      confUnmute(): Promise<unknown>;
      confKick(): Promise<unknown>;
      destroy(): Promise<void>;
    }
    interface MediaServer extends EventEmitter {
      readonly conn: EslConnection;
      createEndpoint(options: { remoteSdp?: string; headers?: Record<string, string> }): Promise<Endpoint>;
      api(command: string): Promise<string>;
      disconnect(): void;
    }
    interface ConnectOptions {
      readonly address: string;
      readonly port: number;
      readonly secret: string;
      readonly listenAddress: string;
      readonly listenPort: number;
      readonly advertisedAddress?: string;
    }
  }
  class Mrf {
    constructor(srf: unknown, options?: Record<string, unknown>);
    connect(options: Mrf.ConnectOptions): Promise<Mrf.MediaServer>;
  }
  export = Mrf;
}
