/** One channel of the media server. */
import type Mrf from 'drachtio-fsmrf';
import { TelephonyError } from '../errors.ts';
import { reinvite } from '../sip/drachtio.ts';

/** How an application ended: by itself, for want of a file, or with its channel. */
export type RunEnd = 'ended' | 'missing' | 'gone';

export interface MediaEndpoint {
  readonly uuid: string;
  /** Offer or answer of the channel. */
  readonly localSdp: string;
  /** Runs an application that ends by itself, by `interrupt` or with the channel. One at a time. */
  run(application: string, argument: string): Promise<RunEnd>;
  /** Ends the running playback; its `run` resolves soon after. */
  interrupt(): void;
  /** An `api` command about the channel; its answer, empty when the channel has ended. */
  ask(command: string, ...words: readonly string[]): Promise<string>;
  /** Plays in the middle of whatever the channel does; resolves when it was heard, was cut by `over`, or the channel has ended. */
  broadcast(files: readonly string[], over: AbortSignal): Promise<void>;
  /** A variable of the channel; null when it has none of that name, or has ended. */
  variable(name: string): Promise<string | null>;
  /** Gives the channel another far end; resolves with its answer. */
  modify(remoteSdp: string): Promise<string>;
  bridge(other: string): Promise<void>;
  unbridge(): Promise<void>;
  /** Takes part in a conference of that name; resolves when it is in. */
  enterRoom(name: string, flags: { readonly mute: boolean; readonly moderator: boolean }): Promise<void>;
  muteInRoom(muted: boolean): Promise<void>;
  leaveRoom(): Promise<void>;
  /** An operation on a room as a whole, through this channel's connection; its answer, empty when the channel has ended. */
  inRoom(name: string, operation: string, argument: string): Promise<string>;
  destroy(): Promise<void>;
  /** A key by RFC 4733. */
  onKey(listener: (digit: string) => void): void;
  /** The channel has ended and nobody here asked it to. */
  onLost(listener: () => void): void;
}

/**
 * Settings of every channel: keys never end a playback by themselves (collect decides), lists are parted by `!`, and a channel whose
 * bridge has ended waits for us.
 */
const CHANNEL_SETTINGS = {
  playback_terminators: 'none',
  playback_delimiter: '!',
  park_after_bridge: 'true',
  hangup_after_bridge: 'false',
  // the call itself decides who hears music while a phone holds
  hold_music: 'silence',
};

/** Several small writes of the ESL library leave as one segment. */
function corked<T>(endpoint: Mrf.Endpoint, work: () => T): T {
  const socket = endpoint.conn?.socket;
  socket?.cork();
  try {
    return work();
  } finally {
    socket?.uncork();
  }
}

const mediaError = (error: unknown): TelephonyError =>
  new TelephonyError('TEL_MEDIA', error instanceof Error ? error.message.slice(0, 200).trim() : '');

/** `localSdp` is given when the channel's description has been changed since it was made. */
export function wrapEndpoint(endpoint: Mrf.Endpoint, localSdp = endpoint.local.sdp ?? ''): MediaEndpoint {
  endpoint.conn?.socket?.setNoDelay(true);
  const channel = endpointLife(endpoint);
  // not awaited: applications of a channel run in order
  corked(endpoint, () => endpoint.set(CHANNEL_SETTINGS)).catch(() => {});
  return {
    uuid: endpoint.uuid,
    localSdp,
    run: async (application, argument) => {
      if (channel.over) return 'gone';
      const done = corked(endpoint, () => endpoint.execute(application, argument)).then(
        (event): RunEnd => (event.getHeader('Application-Response') === 'FILE NOT FOUND' ? 'missing' : 'ended'),
        (): RunEnd => 'gone',
      );
      return Promise.race([done, channel.ended]);
    },
    interrupt: () => {
      if (!channel.over) corked(endpoint, () => endpoint.api('uuid_break', endpoint.uuid)).catch(() => {});
    },
    ask: async (command, ...words) => {
      if (channel.over) return '';
      const asked = endpoint.api(command, [endpoint.uuid, ...words]).then(
        (event) => event.getBody().trim(),
        () => '',
      );
      return Promise.race([asked, channel.ended.then(() => '')]);
    },
    broadcast: (files, over) =>
      channel.over || over.aborted ? Promise.resolve() : hear(endpoint, channel, files, over),
    variable: async (name) => {
      if (channel.over) return null;
      const asked = endpoint.api('uuid_getvar', [endpoint.uuid, name]).then(
        (event) => event.getBody().trim(),
        () => '_undef_',
      );
      const value = await Promise.race([asked, channel.ended]);
      return value === '_undef_' || value === 'gone' || value.startsWith('-ERR') ? null : value;
    },
    modify: async (remoteSdp) => {
      const { dialog } = endpoint;
      if (channel.over || !dialog) throw new TelephonyError('TEL_NO_MEDIA');
      return reinvite(dialog, remoteSdp).catch((error: unknown) => Promise.reject(mediaError(error)));
    },
    bridge: (other) => guarded(channel, () => endpoint.bridge(other)),
    unbridge: () => guarded(channel, () => endpoint.unbridge()),
    enterRoom: (name, flags) => guarded(channel, () => endpoint.join(name, { flags }).then(() => {})),
    muteInRoom: (muted) => guarded(channel, () => (muted ? endpoint.confMute() : endpoint.confUnmute()).then(() => {})),
    leaveRoom: () => guarded(channel, () => endpoint.confKick().then(() => {})),
    inRoom: async (name, operation, argument) => {
      if (channel.over) return '';
      const asked = endpoint.api('conference', [name, operation, argument]).then(
        (event) => event.getBody().trim(),
        () => '',
      );
      return Promise.race([asked, channel.ended.then(() => '')]);
    },
    destroy: () => channel.destroy(),
    onKey: (listener) => void endpoint.on('dtmf', ({ dtmf }: { dtmf: string }) => listener(dtmf)),
    onLost: (listener) => channel.onLost(listener),
  };
}

/** Longer than any notice; a media server that does not tell its end must not hold what comes after. */
const HEARD_MS = 60_000;

async function hear(
  endpoint: Mrf.Endpoint,
  channel: ChannelLife,
  files: readonly string[],
  over: AbortSignal,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let tell = (): void => {};
  const heard = new Promise<void>((resolve) => {
    tell = resolve;
    timer = setTimeout(resolve, HEARD_MS);
  });
  const cut = (): void => {
    endpoint.api('uuid_break', endpoint.uuid).catch(() => {});
    tell();
  };
  endpoint.once('playback-stop', tell);
  over.addEventListener('abort', cut, { once: true });
  const asked = endpoint.api('uuid_broadcast', [endpoint.uuid, files.join('!'), 'aleg']).then(
    (event) => event.getBody().trim().startsWith('+OK'),
    () => false,
  );
  if (await Promise.race([asked, channel.ended.then(() => false)])) await Promise.race([heard, channel.ended]);
  clearTimeout(timer);
  endpoint.removeListener('playback-stop', tell);
  over.removeEventListener('abort', cut);
}

interface ChannelLife {
  readonly over: boolean;
  /** Resolves `gone` when the channel has ended. */
  readonly ended: Promise<'gone'>;
  onLost(listener: () => void): void;
  destroy(): Promise<void>;
}

function endpointLife(endpoint: Mrf.Endpoint): ChannelLife {
  const listeners: (() => void)[] = [];
  // the library forgets it when the connection closes
  const { dialog } = endpoint;
  let over = false;
  let finish: (value: 'gone') => void = () => {};
  const ended = new Promise<'gone'>((resolve) => {
    finish = resolve;
  });
  endpoint.once('destroy', () => {
    if (over) return;
    over = true;
    finish('gone');
    // a media server that died sent no BYE: the dialog would stay for ever
    dialog?.destroy().catch(() => {});
    for (const listener of listeners) listener();
  });
  return {
    get over() {
      return over;
    },
    ended,
    onLost: (listener) => {
      if (over) listener();
      else listeners.push(listener);
    },
    destroy: async () => {
      if (over) return;
      over = true;
      finish('gone');
      await corked(endpoint, () => endpoint.destroy()).catch(() => {});
    },
  };
}

async function guarded(channel: ChannelLife, work: () => Promise<void>): Promise<void> {
  if (channel.over) throw new TelephonyError('TEL_NO_MEDIA');
  // an api command that a dying media server never answers must not hang its operation
  const outcome = await Promise.race([
    work().then(
      () => null,
      (error: unknown) => mediaError(error),
    ),
    channel.ended,
  ]);
  if (outcome === 'gone') throw new TelephonyError('TEL_NO_MEDIA');
  if (outcome) throw outcome;
}
