/** The certificate of SIP over TLS and of secure WebSockets: the user's own, or one we sign ourselves and keep. */
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const VALID_DAYS = 3650;
/** One that ends sooner is made anew. */
const RENEW_DAYS = 30;

/** Reads a certificate with its chain and its key. Throws the file system's error. */
export function readCertificate(certFile: string, keyFile: string): Certificate {
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

/**
 * The self-signed certificate kept in `dataDir/tls`, made when there is none for `host` (name or address) or it ends soon. Phones that
 * check certificates must be told to trust it.
 */
export async function ownCertificate(dataDir: string, host: string): Promise<Certificate> {
  const folder = join(dataDir, 'tls');
  const file = join(folder, 'sip.pem');
  const kept = readKept(file);
  if (kept && isFor(kept.cert, host)) return kept;
  const made = await makeCertificate(host);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // one file, renamed into place: certificate and key can never be of two makings
  writeFileSync(`${file}.new`, `${made.cert.trim()}\n${made.key.trim()}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made;
}

/** A certificate for `host` signed by itself, valid for ten years. */
export async function makeCertificate(host: string): Promise<Certificate> {
  const address = isIP(host) !== 0;
  const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyAgreement: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: [address ? { type: 7, ip: host } : { type: 2, value: host }] },
    ],
  });
  return { cert, key };
}

function readKept(file: string): Certificate | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
    const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0];
    return cert && key ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
}

function isFor(cert: string, host: string): boolean {
  try {
    const known = new X509Certificate(cert);
    const named = isIP(host) === 0 ? known.checkHost(host) : known.checkIP(host);
    return named !== undefined && Date.parse(known.validTo) > Date.now() + RENEW_DAYS * DAY_MS;
  } catch {
    return false;
  }
}
