/** An installation with its demo company, as an end-to-end test sees it: the API, phones of the demo users, and what calls left behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cdr } from '@callwright/engine';
import { attachInstallation, type Installation, type InstallationOptions, startInstallation } from '@callwright/start';
import { sharedInstallation } from '@callwright/test-support';
import { nothingLeft, query } from '../chaos/aftermath.ts';
import type { Credentials } from '../phone/digest.ts';
import { Phone, type PhoneOptions } from '../phone/phone.ts';

export interface ApiAnswer<T> {
  readonly status: number;
  readonly body: T;
}

export interface CallView {
  readonly id: string;
  readonly state: 'waiting' | 'started' | 'refused' | 'ended';
  readonly disposition: string | null;
  readonly cdr: Cdr | null;
}

export interface RecordView {
  readonly n: number;
  readonly at: string;
  readonly stream: 'fact' | 'event';
  readonly type: string;
  readonly body: Record<string, unknown>;
}

/** The way a call took through its flow, as its records tell it: `node=outcome` each. */
export const wayIn = (records: readonly RecordView[]): string[] =>
  records.flatMap(({ type, body }) => (type === 'node.left' ? [`${body.node}=${body.outcome}`] : []));

interface UserView {
  readonly id: string;
  readonly extension: string;
}

export class World {
  installation: Installation;
  /** API key that requests carry when they name none. */
  key: string;
  private readonly options: InstallationOptions;
  private readonly phones: Phone[] = [];
  /** The company that it works in, where other files work on the same installation. */
  private companyId: string | null = null;

  private constructor(installation: Installation, options: InstallationOptions) {
    this.installation = installation;
    this.key = installation.adminKey;
    this.options = options;
  }

  /** An installation of one's own with its demo company: for tests that restart, kill or configure it. */
  static async start(options: InstallationOptions = {}): Promise<World> {
    return new World(await startInstallation(options), options);
  }

  /** The demo company of the installation that the files of a run share, to be left as it is. */
  static async demo(): Promise<World> {
    const running = attachInstallation(await sharedInstallation());
    const notOurs = () => Promise.reject(new Error('the shared installation is not to be stopped'));
    const world = new World(
      { ...running, readyBlock: '', output: () => '', stop: async () => 0, killSupervisor: notOurs },
      {},
    );
    const [demo] = await query<{ id: string }>(
      world,
      "select id from owner where kind = 'company' order by created_at limit 1",
    );
    world.companyId = demo!.id;
    return world;
  }

  /**
   * A company of one's own on the installation that the files of a run share: users with these extensions, each with one device.
   * It starts in no time; the installation itself must be left as it is.
   */
  static async company(extensions: readonly string[] = ['101', '102', '103']): Promise<World> {
    const world = await World.demo();
    const company = await world.must<{ id: string }>('POST', '/owners', {
      kind: 'company',
      name: `Test ${crypto.randomUUID().slice(0, 8)}`,
      settings: { country: 'FR', language: 'en', timeZone: 'Europe/Paris' },
    });
    const { key } = await world.must<{ key: string }>('POST', '/api-keys', { ownerId: company.id, name: 'test' });
    world.key = key;
    world.companyId = company.id;
    for (const extension of extensions) await world.addUser(extension);
    return world;
  }

  /** A public number of this company that leads to a flow of the catalogue; nobody else has it, whatever else runs. */
  async numberOf(flow: string): Promise<string> {
    const { items } = await this.must<{ items: { id: string; name: string }[] }>('GET', `/flows?name=${flow}`);
    const { id } = items.find(({ name }) => name === flow)!;
    const dialled = `2${Math.floor(10_000 + Math.random() * 90_000)}`;
    const destination = { type: 'flow', id };
    await this.must('POST', '/numbers', { dialled, kind: 'service', public: true, destination });
    return dialled;
  }

  /** A user with one device; the user's id. */
  async addUser(extension: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const user = await this.must<{ id: string }>('POST', '/users', {
      extension,
      givenName: `User ${extension}`,
      ...fields,
    });
    await this.must('POST', `/users/${user.id}/devices`, { name: 'phone' });
    return user.id;
  }

  /** kill -9 of the supervisor, what else `meanwhile` does, and a new start on the same data; the phones stay as they are. */
  async restart(meanwhile: () => void = () => {}): Promise<void> {
    const { dataDir, ports } = this.installation;
    await this.installation.killSupervisor();
    meanwhile();
    // as with an installation whose ports are fixed: what still listens there is the start command's to end
    const env = {
      CALLWRIGHT_HTTP_PORT: String(ports.http),
      CALLWRIGHT_SIP_PORT: String(ports.sip),
      ...this.options.env,
    };
    this.installation = await startInstallation({ ...this.options, dataDir, env });
  }

  get sipPort(): number {
    return this.installation.ports.sip!;
  }

  /** A request to `/api/v1`, as the world's administrator unless another key is given. */
  async api<T = unknown>(method: string, path: string, body?: unknown, key = this.key): Promise<ApiAnswer<T>> {
    const response = await fetch(`${this.installation.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': crypto.randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
  }

  /** Like `api`, but anything other than success is an error of the test. */
  async must<T = unknown>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
    const answer = await this.api<T>(method, path, body, key);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** SIP log-in of a user of the demo company, by extension. */
  async credentials(extension: string): Promise<Credentials> {
    const { items } = await this.must<{ items: UserView[] }>('GET', '/users');
    const user = items.find((candidate) => candidate.extension === extension);
    if (!user) throw new Error(`no user with extension ${extension}`);
    const devices = await this.must<{ items: { id: string }[] }>('GET', `/users/${user.id}/devices`);
    const secret = await this.must<{ username: string; password: string }>(
      'GET',
      `/devices/${devices.items[0]!.id}/secret`,
    );
    return { username: secret.username, password: secret.password };
  }

  /** A phone without a log-in. */
  async stranger(options: Partial<PhoneOptions> = {}): Promise<Phone> {
    const phone = await new Phone({ serverPort: this.sipPort, ...options }).open();
    this.phones.push(phone);
    return phone;
  }

  /** A registered phone of a demo user. */
  async phoneOf(extension: string, options: Partial<PhoneOptions> = {}): Promise<Phone> {
    const phone = await this.stranger({ credentials: await this.credentials(extension), ...options });
    const status = await phone.register();
    if (status !== 200) throw new Error(`registration of ${extension} answered ${status}`);
    return phone;
  }

  /** The newest calls, newest first. */
  async calls(query = ''): Promise<readonly CallView[]> {
    return (await this.must<{ items: CallView[] }>('GET', `/calls${query}`)).items;
  }

  /** Waits for the call of a SIP dialog to end; its CDR. */
  async cdrOf(sipCallId: string, timeoutMs = 10_000): Promise<Cdr> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = (await this.calls('?state=ended')).find((call) =>
        call.cdr?.legs.some((leg) => leg.sipCallId === sipCallId),
      );
      if (found?.cdr) return found.cdr;
      if (Date.now() > deadline) throw new Error(`no CDR for ${sipCallId} within ${timeoutMs} ms`);
      await sleep(50);
    }
  }

  async records(callId: string): Promise<readonly RecordView[]> {
    return (await this.must<{ items: RecordView[] }>('GET', `/calls/${callId}/records?limit=500`)).items;
  }

  /** Our call ids by the SIP Call-ID of the first leg, of all calls that run. */
  async callIds(): Promise<ReadonlyMap<string, string>> {
    const ids = new Map<string, string>();
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { items: (CallView & { start?: unknown })[]; next: string | null } = await this.must(
        'GET',
        `/calls?state=started&limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      for (const { id } of page.items) {
        const records = await this.records(id);
        const start = records.find(({ type }) => type === 'call.start');
        const inbound = start?.body.inbound as { sipCallId?: string } | null | undefined;
        if (inbound?.sipCallId) ids.set(inbound.sipCallId, id);
      }
      cursor = page.next;
    }
    return ids;
  }

  /** No call is left anywhere: rows, softswitch, Temporal. */
  async idle(timeoutMs = 15_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const open = (await this.calls('?state=started')).length + (await this.calls('?state=waiting')).length;
      if (open === 0) return;
      if (Date.now() > deadline) throw new Error(`${open} calls are left`);
      await sleep(100);
    }
  }

  /** Ends every call of every phone, as after a try that failed half way. */
  async hangUpAll(): Promise<void> {
    await Promise.all(this.phones.flatMap((phone) => [...phone.calls.values()].map((call) => call.hangUp())));
  }

  /** Unregisters and closes every phone, so that the next test's phones ring alone. */
  async closePhones(): Promise<void> {
    for (const phone of this.phones.splice(0)) {
      if (phone.registered) await phone.register(0);
      await phone.close();
    }
  }

  /** Closes the phones, and fails when a call, a leg or a workflow outlives them; then the installation is stopped, when it is its own. */
  async stop(): Promise<void> {
    await Promise.all(this.phones.map((phone) => phone.close()));
    try {
      // a phone that was ringing and is gone is given up after 32 s
      await nothingLeft(this, 45_000, this.companyId);
    } finally {
      await this.installation.stop();
    }
  }
}
