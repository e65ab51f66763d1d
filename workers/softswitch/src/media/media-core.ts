/** What all parts of the media server share. */
import type { AudioLibrary } from './audio-library.ts';
import type { Channel } from './channel.ts';
import type { Conference } from './conference.ts';
import type { MediaClock } from './media-clock.ts';
import type { EventBus, MediaIdentity } from './media-event.ts';
import type { PortAllocator } from './rtp-ports.ts';
import type { DtlsEngine } from './secure/dtls.ts';

/** Counts of the whole server since its start. */
export interface Traffic {
  sent: number;
  received: number;
  /** Channels made. */
  channels: number;
}

export interface MediaCore {
  readonly identity: MediaIdentity;
  /** Name of the SIP profile, `drachtio_mrf`. */
  readonly profile: string;
  readonly bus: EventBus;
  readonly clock: MediaClock;
  readonly library: AudioLibrary;
  readonly ports: PortAllocator;
  readonly dtls: DtlsEngine;
  readonly traffic: Traffic;
  /** Channels that are up, by uuid. */
  readonly channels: Map<string, Channel>;
  /** Conferences with members, by name. */
  readonly conferences: Map<string, Conference>;
  /** Where the SIP profile is reached. */
  readonly sipAddress: string;
  /** UDP port of the SIP profile. */
  sipPort(): number;
  /** Largest number of channels at a time. */
  readonly maxChannels: number;
}
