/** Trunks on TLS: what they are offered, and what they are offered when they take no keys. */
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { makeCertificate } from '@callwright/softswitch';
import { createTrunk, type TrunkFields, uuidv7 } from '@callwright/store';
import type { Telephony } from '@callwright/telephony';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { header, methodOf, parseMessage, type SipMessage, writeMessage } from '../phone/message.ts';
import { openStage, type Stage } from './stage.ts';
import { PEER_TRUNK } from './trunk-fields.ts';

let stage: Stage;
let telephony: Telephony;
let carrier: Server;
const invites: SipMessage[] = [];

/** A carrier that refuses every INVITE, as not acceptable while it is offered keys. */
function refuse(request: SipMessage): string {
  const status = request.body.includes('RTP/SAVP') ? '488 Not Acceptable Here' : '486 Busy Here';
  const copied = ['via', 'from', 'call-id', 'cseq'].flatMap((name) =>
    (request.headers.get(name) ?? []).map((value): [string, string] => [name, value]),
  );
  return writeMessage(`SIP/2.0 ${status}`, [...copied, ['to', `${header(request, 'to')};tag=carrier`]]);
}

beforeAll(async () => {
  const certificate = await makeCertificate('127.0.0.1');
  stage = await openStage({ certificate });
  telephony = await stage.boot({ allowedSip: ['sip:127.0.0.1'] });
  carrier = createServer(certificate, (socket) => {
    let read = '';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text) => {
      read += text;
      for (let end = read.indexOf('\r\n\r\n'); end >= 0; end = read.indexOf('\r\n\r\n')) {
        const length = end + 4 + Number(/^content-length:\s*(\d+)/im.exec(read.slice(0, end))?.[1] ?? 0);
        if (read.length < length) return;
        const message = parseMessage(read.slice(0, length));
        read = read.slice(length);
        if (methodOf(message) !== 'INVITE') continue;
        invites.push(message);
        socket.write(refuse(message));
      }
    });
  });
  await new Promise<void>((resume) => carrier.listen(0, '127.0.0.1', resume));
});
afterAll(async () => {
  await stage.close();
  carrier.close();
});

it('are offered keys first, and plain sound when those are not acceptable', async () => {
  const { companyId } = stage.demo;
  const fields: TrunkFields = {
    ...PEER_TRUNK,
    name: 'on TLS',
    port: (carrier.address() as AddressInfo).port,
    transport: 'tls',
    codecs: ['PCMA'],
    codecs_forced: true,
  };
  const trunk = await createTrunk(stage.database.store.db, companyId, {
    id: uuidv7(),
    ownerId: companyId,
    secretEnc: null,
    fields,
  });
  const caller = await stage.phone(null);
  const puppet = await stage.callOf(await caller.call('202'));
  const leg = `${puppet.callId}/leg/1`;
  await puppet.begin(
    {
      kind: 'leg.dial',
      leg,
      target: { type: 'trunk', trunkIds: [trunk!.id], number: '+390212345678' },
      callerId: { number: '101', name: 'Ann' },
      called: { type: 'number', id: null, entityNumber: null, number: '+390212345678', name: '' },
      ringTimeoutMs: 20_000,
      autoAnswer: false,
    },
    telephony.instance,
  );
  expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause: 'busy', sipStatus: 486 });
  expect(invites).toHaveLength(2);
  const [first, second] = invites.map(({ body }) => body);
  expect(first).toMatch(/^m=audio [1-9]\d* RTP\/SAVP 8 \d+\r?$/m);
  expect(first).toContain('a=crypto:');
  expect(second).toMatch(/^m=audio [1-9]\d* RTP\/AVP 8 \d+\r?$/m);
  expect(second).not.toContain('a=crypto');
});
