/** The part of drachtio-fsmrf's interface that the suite uses; the package's own types leave most results open. */
import type { EventEmitter } from 'node:events';

export interface PlayResult {
  readonly playbackSeconds: string;
  readonly playbackMilliseconds: string;
  readonly playbackLastOffsetPos: string;
}

export interface CollectResult {
  readonly digits: string | null;
  readonly invalidDigits: string | null;
  readonly terminatorUsed: string | null;
}

export interface CollectOptions {
  readonly file: string;
  readonly min?: number;
  readonly max?: number;
  readonly tries?: number;
  readonly timeout?: number;
  readonly digitTimeout?: number;
  readonly terminators?: string;
  readonly regexp?: string;
  readonly invalidFile?: string;
}

export interface RecordResult {
  readonly terminatorUsed: string | null;
  readonly recordSeconds: string;
  readonly recordMilliseconds: string;
  readonly recordSamples: string;
}

export interface ExecuteEvent {
  getHeader(name: string): string | null;
}

export interface Endpoint extends EventEmitter {
  readonly uuid: string;
  readonly connected: boolean;
  readonly local: { readonly sdp: string; readonly mediaIp: string; readonly mediaPort: string };
  readonly remote: { readonly sdp: string };
  readonly dtmfType: string;
  readonly conf: { memberId: number; name: string; uuid: string };
  readonly dialog: EventEmitter & {
    destroy(): Promise<unknown>;
    request(options: { method: string; headers?: Record<string, string>; body?: string }): Promise<{ status: number }>;
    sip: { callId: string };
  };
  play(
    file: string | readonly string[] | { file: string; timeoutSecs?: number; seekOffset?: number },
  ): Promise<PlayResult>;
  playCollect(options: CollectOptions): Promise<CollectResult>;
  record(
    file: string,
    options?: { timeLimitSecs?: number; silenceThresh?: number; silenceHits?: number },
  ): Promise<RecordResult>;
  recordSession(file: string): Promise<unknown>;
  set(name: string | Record<string, string>, value?: string): Promise<unknown>;
  api(command: string, args: string | readonly string[]): Promise<{ body: string }>;
  execute(app: string, arg?: string): Promise<ExecuteEvent>;
  bridge(other: Endpoint | string): Promise<void>;
  unbridge(): Promise<void>;
  modify(sdp: string): Promise<string>;
  mute(): Promise<unknown>;
  unmute(): Promise<unknown>;
  join(conference: string | Conference, options?: object): Promise<{ memberId: number; confUuid: string }>;
  getChannelVariables(media: boolean): Promise<Record<string, string | number>>;
  confMute(): Promise<unknown>;
  confUnmute(): Promise<unknown>;
  confKick(): Promise<unknown>;
  confPlay(file: string): Promise<unknown>;
  destroy(): Promise<void>;
}

export interface Conference extends EventEmitter {
  readonly name: string;
  readonly uuid: string;
  getSize(): Promise<number>;
  play(file: string): Promise<{ seconds: number; milliseconds: number; samples: number }>;
  lock(): Promise<unknown>;
  unlock(): Promise<unknown>;
  destroy(): Promise<void>;
}

export interface MediaServer extends EventEmitter {
  readonly sip: { readonly ipv4: { readonly udp: { readonly address?: string } } };
  createEndpoint(options?: {
    remoteSdp?: string;
    codecs?: string[];
    srtp?: boolean;
    headers?: Record<string, string>;
  }): Promise<Endpoint>;
  connectCaller(
    req: unknown,
    res: unknown,
    options?: object,
  ): Promise<{ endpoint: Endpoint; dialog: { destroy(): Promise<unknown> } }>;
  createConference(name: string, options?: object): Promise<Conference>;
  api(command: string): Promise<string>;
  disconnect(): void;
}
