/**
 * A SIP phone for tests and benches: UDP, digest, RFC 4733 and INFO keys, hundreds of calls at once over one socket. It keeps what
 * it heard and when. Written apart from the product's stack; SIPp and baresip check both.
 */
import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { PhoneCall } from './call.ts';
import { answerChallenge, type Credentials } from './digest.ts';
import {
  cseqOf,
  header,
  methodOf,
  parseMessage,
  type SipMessage,
  statusOf,
  tagOf,
  uriOf,
  writeMessage,
} from './message.ts';
import type { HeaderLines, IncomingPolicy, PhoneOptions } from './options.ts';
import { register, sendText, subscribe } from './outside-requests.ts';
import type { RtpStreamOptions } from './rtp.ts';
import { describeAudio } from './session.ts';
import { T1_MS, type Transaction } from './transaction.ts';
import { Waiters } from './waiters.ts';

export type { HeaderLines, IncomingPolicy, PhoneOptions } from './options.ts';

export class Phone {
  readonly calls = new Map<string, PhoneCall>();
  /** Every incoming call, in order. */
  readonly incomingCalls: PhoneCall[] = [];
  /** Every call placed, in order. */
  readonly placedCalls: PhoneCall[] = [];
  readonly notifies: SipMessage[] = [];
  /** MESSAGEs received, in order. */
  readonly texts: SipMessage[] = [];
  private readonly socket: Socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
  private readonly transactions = new Map<string, Transaction>();
  private readonly options: PhoneOptions;
  private readonly waiters = new Waiters<PhoneCall>();
  private cseq = 1;
  port = 0;
  /** Whether the last REGISTER was accepted with a lifetime. */
  registered = false;
  policy: IncomingPolicy;
  /** Requests that were sent again by the far end (retransmissions seen). */
  retransmissions = 0;
  /** Whether answers to our INVITEs are acknowledged: a 2xx by ACK, a reliable provisional one by PRACK. */
  acknowledges = true;
  /** Session description for our audio on a port. */
  describe: (port: number) => string = describeAudio;
  /** Answers a request within a dialog instead of the phone; true when it did. */
  onRequest: (method: string, request: SipMessage, call: PhoneCall) => boolean = () => false;
  /** Answers a request outside of dialogs instead of the phone; true when it did, or chose to say nothing. */
  onOutside: (method: string, request: SipMessage) => boolean = () => false;

  constructor(options: PhoneOptions) {
    this.options = options;
    this.policy = options.incoming ?? { answerAfterMs: 50 };
  }

  async open(): Promise<this> {
    this.socket.on('message', (data) => this.receive(data.toString('utf8')));
    this.socket.on('error', () => {});
    await new Promise<void>((resolve) => this.socket.bind(0, this.address, resolve));
    this.port = this.socket.address().port;
    return this;
  }

  /** Ends every call and closes the socket. */
  async close(): Promise<void> {
    await Promise.race([
      Promise.all([...this.calls.values()].map((call) => call.hangUp().catch(() => {}))),
      new Promise((resolve) => setTimeout(resolve, 1500)),
    ]);
    for (const call of this.calls.values()) call.end('us');
    for (const { timer } of this.transactions.values()) clearTimeout(timer);
    this.transactions.clear();
    this.socket.close();
  }

  get server(): string {
    return `${this.options.serverHost ?? '127.0.0.1'}:${this.options.serverPort}`;
  }

  get user(): string {
    return this.options.credentials?.username ?? this.options.name ?? 'anonymous';
  }

  private get address(): string {
    return this.options.address ?? '127.0.0.1';
  }

  contact(): string {
    return `<sip:${this.user}@${this.options.contactHost ?? `${this.address}:${this.port}`}>`;
  }

  /** REGISTER; resolves with the final status. `expires` in seconds. */
  async register(expires = 300): Promise<number> {
    const status = await register(this, expires, this.options.contactParams ?? '');
    this.registered = status === 200 && expires > 0;
    return status;
  }

  /** SUBSCRIBE to an event of somebody; the final answer, with which it is renewed (`within`). NOTIFYs come to `notifies`. */
  subscribe(to: string, event: string, expires = 300, within?: SipMessage): Promise<SipMessage> {
    return subscribe(this, { to, event, expires, within });
  }

  /** MESSAGE to somebody; resolves with the final status. Texts that come stand in `texts`. */
  message(to: string, text: string, type = 'text/plain'): Promise<number> {
    return sendText(this, to, text, type);
  }

  get credentials(): Credentials | undefined {
    return this.options.credentials;
  }

  nextCseq(): number {
    return this.cseq++;
  }

  /** Places a call to a number or SIP URI; resolves as soon as the INVITE is out. */
  async call(to: string, options: Partial<RtpStreamOptions> = {}): Promise<PhoneCall> {
    const uri = to.startsWith('sip:') ? to : `sip:${to}@${this.server}`;
    const call = new PhoneCall(this, {
      callId: randomUUID(),
      incoming: false,
      remoteUri: uri,
      remoteAddress: this.options.inviteTo ? `<sip:${this.options.inviteTo}@${this.server}>` : `<${uri}>`,
      localAddress: `<sip:${this.user}@${this.server}>`,
      rtp: { continuous: true, keepAudio: true, ...this.options.rtp, ...options },
    });
    this.calls.set(call.callId, call);
    this.placedCalls.push(call);
    call.localSdp = this.describe(await call.rtp.open());
    this.sendInvite(call, uri);
    return call;
  }

  private sendInvite(call: PhoneCall, uri: string, authorization?: readonly [string, string]): void {
    const cseq = call.cseq++;
    const branch = this.branch();
    const text = writeMessage(
      `INVITE ${uri} SIP/2.0`,
      [
        ...this.common(branch),
        ['From', `${call.localAddress};tag=${call.localTag}`],
        ['To', call.remoteAddress],
        ['Call-ID', call.callId],
        ['CSeq', `${cseq} INVITE`],
        ['Contact', this.contact()],
        ['Allow', 'INVITE, ACK, CANCEL, BYE, INFO, OPTIONS, REFER, NOTIFY, UPDATE'],
        ...(authorization ? [authorization] : []),
        ...(this.options.inviteHeaders ?? []),
        ['Content-Type', 'application/sdp'],
      ],
      call.localSdp,
    );
    call.invite = parseMessage(text);
    this.begin(branch, text, call, (response) => this.inviteAnswered(call, uri, response, branch, cseq));
  }

  private inviteAnswered(call: PhoneCall, uri: string, response: SipMessage, branch: string, cseq: number): void {
    const status = statusOf(response);
    if (status >= 300) this.ackFailure(call, uri, response, branch, cseq);
    const challenge = header(response, 'proxy-authenticate') || header(response, 'www-authenticate');
    if ((status === 401 || status === 407) && challenge && this.options.credentials && call.authTries++ === 0) {
      const name = status === 407 ? 'Proxy-Authorization' : 'Authorization';
      this.sendInvite(call, uri, [name, answerChallenge(challenge, this.options.credentials, 'INVITE', uri)]);
      return;
    }
    call.finalStatus = status;
    call.finalResponse = response;
    call.statuses.push(status);
    if (status >= 300) {
      call.end('them');
      return;
    }
    call.remoteTag = tagOf(header(response, 'to'));
    call.routeSet = [...(response.headers.get('record-route') ?? [])].reverse();
    call.answered(response);
    this.ack(call, cseq);
    if (call.cancelled) void call.hangUp();
  }

  private ack(call: PhoneCall, cseq: number): void {
    if (!this.acknowledges) return;
    this.send(
      writeMessage(`ACK ${call.remoteUri} SIP/2.0`, [
        ...this.common(this.branch()),
        ...this.dialogHeaders(call),
        ['CSeq', `${cseq} ACK`],
      ]),
    );
  }

  private ackFailure(call: PhoneCall, uri: string, response: SipMessage, branch: string, cseq: number): void {
    this.send(
      writeMessage(`ACK ${uri} SIP/2.0`, [
        ...this.common(branch),
        ['From', `${call.localAddress};tag=${call.localTag}`],
        ['To', header(response, 'to')],
        ['Call-ID', call.callId],
        ['CSeq', `${cseq} ACK`],
      ]),
    );
  }

  /** CANCEL of our pending INVITE. */
  async cancel(call: PhoneCall): Promise<void> {
    const invite = call.invite!;
    const branch = /branch=([^;\s]+)/.exec(header(invite, 'via'))![1]!;
    const text = writeMessage(`CANCEL ${invite.startLine.split(' ')[1]} SIP/2.0`, [
      ['Via', header(invite, 'via')],
      ['Max-Forwards', '70'],
      ['From', header(invite, 'from')],
      ['To', header(invite, 'to')],
      ['Call-ID', call.callId],
      ['CSeq', `${cseqOf(invite).number} CANCEL`],
    ]);
    await new Promise<void>((resolve) => this.begin(`${branch}:CANCEL`, text, undefined, () => resolve()));
    await call.until('ended', 5000).catch(() => {});
  }

  /** In-dialog request; resolves with the final status. */
  async request(
    call: PhoneCall,
    method: string,
    options: { headers?: readonly (readonly [string, string])[]; body?: string },
  ): Promise<number> {
    const cseq = call.cseq++;
    const branch = this.branch();
    const text = writeMessage(
      `${method} ${call.remoteUri} SIP/2.0`,
      [
        ...this.common(branch),
        ...this.dialogHeaders(call),
        ['CSeq', `${cseq} ${method}`],
        ['Contact', this.contact()],
        ...(options.headers ?? []),
      ],
      options.body,
    );
    const response = await new Promise<SipMessage>((resolve) => this.begin(branch, text, undefined, resolve));
    if (method === 'INVITE' && statusOf(response) < 300) {
      this.ack(call, cseq);
      if (response.body !== '') call.remoteSdp = response.body;
    }
    return statusOf(response);
  }

  /** Acknowledges a reliable provisional response, once (RFC 3262 §4). */
  private prack(call: PhoneCall, message: SipMessage): void {
    const rseq = header(message, 'rseq');
    if (!this.acknowledges || call.pracked.includes(rseq)) return;
    call.pracked.push(rseq);
    call.remoteTag = tagOf(header(message, 'to'));
    call.remoteUri = uriOf(header(message, 'contact')) || call.remoteUri;
    call.routeSet = [...(message.headers.get('record-route') ?? [])].reverse();
    void this.request(call, 'PRACK', { headers: [['RAck', `${rseq} ${header(message, 'cseq')}`]] });
  }

  private dialogHeaders(call: PhoneCall): [string, string][] {
    return [
      ...call.routeSet.map((route): [string, string] => ['Route', route]),
      ['From', `${call.localAddress};tag=${call.localTag}`],
      ['To', `${call.remoteAddress}${call.remoteTag ? `;tag=${call.remoteTag}` : ''}`],
      ['Call-ID', call.callId],
    ];
  }

  async transact(method: string, uri: string, headers: HeaderLines, body = ''): Promise<SipMessage> {
    const branch = this.branch();
    const text = writeMessage(`${method} ${uri} SIP/2.0`, [...this.common(branch), ...headers], body);
    return new Promise((resolve) => this.begin(branch, text, undefined, resolve));
  }

  private branch(): string {
    return `z9hG4bK${randomUUID().replaceAll('-', '')}`;
  }

  private common(branch: string): [string, string][] {
    return [
      ['Via', `SIP/2.0/UDP ${this.address}:${this.port};branch=${branch};rport`],
      ['Max-Forwards', '70'],
      ['User-Agent', 'Callwright test phone'],
    ];
  }

  private begin(key: string, text: string, call: PhoneCall | undefined, onFinal: (response: SipMessage) => void): void {
    const transaction: Transaction = {
      text,
      call,
      onFinal,
      timer: undefined,
      startedAt: Date.now(),
      provisional: false,
    };
    this.transactions.set(key, transaction);
    const retransmit = (delayMs: number) => {
      transaction.timer = setTimeout(() => {
        if (Date.now() - transaction.startedAt > 64 * T1_MS) {
          this.transactions.delete(key);
          onFinal(parseMessage('SIP/2.0 408 Request Timeout\r\n\r\n'));
          return;
        }
        if (!transaction.provisional) this.send(text);
        retransmit(Math.min(delayMs * 2, 4000));
      }, delayMs);
    };
    this.send(text);
    retransmit(T1_MS);
  }

  private send(text: string): void {
    this.socket.send(text, this.options.serverPort, this.options.serverHost ?? '127.0.0.1');
  }

  private receive(text: string): void {
    const message = parseMessage(text);
    const status = statusOf(message);
    if (status === 0) {
      this.receiveRequest(message);
      return;
    }
    const branch = /branch=([^;\s]+)/.exec(header(message, 'via'))?.[1] ?? '';
    const { method, number } = cseqOf(message);
    const key = method === 'CANCEL' ? `${branch}:CANCEL` : branch;
    const transaction = this.transactions.get(key);
    if (!transaction) {
      this.lateResponse(message, status, method, number);
      return;
    }
    if (status < 200) {
      if (method === 'INVITE') transaction.provisional = true;
      transaction.call?.provisional(message);
      if (transaction.call && header(message, 'rseq')) this.prack(transaction.call, message);
      return;
    }
    clearTimeout(transaction.timer);
    this.transactions.delete(key);
    transaction.onFinal(message);
  }

  /** A 2xx that is sent again wants its ACK again. */
  private lateResponse(message: SipMessage, status: number, method: string, cseq: number): void {
    this.retransmissions++;
    const call = this.calls.get(header(message, 'call-id'));
    if (call && method === 'INVITE' && status < 300) this.ack(call, cseq);
  }

  private receiveRequest(message: SipMessage): void {
    const method = methodOf(message);
    const call = this.calls.get(header(message, 'call-id'));
    if (call && tagOf(header(message, 'to'))) {
      call.requests.push(message);
      if (this.onRequest(method, message, call)) return;
    }
    if (!tagOf(header(message, 'to')) && method !== 'ACK' && method !== 'CANCEL' && this.onOutside(method, message))
      return;
    switch (method) {
      case 'INVITE':
        if (!call) void this.receiveInvite(message);
        else if (tagOf(header(message, 'to'))) this.receiveReinvite(call, message);
        else this.retransmissions++;
        return;
      case 'ACK':
        return;
      case 'CANCEL':
        this.reply(message, 200, 'OK', call);
        if (call && call.state !== 'answered') {
          this.reply(call.invite!, 487, 'Request Terminated', call);
          call.byeReason = header(message, 'reason');
          call.end('them');
        }
        return;
      case 'BYE':
        this.reply(message, call ? 200 : 481, call ? 'OK' : 'Call/Transaction Does Not Exist', call);
        if (call) {
          call.byeReason = header(message, 'reason');
          call.end('them');
        }
        return;
      default:
        if (method === 'NOTIFY') this.notifies.push(message);
        if (method === 'MESSAGE') this.texts.push(message);
        this.reply(message, 200, 'OK', call);
    }
  }

  private receiveReinvite(call: PhoneCall, message: SipMessage): void {
    call.startMedia(message.body);
    this.reply(message, 200, 'OK', call, call.localSdp, this.options.answerHeaders);
  }

  private async receiveInvite(message: SipMessage): Promise<void> {
    const from = header(message, 'from');
    const call = new PhoneCall(this, {
      callId: header(message, 'call-id'),
      incoming: true,
      remoteUri: uriOf(header(message, 'contact')),
      remoteAddress: from.split(';tag=')[0]!,
      localAddress: header(message, 'to'),
      rtp: { continuous: true, keepAudio: true, ...this.options.rtp },
    });
    call.invite = message;
    call.remoteTag = tagOf(from);
    call.routeSet = [...(message.headers.get('record-route') ?? [])];
    this.calls.set(call.callId, call);
    this.reply(message, 100, 'Trying', call);
    call.localSdp = this.describe(await call.rtp.open());
    this.incomingCalls.push(call);
    this.actOn(call);
    this.waiters.tell(call);
  }

  private actOn(call: PhoneCall): void {
    const { policy } = this;
    if ('refuse' in policy) {
      this.reply(call.invite!, policy.refuse, policy.reason ?? 'Refused', call, '', policy.headers);
      call.end('us');
      return;
    }
    if ('reliably' in policy) {
      this.ringReliably(call);
      return;
    }
    this.reply(call.invite!, 180, 'Ringing', call);
    call.state = 'ringing';
    if ('answerAfterMs' in policy) setTimeout(() => this.answer(call), policy.answerAfterMs);
  }

  private ringReliably(call: PhoneCall): void {
    const reliable: HeaderLines = [
      ['Require', '100rel'],
      ['RSeq', '4711'],
    ];
    const pracked = () => call.requests.some((request) => methodOf(request) === 'PRACK');
    const send = () => this.reply(call.invite!, 183, 'Session Progress', call, call.localSdp, reliable);
    call.state = 'ringing';
    send();
    const timer = setInterval(() => {
      if (call.state !== 'ringing') return clearInterval(timer);
      if (!pracked()) return send();
      clearInterval(timer);
      this.answer(call);
    }, 100);
  }

  /** 200 with our SDP; media starts at once. */
  answer(call: PhoneCall): void {
    if (call.state !== 'ringing') return;
    this.reply(call.invite!, 200, 'OK', call, call.localSdp, this.options.answerHeaders);
    call.answered(call.invite!);
  }

  /** The next incoming call (or the first one not yet taken that passes). */
  nextIncoming(timeoutMs = 10_000, test: (call: PhoneCall) => boolean = () => true): Promise<PhoneCall> {
    return this.waiters.next('incoming call', timeoutMs, test);
  }

  reply(
    request: SipMessage,
    status: number,
    reason: string,
    call: PhoneCall | undefined,
    body = '',
    headers: HeaderLines = [],
  ): void {
    const to = header(request, 'to');
    const tagged = status > 100 && !tagOf(to) && call ? `${to};tag=${call.localTag}` : to;
    this.send(
      writeMessage(
        `SIP/2.0 ${status} ${reason}`,
        [
          ...(request.headers.get('via') ?? []).map((via): [string, string] => ['Via', via]),
          ...(request.headers.get('record-route') ?? []).map((route): [string, string] => ['Record-Route', route]),
          ['From', header(request, 'from')],
          ['To', tagged],
          ['Call-ID', header(request, 'call-id')],
          ['CSeq', header(request, 'cseq')],
          // a redirection names another contact than ours
          ...(headers.some(([name]) => name === 'Contact') ? [] : [['Contact', this.contact()] as [string, string]]),
          ...headers,
          ...(body ? [['Content-Type', 'application/sdp'] as [string, string]] : []),
        ],
        body,
      ),
    );
  }
}
