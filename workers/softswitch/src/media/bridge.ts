/** Two channels joined: each forwards what it hears to the other (wire-protocols §B4, `uuid_bridge`). */
import type { Channel } from './channel.ts';

/** Takes both out of whatever they do and joins them. */
export function bridgeChannels(first: Channel, second: Channel): void {
  for (const channel of [first, second]) {
    channel.unbridge();
    channel.stopApps();
  }
  join(first, second);
  join(second, first);
  first.bridgeVideo();
  first.publish('CHANNEL_BRIDGE', { 'Bridge-A-Unique-ID': first.uuid, 'Bridge-B-Unique-ID': second.uuid }, false);
}

function join(channel: Channel, other: Channel): void {
  channel.bridgedWith = other;
  channel.stream.bridgeTo(other.stream);
  channel.setVariable('bridge_uuid', other.uuid);
  channel.setVariable('last_bridge_to', other.uuid);
}
