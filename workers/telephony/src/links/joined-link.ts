/** One end of a link: the leg here, joined with a channel that speaks RTP with the other instance's channel. */
import type { SupervisionMode } from '@callwright/engine';
import type { Leg } from '../legs/leg.ts';
import { eavesdropSettings } from '../media/eavesdrop.ts';
import type { MediaEndpoint } from '../media/endpoint.ts';

export interface JoinedLink {
  readonly id: string;
  readonly leg: Leg;
  /** The leg on the other instance. */
  readonly far: string;
  /** Our end of the link. */
  readonly channel: MediaEndpoint;
  /** The leg itself is joined with the channel; else the channel only hears it. */
  readonly joins: boolean;
  /** What the leg that asked for it does there; null = the two talk. */
  readonly supervision: SupervisionMode | null;
  /** Joins leg and channel. Rejects when the leg has no channel (any more). */
  open(): Promise<void>;
  /** Parts them and ends the channel; the leg waits for what comes. Repeatable, never rejects. */
  close(): Promise<void>;
}

export interface LinkEnd {
  readonly id: string;
  readonly leg: Leg;
  readonly far: string;
  readonly channel: MediaEndpoint;
}

/** The leg speaks through the channel. */
export function joinEnd(end: LinkEnd, supervision: SupervisionMode | null = null): JoinedLink {
  const { leg, far, channel } = end;
  let closing: Promise<void> | null = null;
  const part = async (): Promise<void> => {
    if (leg.bridged === far) {
      leg.bridged = null;
      leg.digits.clear();
    }
    if (leg.state !== 'ended') await leg.readyMedia?.endpoint.unbridge().catch(() => {});
    await channel.destroy();
  };
  return {
    id: end.id,
    leg,
    far,
    channel,
    joins: true,
    supervision,
    open: async () => {
      const media = await leg.media;
      if (!media) throw new Error('the leg has no channel');
      // keys are the other party's from now on
      leg.digits.clear();
      leg.bridged = far;
      await media.player.silence();
      await media.endpoint.bridge(channel.uuid);
    },
    close: () => {
      closing ??= part();
      return closing;
    },
  };
}

/** The channel supervises the leg for one that is elsewhere; the leg notices nothing. */
export function earEnd({ id, leg, far, channel }: LinkEnd, mode: SupervisionMode): JoinedLink {
  let closing: Promise<void> | null = null;
  return {
    id,
    leg,
    far,
    channel,
    joins: false,
    supervision: mode,
    open: async () => {
      const media = await leg.media;
      if (!media) throw new Error('the leg has no channel');
      for (const [name, value] of eavesdropSettings(mode)) await channel.ask('uuid_setvar', name, value);
      // it ends with one of the two
      void channel.run('eavesdrop', media.endpoint.uuid);
    },
    close: () => {
      closing ??= channel.destroy();
      return closing;
    },
  };
}
