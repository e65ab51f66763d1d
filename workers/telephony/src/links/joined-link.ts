/** One end of a link: the leg here, joined with a channel that speaks RTP with the other instance's channel. */
import type { Leg } from '../legs/leg.ts';
import type { MediaEndpoint } from '../media/endpoint.ts';

export interface JoinedLink {
  readonly id: string;
  readonly leg: Leg;
  /** The leg on the other instance. */
  readonly far: string;
  /** Joins leg and channel. Rejects when the leg has no channel (any more). */
  open(): Promise<void>;
  /** Parts them and ends the channel; the leg waits for what comes. Repeatable, never rejects. */
  close(): Promise<void>;
}

export function joinEnd(end: {
  readonly id: string;
  readonly leg: Leg;
  readonly far: string;
  readonly channel: MediaEndpoint;
}): JoinedLink {
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
