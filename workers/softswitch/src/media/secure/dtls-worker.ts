/**
 * DTLS handshakes in a thread of their own: their curve arithmetic takes milliseconds, and the media clock's thread has none to give. All
 * associations share it; messages name theirs.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { DtlsClient, DtlsServer, type DtlsSocket, HashAlgorithm, SignatureAlgorithm } from 'werift';
import { type Handshake, isProven } from './dtls-proof.ts';

/** To the worker. */
export type DtlsOrder =
  | { readonly kind: 'open'; readonly id: number; readonly role: 'client' | 'server' }
  | { readonly kind: 'packet'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly id: number };

/** From the worker. */
export type DtlsReport =
  | { readonly kind: 'packet'; readonly id: number; readonly bytes: Uint8Array }
  | {
      readonly kind: 'keys';
      readonly id: number;
      /** Profile number of RFC 5764 §4.1.2. */
      readonly profile: number;
      readonly localKey: Uint8Array;
      readonly localSalt: Uint8Array;
      readonly remoteKey: Uint8Array;
      readonly remoteSalt: Uint8Array;
      /** DER. */
      readonly certificate: Uint8Array;
    }
  | { readonly kind: 'failed'; readonly id: number };

export interface DtlsWorkerData {
  readonly cert: string;
  readonly key: string;
}

interface Association {
  readonly socket: DtlsSocket;
  receive(bytes: Buffer): void;
}

const FINISHED = 20;

const port = parentPort as MessagePort;
const { cert, key } = workerData as DtlsWorkerData;
const associations = new Map<number, Association>();
const report = (message: DtlsReport): void => port.postMessage(message);

function open(id: number, role: 'client' | 'server'): void {
  let receive: (bytes: Buffer) => void = () => {};
  const transport = {
    type: 'callwright',
    address: { address: '', port: 0, family: 'IPv4' },
    closed: false,
    set onData(listener: (bytes: Buffer) => void) {
      receive = listener;
    },
    send: async (bytes: Buffer) => report({ kind: 'packet', id, bytes }),
    close: async () => {},
  };
  const options = {
    transport: transport as never,
    cert,
    key,
    signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
    srtpProfiles: [1, 2] as never,
    // both sides show their certificate: it is the fingerprint in SDP that says who they are (RFC 5763 §5)
    certificateRequest: role === 'server',
    extendedMasterSecret: true,
  };
  const socket = role === 'client' ? new DtlsClient(options) : new DtlsServer(options);
  associations.set(id, { socket, receive: (bytes) => receive(bytes) });
  let finished: Buffer = Buffer.alloc(0);
  const handle = socket.onHandleHandshakes;
  socket.onHandleHandshakes = (messages) => {
    finished = messages.find(({ msg_type }) => msg_type === FINISHED)?.fragment ?? finished;
    return handle(messages);
  };
  socket.onConnect.subscribe(() => connected(id, role, socket, finished));
  socket.onError.subscribe(() => report({ kind: 'failed', id }));
  if (socket instanceof DtlsClient) socket.connect().catch(() => report({ kind: 'failed', id }));
}

function connected(id: number, role: 'client' | 'server', socket: DtlsSocket, remoteFinished: Buffer): void {
  const { srtpProfile } = socket.srtp;
  const certificate = socket.remoteCertificate;
  if (srtpProfile === undefined || !certificate || !isProven(handshakeOf(role, socket, remoteFinished, certificate))) {
    report({ kind: 'failed', id });
    return;
  }
  const keys = socket.extractSessionKeys(16, 14);
  report({ kind: 'keys', id, profile: srtpProfile, certificate, ...keys });
}

function handshakeOf(
  role: 'client' | 'server',
  { dtls, cipher }: DtlsSocket,
  remoteFinished: Buffer,
  certificate: Buffer,
): Handshake {
  const local = cipher.localRandom.serialize();
  const remote = cipher.remoteRandom.serialize();
  const transcript = Object.entries(dtls.handshakeCache)
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .flatMap(([, { data, isLocal }]) =>
      data
        .toSorted((a, b) => a.message_seq - b.message_seq)
        .map((message) => ({
          type: message.msg_type,
          local: isLocal,
          bytes: message.serialize(),
          body: message.fragment,
        })),
    );
  return {
    role,
    transcript,
    remoteFinished,
    masterSecret: cipher.masterSecret,
    clientRandom: role === 'client' ? local : remote,
    serverRandom: role === 'client' ? remote : local,
    certificate,
  };
}

port.on('message', (order: DtlsOrder) => {
  if (order.kind === 'open') open(order.id, order.role);
  else if (order.kind === 'packet') associations.get(order.id)?.receive(Buffer.from(order.bytes));
  else {
    associations.get(order.id)?.socket.close();
    associations.delete(order.id);
  }
});
// what a hostile peer makes the library throw ends its own handshake, by time, and nobody else's
process.on('unhandledRejection', () => {});
process.on('uncaughtException', () => {});
