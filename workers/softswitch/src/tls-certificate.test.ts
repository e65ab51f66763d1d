import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate, ownCertificate } from './tls-certificate.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'callwright-tls-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe('the certificate made by itself', () => {
  it('is kept, with its key readable by nobody else, until the host changes', async () => {
    const first = await ownCertificate(dataDir, '127.0.0.1');
    expect(statSync(join(dataDir, 'tls/sip.pem')).mode & 0o077).toBe(0);
    expect((await ownCertificate(dataDir, '127.0.0.1')).cert.trim()).toBe(first.cert.trim());
    const other = await ownCertificate(dataDir, 'pbx.example.net');
    expect(new X509Certificate(other.cert).checkHost('pbx.example.net')).toBe('pbx.example.net');
    expect(new X509Certificate(other.cert).checkIP('127.0.0.1')).toBeUndefined();
  });

  it('fits its key and is signed by it', async () => {
    const { cert, key } = await makeCertificate('192.0.2.7');
    const certificate = new X509Certificate(cert);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
  });

  it('is made anew when the kept file is damaged', async () => {
    await ownCertificate(dataDir, '127.0.0.1');
    writeFileSync(join(dataDir, 'tls/sip.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const { cert } = await ownCertificate(dataDir, '127.0.0.1');
    expect(new X509Certificate(cert).checkIP('127.0.0.1')).toBe('127.0.0.1');
  });
});
