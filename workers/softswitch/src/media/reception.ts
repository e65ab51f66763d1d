/** What one direction of reception counted: loss and jitter as RTCP reports them (RFC 3550 §6.4.1, A.3, A.8). */
export class Reception {
  packets = 0;
  bytes = 0;
  ssrc = 0;
  /** Interarrival jitter in units of the RTP clock. */
  jitter = 0;
  private baseSequence = -1;
  private highest = 0;
  private cycles = 0;
  private lastTransit = 0;
  private expectedPrior = 0;
  private receivedPrior = 0;

  /** Counts a packet of a stream whose timestamps run at `clockRate`. A new SSRC starts afresh. */
  count(ssrc: number, sequence: number, timestamp: number, bytes: number, nowMs: number, clockRate: number): void {
    if (this.baseSequence < 0 || ssrc !== this.ssrc) this.restart(ssrc, sequence);
    const step = ((sequence - this.highest) << 16) >> 16;
    if (step > 0) {
      if (sequence < this.highest) this.cycles += 65536;
      this.highest = sequence;
    }
    this.packets++;
    this.bytes += bytes;
    const transit = Math.round((nowMs * clockRate) / 1000 - timestamp) | 0;
    if (this.packets > 1) this.jitter += (Math.abs((transit - this.lastTransit) | 0) - this.jitter) / 16;
    this.lastTransit = transit;
  }

  /** Packets that should have come. */
  get expected(): number {
    return this.baseSequence < 0 ? 0 : this.cycles + this.highest - this.baseSequence + 1;
  }

  /** Packets that did not come. */
  get lost(): number {
    return Math.max(0, this.expected - this.packets);
  }

  /** Writes a 24-byte report block. */
  writeReport(out: Buffer, at: number): void {
    const expectedSince = this.expected - this.expectedPrior;
    const lostSince = expectedSince - (this.packets - this.receivedPrior);
    this.expectedPrior = this.expected;
    this.receivedPrior = this.packets;
    const fraction =
      expectedSince > 0 && lostSince > 0 ? Math.min(255, Math.floor((lostSince * 256) / expectedSince)) : 0;
    out.writeUInt32BE(this.ssrc >>> 0, at);
    out.writeUInt32BE(((fraction << 24) | Math.min(this.lost, 0x7fffff)) >>> 0, at + 4);
    out.writeUInt32BE((this.cycles + this.highest) >>> 0, at + 8);
    out.writeUInt32BE(Math.round(this.jitter) >>> 0, at + 12);
    out.writeUInt32BE(0, at + 16);
    out.writeUInt32BE(0, at + 20);
  }

  private restart(ssrc: number, sequence: number): void {
    this.ssrc = ssrc;
    this.baseSequence = sequence;
    this.highest = sequence;
    this.cycles = 0;
    this.packets = 0;
    this.jitter = 0;
    this.expectedPrior = 0;
    this.receivedPrior = 0;
  }
}
