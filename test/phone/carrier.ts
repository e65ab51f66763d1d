/** A carrier for tests: a registrar with digest, an answer to OPTIONS, and calls both ways by the phone it is made of. */
import { createHash, randomUUID } from 'node:crypto';
import type { Credentials } from './digest.ts';
import { header, type SipMessage } from './message.ts';
import { Phone, type PhoneOptions } from './phone.ts';

export interface CarrierOptions extends PhoneOptions {
  /** The account that REGISTER and INVITE must prove. */
  readonly account?: Credentials;
  readonly algorithm?: 'MD5' | 'SHA-256';
}

const REALM = 'carrier.test';

export class Carrier {
  readonly phone: Phone;
  /** REGISTERs that were accepted, in order. */
  readonly registers: SipMessage[] = [];
  /** Every INVITE outside of a dialog, in order, the challenged ones too. */
  readonly invites: SipMessage[] = [];
  optionsAsked = 0;
  /** Says nothing to anybody. */
  silent = false;
  /** Status of every REGISTER in place of a check. */
  registerStatus: number | null = null;
  /** Status of OPTIONS. */
  optionsStatus = 200;
  /** Route it asks to be taken (RFC 3608). */
  serviceRoute: string | null = null;
  /** Lifetime it grants. */
  registerSeconds = 120;
  private readonly options: CarrierOptions;
  private readonly nonces = new Set<string>();

  private constructor(options: CarrierOptions) {
    this.options = options;
    this.phone = new Phone(options);
    this.phone.onOutside = (method, request) => this.answer(method, request);
  }

  static async open(options: CarrierOptions): Promise<Carrier> {
    const carrier = new Carrier(options);
    await carrier.phone.open();
    return carrier;
  }

  get port(): number {
    return this.phone.port;
  }

  /** URI of our Contact there, from the last REGISTER accepted. */
  get contact(): string {
    return /<([^>]+)>/.exec(header(this.registers.at(-1)!, 'contact'))?.[1] ?? '';
  }

  close(): Promise<void> {
    return this.phone.close();
  }

  private answer(method: string, request: SipMessage): boolean {
    if (method === 'INVITE') this.invites.push(request);
    if (method === 'OPTIONS') this.optionsAsked++;
    if (this.silent) return true;
    switch (method) {
      case 'REGISTER':
        this.register(request);
        return true;
      case 'OPTIONS':
        this.phone.reply(request, this.optionsStatus, 'As told', undefined);
        return true;
      case 'INVITE':
        return this.challenges(request, 407, 'proxy');
      default:
        return false;
    }
  }

  private register(request: SipMessage): void {
    if (this.registerStatus !== null) {
      this.phone.reply(request, this.registerStatus, 'As told', undefined);
      return;
    }
    if (this.challenges(request, 401, 'www')) return;
    this.registers.push(request);
    const seconds = header(request, 'expires') === '0' ? 0 : this.registerSeconds;
    this.phone.reply(request, 200, 'OK', undefined, '', [
      ['Contact', `${header(request, 'contact')};expires=${seconds}`],
      ...(this.serviceRoute === null ? [] : [['Service-Route', this.serviceRoute] as const]),
    ]);
  }

  /** True when the request was sent back for credentials, or they were wrong (403). */
  private challenges(request: SipMessage, status: 401 | 407, who: 'www' | 'proxy'): boolean {
    const { account, algorithm = 'MD5' } = this.options;
    if (!account) return false;
    const given = header(request, who === 'www' ? 'authorization' : 'proxy-authorization');
    if (!given) {
      const nonce = randomUUID();
      this.nonces.add(nonce);
      const challenge = `Digest realm="${REALM}", nonce="${nonce}", algorithm=${algorithm}, qop="auth,auth-int", opaque="o1"`;
      const name = who === 'www' ? 'WWW-Authenticate' : 'Proxy-Authenticate';
      this.phone.reply(request, status, 'Credentials, please', undefined, '', [[name, challenge]]);
      return true;
    }
    if (this.proves(given, request.startLine.split(' ')[0]!, account, algorithm)) return false;
    this.phone.reply(request, 403, 'Wrong credentials', undefined);
    return true;
  }

  private proves(given: string, method: string, { username, password }: Credentials, algorithm: string): boolean {
    const part = (name: string): string => new RegExp(`[ ,]${name}="?([^",]+)"?`).exec(given)?.[1] ?? '';
    const hash = (text: string): string =>
      createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(text)
        .digest('hex');
    const ha1 = hash(`${username}:${REALM}:${password}`);
    const ha2 = hash(`${method}:${part('uri')}`);
    const expected = hash([ha1, part('nonce'), part('nc'), part('cnonce'), part('qop'), ha2].join(':'));
    return this.nonces.has(part('nonce')) && part('response') === expected && part('opaque') === 'o1';
  }
}
