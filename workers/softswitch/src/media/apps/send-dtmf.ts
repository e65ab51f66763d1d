/** Keys towards the far end by RFC 4733. */
import type { Channel } from '../channel.ts';

/** Default length of a key: 250 ms in samples, FreeSWITCH's own default. */
const DEFAULT_DURATION = 2000;

/** `send_dtmf 12#[@duration ms]`; `w` and `W` (pauses) are skipped. */
export function sendDtmf(channel: Channel, arg: string): void {
  const [digits, ms] = arg.trim().split('@');
  const duration = ms ? Math.round(Number(ms) * 8) || DEFAULT_DURATION : DEFAULT_DURATION;
  for (const digit of digits ?? '') channel.stream.sendKey(digit, duration);
}
