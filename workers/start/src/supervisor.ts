/** Starts the parts in order, watches them, and stops them in the order that loses nothing. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTemporal, serverArguments, temporalAnswers } from '@callwright/temporal';
import { writeAtomically } from './atomic-file.ts';
import { progress, say } from './console.ts';
import { DataDirectory, type Role } from './data-directory.ts';
import { awaitCallsEnded } from './draining.ts';
import { ManagedProcess, type ProcessSpec } from './managed-process.ts';
import { choosePorts, type HeldPorts } from './ports.ts';
import { awaitPostgres, preparePostgres } from './postgres.ts';
import { ownProcesses, ownSpec, portRequests, postgresSpec, temporalSpec, type Wiring } from './processes.ts';
import { listens, untilReady } from './readiness.ts';
import { Reaper } from './reaper.ts';
import type { Settings } from './settings.ts';
import { type DemoSummary, prepareStore } from './store-preparation.ts';

/** Time limits of the start, for slow machines. */
const POSTGRES_MS = 60_000;
const TEMPORAL_MS = 60_000;
const SERVER_MS = 30_000;
const EVERYTHING_MS = 90_000;

/** Roles in the order they are stopped: calls and io outlive telephony, because they write what the ended legs mean. */
const STOP_ORDER: readonly (readonly Role[])[] = [
  ['api'],
  ['telephony'],
  ['calls', 'io'],
  ['media', 'sip'],
  ['temporal'],
  ['postgres'],
];

export interface Running {
  readonly wiring: Wiring;
  readonly demo: DemoSummary;
}

export class Supervisor {
  readonly #settings: Settings;
  readonly #data: DataDirectory;
  readonly #reaper = new Reaper();
  readonly #processes: ManagedProcess[] = [];
  readonly #abort = new AbortController();
  #held: HeldPorts | undefined;
  #databaseUrl = '';

  /** Takes the data directory. Throws `STA_ALREADY_RUNNING`. */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#data = DataDirectory.hold(settings.dataDir);
  }

  /** Resolves when calls can be taken. */
  async start(): Promise<Running> {
    const settings = this.#settings;
    const orphans = await this.#data.clearOrphans();
    if (orphans) say(`ended ${orphans} processes that a killed start command had left; their calls are taken up`);
    this.#held = await choosePorts(portRequests(settings), settings);
    const { ports } = this.#held;
    const temporal = this.#startTemporal(ports);
    // its failure is reported when it is awaited below
    temporal.catch(() => {});
    this.#databaseUrl = await this.#startPostgres(ports);
    const wiring: Wiring = {
      settings,
      ports,
      databaseUrl: this.#databaseUrl,
      temporalAddress: settings.temporalAddress ?? `127.0.0.1:${ports.temporal}`,
      drachtio: settings.drachtio ?? { host: `127.0.0.1:${ports.drachtio}`, secret: this.#secret('drachtio') },
      freeswitch: settings.freeswitch ?? { host: `127.0.0.1:${ports.esl}`, secret: this.#secret('freeswitch') },
    };
    const specs = ownProcesses(settings).map((own) => ownSpec(own, wiring));
    const switches = specs.filter(({ role }) => role === 'sip' || role === 'media').map((spec) => this.#launch(spec));
    const demo = await prepareStore(wiring);
    await temporal;
    await this.#ready('drachtio', SERVER_MS, () => listens(wiring.drachtio.host), switches, wiring.drachtio.host);
    await this.#ready('FreeSWITCH', SERVER_MS, () => listens(wiring.freeswitch.host), switches, wiring.freeswitch.host);
    for (const spec of specs) if (spec.role !== 'sip' && spec.role !== 'media') this.#launch(spec);
    await this.#takesCalls(wiring);
    return { wiring, demo };
  }

  /** Ends all parts in order and gives the data directory back. Safe to call at any time after construction. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('stopped'));
    for (const roles of STOP_ORDER) {
      const group = this.#processes.filter(({ spec }) => roles.includes(spec.role));
      await Promise.all(group.map((process) => process.stop()));
      if (roles.includes('telephony') && group.length > 0) await awaitCallsEnded(this.#databaseUrl);
    }
    this.#reaper.close();
    this.#held?.release();
    this.#data.release();
  }

  /** Ends all parts at once. */
  kill(): void {
    for (const process of this.#processes) process.kill();
    this.#reaper.close();
    this.#held?.release();
    this.#data.release();
  }

  #launch(spec: ProcessSpec): ManagedProcess {
    this.#abort.signal.throwIfAborted();
    const managed = new ManagedProcess(spec, { data: this.#data, reaper: this.#reaper, say });
    this.#processes.push(managed);
    managed.start();
    return managed;
  }

  async #startPostgres(ports: Readonly<Record<string, number>>): Promise<string> {
    const { databaseUrl, dataDir, env } = this.#settings;
    if (databaseUrl) return databaseUrl;
    const isNew = !existsSync(join(dataDir, 'postgres', 'PG_VERSION'));
    say(isNew ? 'creating the database' : 'starting the database');
    const postgres = preparePostgres({ dataDir, port: ports.postgres ?? 0 });
    const managed = this.#launch(postgresSpec(postgres, env));
    await this.#ready(
      'the database',
      POSTGRES_MS,
      () =>
        awaitPostgres(postgres.url, 0).then(
          () => true,
          () => false,
        ),
      [managed],
      managed.logPath,
    );
    return postgres.url;
  }

  async #startTemporal(ports: Readonly<Record<string, number>>): Promise<void> {
    const { temporalAddress, dataDir, namespace, env } = this.#settings;
    const address = temporalAddress ?? `127.0.0.1:${ports.temporal}`;
    const processes: ManagedProcess[] = [];
    if (!temporalAddress) {
      const done = progress('looking for the Temporal server');
      const binary = await findTemporal({ say, env }).finally(done);
      const databaseFile = join(dataDir, 'temporal.db');
      const args = serverArguments({ port: ports.temporal ?? 0, ip: '127.0.0.1', databaseFile, namespace });
      processes.push(this.#launch(temporalSpec(binary, args, env)));
    }
    await this.#ready(
      'Temporal',
      TEMPORAL_MS,
      () => temporalAnswers(address, namespace),
      processes,
      `${address}, namespace ${namespace}`,
    );
  }

  async #takesCalls({ settings, ports }: Wiring): Promise<void> {
    const host = settings.bind === '0.0.0.0' || settings.bind === '::' ? '127.0.0.1' : settings.bind;
    let last = 'The API does not answer.';
    const check = async () => {
      try {
        const response = await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${ports.http}/healthz`, {
          signal: AbortSignal.timeout(3_000),
        });
        last = (await response.text()).slice(0, 1_000);
        return response.status === 200;
      } catch {
        return false;
      }
    };
    const waiting = {
      what: 'all parts',
      timeoutMs: EVERYTHING_MS,
      check,
      processes: this.#processes,
      signal: this.#abort.signal,
    };
    await untilReady({ ...waiting, detail: () => last });
  }

  #ready(
    what: string,
    timeoutMs: number,
    check: () => Promise<boolean>,
    processes: readonly ManagedProcess[],
    where: string,
  ): Promise<void> {
    return untilReady({ what, timeoutMs, check, processes, signal: this.#abort.signal, detail: () => `(${where})` });
  }

  /** A secret between our own processes, kept so that a restarted one still knows it. */
  #secret(name: string): string {
    const file = join(this.#data.path, `${name}.secret`);
    if (!existsSync(file)) writeAtomically(file, randomBytes(24).toString('base64url'), 0o600);
    return readFileSync(file, 'utf8').trim();
  }
}
