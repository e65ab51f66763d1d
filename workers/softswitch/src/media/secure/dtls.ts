/** DTLS-SRTP (RFC 5763, RFC 5764) for the media clock's thread: associations whose handshakes run in a worker. */
import { createHash, X509Certificate } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { type Certificate, makeCertificate } from '../../tls-certificate.ts';
import type { DtlsOrder, DtlsReport, DtlsWorkerData } from './dtls-worker.ts';
import { type MasterKey, PROFILES, type SrtpProfile } from './srtp.ts';

/** Which side begins: `client` is SDP's `active`. */
export type DtlsRole = 'client' | 'server';

/** A certificate's hash as SDP has it (RFC 8122): algorithm in lower case, upper-case hex pairs. */
export interface Fingerprint {
  readonly type: string;
  readonly hash: string;
}

export interface DtlsKeys {
  readonly profile: SrtpProfile;
  readonly send: MasterKey;
  readonly receive: MasterKey;
}

export interface DtlsListener {
  /** Bytes for the far end. */
  onPacket(bytes: Uint8Array): void;
  onKeys(keys: DtlsKeys): void;
}

export interface DtlsAssociation {
  receive(bytes: Buffer): void;
  close(): void;
}

export interface DtlsEngine {
  /** Of our certificate, which lives as long as the process. */
  readonly fingerprint: Fingerprint;
  /** Begins a handshake (`client`) or waits for one; a peer whose certificate has another fingerprint gets no keys out of us. */
  open(role: DtlsRole, remote: Fingerprint, listener: DtlsListener): DtlsAssociation;
  close(): Promise<void>;
}

/** Hashes strong enough to tell certificates apart by (RFC 8122 §5). */
const HASHES: ReadonlySet<string> = new Set(['sha-256', 'sha-384', 'sha-512']);

/** True for a fingerprint that can be checked. */
export const isUsable = ({ type, hash }: Fingerprint): boolean =>
  HASHES.has(type.toLowerCase()) && /^([0-9A-F]{2}:)+[0-9A-F]{2}$/i.test(hash);

function fingerprintOf(der: Uint8Array, type: string): string {
  const hex = createHash(type.replace('-', '')).update(der).digest('hex').toUpperCase();
  return hex.match(/../g)!.join(':');
}

interface Open {
  readonly remote: Fingerprint;
  readonly listener: DtlsListener;
}

/** Makes a certificate when given none; the worker begins with the first association. */
export async function createDtlsEngine(host: string, given?: Certificate): Promise<DtlsEngine> {
  const certificate = given ?? (await makeCertificate(host));
  const der = new X509Certificate(certificate.cert).raw;
  const open = new Map<number, Open>();
  let worker: Worker | null = null;
  let lastId = 0;

  function take(report: DtlsReport): void {
    const association = open.get(report.id);
    if (!association) return;
    const { remote, listener } = association;
    if (report.kind === 'packet') listener.onPacket(report.bytes);
    else if (report.kind === 'keys') {
      const profile = profileOf(report.profile);
      const type = remote.type.toLowerCase();
      if (profile && fingerprintOf(report.certificate, type) === remote.hash.toUpperCase()) {
        listener.onKeys({
          profile,
          send: { key: Buffer.from(report.localKey), salt: Buffer.from(report.localSalt) },
          receive: { key: Buffer.from(report.remoteKey), salt: Buffer.from(report.remoteSalt) },
        });
      }
    }
  }

  function running(): Worker {
    if (worker) return worker;
    const data: DtlsWorkerData = certificate;
    const made = new Worker(new URL('./dtls-worker.ts', import.meta.url), { workerData: data });
    made.on('message', take);
    // associations under way never get keys; calls made from now on get another worker
    made.on('error', () => {
      if (worker === made) worker = null;
    });
    made.unref();
    worker = made;
    return made;
  }

  return {
    fingerprint: { type: 'sha-256', hash: fingerprintOf(der, 'sha-256') },
    open(role, remote, listener) {
      const id = ++lastId;
      const thread = running();
      const tell = (order: DtlsOrder): void => thread.postMessage(order);
      open.set(id, { remote, listener });
      tell({ kind: 'open', id, role });
      return {
        receive: (bytes) => tell({ kind: 'packet', id, bytes }),
        close: () => {
          if (open.delete(id)) tell({ kind: 'close', id });
        },
      };
    },
    close: async () => {
      open.clear();
      await worker?.terminate();
      worker = null;
    },
  };
}

function profileOf(number: number): SrtpProfile | undefined {
  return (Object.keys(PROFILES) as SrtpProfile[]).find((name) => PROFILES[name].dtls === number);
}
