/** One call of the test phone. */
import { randomUUID } from 'node:crypto';
import { header, type SipMessage, statusOf, tagOf, uriOf } from './message.ts';
import type { Phone } from './phone.ts';
import { RtpStream, type RtpStreamOptions } from './rtp.ts';

export type CallState = 'calling' | 'ringing' | 'answered' | 'ended';

export class PhoneCall {
  readonly phone: Phone;
  readonly callId: string;
  readonly incoming: boolean;
  readonly rtp: RtpStream;
  readonly localTag = randomUUID().slice(0, 8);
  state: CallState = 'calling';
  remoteTag = '';
  remoteUri: string;
  /** From/To value of the far end without tag. */
  remoteAddress: string;
  localAddress: string;
  routeSet: string[] = [];
  cseq = 1;
  invite: SipMessage | undefined;
  /** Status of the final answer to our INVITE, 0 before it. */
  finalStatus = 0;
  finalResponse: SipMessage | undefined;
  /** Who ended it and how, once ended. */
  endedBy: 'us' | 'them' | undefined;
  byeReason = '';
  /** Final answer to our BYE, 0 before it. */
  byeStatus = 0;
  readonly statuses: number[] = [];
  /** Requests received within its dialog, in order. */
  readonly requests: SipMessage[] = [];
  /** RSeq of the provisional responses we acknowledged. */
  readonly pracked: string[] = [];
  /** performance.now() of milestones. */
  readonly times: { invited: number; ringing?: number; answered?: number; ended?: number };
  private waiters: { test(): boolean; resolve(): void }[] = [];
  localSdp = '';
  remoteSdp = '';
  cancelled = false;
  authTries = 0;
  readonly infoAnswers: number[] = [];

  constructor(
    phone: Phone,
    setup: {
      callId: string;
      incoming: boolean;
      remoteUri: string;
      remoteAddress: string;
      localAddress: string;
      rtp: RtpStreamOptions;
    },
  ) {
    this.phone = phone;
    this.callId = setup.callId;
    this.incoming = setup.incoming;
    this.remoteUri = setup.remoteUri;
    this.remoteAddress = setup.remoteAddress;
    this.localAddress = setup.localAddress;
    this.rtp = new RtpStream(setup.rtp);
    this.times = { invited: performance.now() };
  }

  /** Resolves when the call is in (or past) the state; rejects after `timeoutMs` or when it ended instead. */
  async until(state: CallState, timeoutMs = 10_000): Promise<this> {
    const order: CallState[] = ['calling', 'ringing', 'answered', 'ended'];
    const reached = () => this.state === state || (state === 'ringing' && this.state === 'answered');
    await this.wait(
      () => reached() || (order.indexOf(this.state) > order.indexOf(state) && this.state === 'ended'),
      timeoutMs,
      `state ${state}`,
    );
    if (!reached()) throw new Error(`call ended (${this.finalStatus}) instead of reaching ${state}`);
    return this;
  }

  wait(test: () => boolean, timeoutMs: number, what: string): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = { test, resolve: () => finish(resolve) };
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(new Error(`no ${what} within ${timeoutMs} ms (state ${this.state}, status ${this.finalStatus})`)),
          ),
        timeoutMs,
      );
      const finish = (then: () => void) => {
        clearTimeout(timer);
        this.waiters = this.waiters.filter((w) => w !== waiter);
        then();
      };
      this.waiters.push(waiter);
    });
  }

  /** Called after anything changed. */
  changed(): void {
    for (const waiter of [...this.waiters]) if (waiter.test()) waiter.resolve();
  }

  /** Presses keys one after the other by RFC 4733; resolves with the time of the last key's first end packet. */
  async press(keys: string, { durationMs = 100, gapMs = 80 } = {}): Promise<number> {
    let last = 0;
    for (const [index, key] of [...keys].entries()) {
      if (index > 0) await new Promise((resolve) => setTimeout(resolve, gapMs));
      last = await this.rtp.sendKey(key, durationMs);
    }
    return last;
  }

  /** Sends a key by SIP INFO (application/dtmf-relay). */
  info(key: string, durationMs = 160): Promise<number> {
    return this.phone.request(this, 'INFO', {
      headers: [['Content-Type', 'application/dtmf-relay']],
      body: `Signal=${key}\r\nDuration=${durationMs}\r\n`,
    });
  }

  /** re-INVITE with the given direction (`sendonly`, `inactive`, `sendrecv`). */
  reinvite(direction: string): Promise<number> {
    this.localSdp = this.localSdp.replace(/a=(sendrecv|sendonly|inactive|recvonly)/, `a=${direction}`);
    return this.phone.request(this, 'INVITE', { headers: [['Content-Type', 'application/sdp']], body: this.localSdp });
  }

  /** Asks the far end to go to `to`; with `replacing`, in the place of our party in that call (RFC 3891). */
  refer(to: string, replacing?: PhoneCall): Promise<number> {
    if (replacing) {
      const { callId, remoteTag, localTag } = replacing;
      // tags as the far end of that dialog knows them
      const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`);
      return this.phone.request(this, 'REFER', { headers: [['Refer-To', `<${to}?Replaces=${replaces}>`]], body: '' });
    }
    return this.phone.request(this, 'REFER', { headers: [['Refer-To', `<${to}>`]], body: '' });
  }

  /** BYE, CANCEL or a refusal, as the state demands. */
  async hangUp(): Promise<void> {
    if (this.state === 'ended') return;
    if (this.state === 'answered') {
      this.end('us');
      this.byeStatus = await this.phone.request(this, 'BYE', {});
      return;
    }
    if (this.incoming) {
      this.phone.reply(this.invite!, 603, 'Decline', this);
      this.end('us');
    } else {
      this.cancelled = true;
      await this.phone.cancel(this);
    }
  }

  answered(response: SipMessage): void {
    this.remoteTag = tagOf(header(response, this.incoming ? 'from' : 'to'));
    this.remoteUri = uriOf(header(response, 'contact')) || this.remoteUri;
    this.startMedia(response.body);
    if (this.state === 'answered') return;
    this.state = 'answered';
    this.times.answered = performance.now();
    this.changed();
  }

  startMedia(sdp: string): void {
    if (!sdp) return;
    this.remoteSdp = sdp;
    const port = Number(/^m=audio (\d+)/m.exec(sdp)?.[1] ?? 0);
    const host = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
    const dtmf = /^a=rtpmap:(\d+) telephone-event/m.exec(sdp)?.[1];
    if (dtmf) this.rtp.dtmfPayload = Number(dtmf);
    if (port && host) this.rtp.start(host, port);
  }

  provisional(response: SipMessage): void {
    this.statuses.push(statusOf(response));
    if (statusOf(response) < 180) return;
    if (this.state === 'calling') {
      this.state = 'ringing';
      this.times.ringing = performance.now();
    }
    if (response.body) this.startMedia(response.body);
    this.changed();
  }

  end(by: 'us' | 'them'): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.endedBy = by;
    this.times.ended = performance.now();
    this.rtp.stop();
    this.phone.calls.delete(this.callId);
    this.changed();
  }
}
