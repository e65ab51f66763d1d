/** `echo`: what the far end says goes back to it, packet by packet, until broken. */
import type { App } from './registry.ts';

export const echo: App = (channel, _arg, done) => {
  const end = () => {
    channel.stream.bridgeTo(null);
    done();
  };
  channel.stream.bridgeTo(channel.stream);
  return {
    break: end,
    hangup: end,
    suspend: () => channel.stream.bridgeTo(null),
    resume: () => channel.stream.bridgeTo(channel.stream),
  };
};
