/**
 * Symmetric RTP (RFC 4961) with bounds against hijack: where packets are taken from and sent to.
 *
 * The first source of valid RTP wins and is answered, whatever the SDP says (the phone may sit behind NAT). From then on other
 * sources are dropped, but for two cases: the very address of the SDP speaks up while another one was latched, or the latched
 * source has been silent for RELATCH_AFTER_MS and the new one goes on with the same SSRC. At most MAX_RELATCHES per negotiation.
 */

/** Silence of the latched source after which the same SSRC may come from elsewhere. */
export const RELATCH_AFTER_MS = 1000;
const MAX_RELATCHES = 8;

export class Latch {
  address = '';
  port = 0;
  private latched = false;
  private signalledAddress = '';
  private signalledPort = 0;
  private ssrc = 0;
  private lastMs = 0;
  private relatches = 0;

  /** A new SDP names the far end; the next source is latched anew when the address changed. */
  signal(address: string, port: number): void {
    if (this.signalledAddress === address && this.signalledPort === port) return;
    this.signalledAddress = address;
    this.signalledPort = port;
    this.address = address;
    this.port = port;
    this.latched = false;
    this.relatches = 0;
  }

  /** May a packet from this source be taken? Moves the latch where the rule allows it. */
  accept(address: string, port: number, ssrc: number, nowMs: number): boolean {
    if (this.latched && (address !== this.address || port !== this.port)) {
      const signalled = address === this.signalledAddress && port === this.signalledPort;
      const moved = ssrc === this.ssrc && nowMs - this.lastMs >= RELATCH_AFTER_MS;
      if (!(signalled || moved) || this.relatches >= MAX_RELATCHES) return false;
      this.relatches++;
    }
    this.latched = true;
    this.address = address;
    this.port = port;
    this.ssrc = ssrc;
    this.lastMs = nowMs;
    return true;
  }
}
