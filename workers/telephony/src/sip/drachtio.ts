/**
 * The SIP server as telephony uses it: drachtio-srf behind the few types it needs (wire-protocols A6). Everything that names a
 * member of drachtio-srf stands here or in `sip/`.
 */
import Srf from 'drachtio-srf';
import { TelephonyError } from '../errors.ts';

export interface SipMessage {
  readonly method: string;
  readonly uri: string;
  readonly status: number;
  readonly body: string | undefined;
  readonly payload?: readonly { readonly type: string | null | undefined; readonly content?: string }[];
  readonly source: 'network' | 'application';
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  readonly stackTxnId: string;
  readonly stackDialogId: string;
  get(name: string): string | undefined;
  has(name: string): boolean;
}

export interface SipRequest extends SipMessage {
  on(event: 'cancel', listener: (cancel: SipMessage) => void): void;
  on(event: 'response', listener: (res: SipMessage, ack: () => void) => void): void;
  cancel(options: { headers?: Record<string, string> }, callback: (error: unknown) => void): void;
}

export interface SendOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface SipResponse {
  readonly finalResponseSent: boolean;
  /** `acknowledged`: a reliable provisional response has had its PRACK. */
  send(
    status: number,
    options?: SendOptions,
    callback?: (error: unknown, sent?: SipMessage) => void,
    acknowledged?: () => void,
  ): void;
}

export interface SipDialog {
  readonly id: string;
  readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string };
  readonly local: { sdp: string | undefined; contact?: string };
  readonly remote: { sdp: string | undefined; readonly uri: string };
  readonly res: SipMessage;
  /** False once either side has said BYE. */
  readonly connected: boolean;
  on(event: 'destroy', listener: (req: SipRequest | undefined, reason: unknown) => void): this;
  on(event: 'ack', listener: (req: SipRequest) => void): this;
  on(
    event: 'modify' | 'update' | 'info' | 'refer' | 'notify' | 'message',
    listener: (req: SipRequest, res: SipResponse) => void,
  ): this;
  removeAllListeners(): this;
  destroy(options?: { headers?: Record<string, string> }): Promise<unknown>;
  modify(sdp: string, options?: { headers?: Record<string, string> }): Promise<string>;
  request(options: { method: string; headers?: Record<string, string>; body?: string }): Promise<SipMessage>;
}

export interface UacOptions {
  readonly localSdp: string;
  readonly proxy?: string;
  readonly headers: Record<string, string>;
}

/** What the npm package offers and we use. */
export interface SrfLike {
  use(handler: (req: SipRequest, res: SipResponse, next: () => void) => void): void;
  use(method: string, handler: (req: SipRequest, res: SipResponse, next: () => void) => void): void;
  createUAS(
    req: SipRequest,
    res: SipResponse,
    options: { localSdp: string; headers?: Record<string, string> },
  ): Promise<SipDialog>;
  createUAC(
    uri: string,
    options: UacOptions,
    progress: { cbRequest?(error: unknown, req?: SipRequest): void; cbProvisional?(res: SipMessage): void },
  ): Promise<SipDialog>;
  request(uri: string, options: Record<string, unknown>, callback: (error: unknown, req?: SipRequest) => void): void;
  connect(options: Record<string, unknown>): void;
  disconnect(): void;
  on(event: string, listener: (...values: never[]) => void): unknown;
  readonly app: {
    readonly client?: {
      sendMessage(message: string, options: Record<string, unknown>): string;
      readonly idle: boolean;
    };
  };
}

/** The verbs telephony answers; a verb that no app has routed is answered 503 by the SIP server itself. */
export const ROUTED_METHODS = [
  'invite',
  'register',
  'options',
  'subscribe',
  'notify',
  'message',
  'publish',
  'info',
  'refer',
] as const;

export interface SipServer {
  readonly srf: SrfLike;
  /** `host:port` parts that the server listens on for SIP. */
  readonly addresses: readonly string[];
  /** The connection has dropped; drachtio-srf tries again by itself. */
  onDrop(listener: () => void): void;
  onReturn(listener: () => void): void;
  /** BYE on a dialog by its id, whoever made it (wire-protocols A5). Resolves when it was sent, or could not be. */
  endDialog(dialogId: string, headers: Record<string, string>): Promise<void>;
  /** CANCEL of an INVITE by its transaction id, whoever sent it. */
  cancelInvite(transactionId: string): Promise<void>;
  /** Final answer to an INVITE by its transaction id, whoever received it. */
  refuseInvite(transactionId: string, status: number, reason: string): void;
  close(): void;
}

export interface SipServerOptions {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** How long the first connection may take. */
  readonly patienceMs: number;
}

/** A new, unconnected application; handlers are added before it connects, since connecting asks for their verbs. */
export const createSrf = (): SrfLike => new (Srf as unknown as new () => SrfLike)();

/** Connects; rejects with `TEL_SIP_SERVER` when nobody answers in time or the secret is refused. */
export async function connectSip(srf: SrfLike, options: SipServerOptions): Promise<SipServer> {
  const dropped: (() => void)[] = [];
  const returned: (() => void)[] = [];
  let connected = false;
  const addresses = await new Promise<string[]>((resolve, reject) => {
    const late = setTimeout(() => {
      srf.disconnect();
      reject(new TelephonyError('TEL_SIP_SERVER', `No answer from ${options.host}:${options.port}.`));
    }, options.patienceMs);
    // without a listener an error of the socket would end the process; the next attempt follows by itself
    srf.on('error', () => {});
    srf.on('connect', ((error: unknown, hostports?: string) => {
      clearTimeout(late);
      if (error) return reject(new TelephonyError('TEL_SIP_SERVER', 'The secret was refused.'));
      connected = true;
      for (const listener of returned) listener();
      resolve((hostports ?? '').split(','));
    }) as never);
    srf.on('close', (() => {
      if (!connected) return;
      connected = false;
      for (const listener of dropped) listener();
    }) as never);
    srf.connect({ host: options.host, port: options.port, secret: options.secret, retryMaxDelay: 500 });
  });
  return {
    srf,
    addresses,
    onDrop: (listener) => dropped.push(listener),
    onReturn: (listener) => returned.push(listener),
    endDialog: (dialogId, headers) => send(srf, { method: 'BYE', stackDialogId: dialogId, headers }),
    cancelInvite: (transactionId) => send(srf, { method: 'CANCEL', stackTxnId: transactionId }),
    refuseInvite: (transactionId, status, reason) => {
      srf.app.client?.sendMessage(`SIP/2.0 ${status} ${reason}\r\nRetry-After: 2\r\n\r\n`, {
        stackTxnId: transactionId,
      });
    },
    close: () => srf.disconnect(),
  };
}

/**
 * A re-INVITE by drachtio-srf. Its dialog counts re-INVITEs and never takes a refused one off the count, after which every later one
 * would wait for ever: put right here.
 */
export async function reinvite(
  dialog: Pick<SipDialog, 'modify'>,
  sdp: string,
  headers?: Record<string, string>,
): Promise<string> {
  try {
    return await dialog.modify(sdp, headers ? { headers } : undefined);
  } catch (error) {
    Object.assign(dialog, { _reinvitesInProgress: { count: 0, admitOne: [] } });
    throw error;
  }
}

/** The SIP status of what drachtio-srf rejects with, or null when no far end has said anything. */
export function statusOf(error: unknown): number | null {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : null;
}

/** Sends and forgets; what the far end answers is of no use to a leg that is over. */
function send(srf: SrfLike, request: Record<string, unknown>): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, 2000);
    const done = (): void => {
      clearTimeout(late);
      resolve();
    };
    try {
      // the server puts the remote target in place of the URI
      srf.request('sip:placeholder', request, done);
    } catch {
      // the connection is gone; so is the dialog
      done();
    }
  });
}
