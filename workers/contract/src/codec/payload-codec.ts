/**
 * How payloads look on the wire (design §3): a revision's closure travels as its hash, and everything is encrypted under the key
 * of the company whose call it is. Runs outside the workflow sandbox, in every client and worker.
 *
 * The company comes from the workflow id (`call:<company>:…`, `pool:<company>`), which Temporal gives the codec as serialization
 * context; without one the key of the installation serves. It rides in the payload's metadata, so decoding needs no context.
 */
import { isDeepStrictEqual } from 'node:util';
import type { RevisionClosure } from '@callwright/engine';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import type { ClosureCache } from './closure-cache.ts';

/** Seals bytes for an owner and purpose; the store's keyring is one. */
export interface PayloadCipher {
  seal(context: { owner: string; purpose: string }, plain: Uint8Array): Uint8Array;
  open(context: { owner: string; purpose: string }, sealed: Uint8Array): Uint8Array;
}

const ENCODING = 'binary/encrypted';
const PURPOSE = 'temporal-payload';
/** Owner of payloads that belong to no company. */
export const INSTALLATION = 'installation';
/** Stands in a payload where a closure was: `{ "$revision": hash }`. */
const REFERENCE = '$revision';

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
const bytes = (value: string): Uint8Array => Buffer.from(value, 'utf8');

/** Company of a workflow id, or `installation`. */
export function ownerOf(workflowId: string | undefined): string {
  const [kind, company] = (workflowId ?? '').split(':');
  return (kind === 'call' || kind === 'pool' || kind === 'campaign') && company ? company : INSTALLATION;
}

export interface PayloadCodecOptions {
  readonly cipher: PayloadCipher;
  readonly closures: ClosureCache;
}

/** What a payload holds; one made in the workflow sandbox from nothing (a workflow without a result) holds an empty array instead. */
const dataOf = ({ data }: Payload): Uint8Array => (data && data.length > 0 ? data : new Uint8Array());

export function payloadCodec({ cipher, closures }: PayloadCodecOptions): PayloadCodec {
  const encodeOne = async (payload: Payload, owner: string): Promise<Payload> => {
    if (text(payload.metadata?.encoding) === ENCODING) return payload;
    const { data, replaced } = await replaceClosures(dataOf(payload), owner, closures);
    const metadata: Record<string, string> = {};
    for (const [key, value] of Object.entries(payload.metadata ?? {})) metadata[key] = text(value);
    const plain = Buffer.concat([bytes(`${JSON.stringify(metadata)}\n`), data]);
    const sealed = cipher.seal({ owner, purpose: PURPOSE }, plain);
    return {
      metadata: {
        encoding: bytes(ENCODING),
        owner: bytes(owner),
        ...(replaced ? { revisions: bytes('1') } : {}),
      },
      data: sealed,
    };
  };

  const decodeOne = async (payload: Payload): Promise<Payload> => {
    if (text(payload.metadata?.encoding) !== ENCODING) return payload;
    const owner = text(payload.metadata?.owner) || INSTALLATION;
    const plain = Buffer.from(cipher.open({ owner, purpose: PURPOSE }, payload.data ?? new Uint8Array()));
    const end = plain.indexOf(10);
    const metadata: Record<string, Uint8Array> = {};
    for (const [key, value] of Object.entries(JSON.parse(plain.toString('utf8', 0, end)) as Record<string, string>)) {
      metadata[key] = bytes(value);
    }
    const data = plain.subarray(end + 1);
    const restored = payload.metadata?.revisions ? await restoreClosures(data, owner, closures) : data;
    return { metadata, data: restored };
  };

  const encode = (payloads: Payload[], context?: SerializationContext): Promise<Payload[]> => {
    const owner = ownerOf(context?.workflowId);
    return Promise.all(payloads.map((payload) => encodeOne(payload, owner)));
  };
  return { encode, decode: (payloads) => Promise.all(payloads.map(decodeOne)) };
}

/** Every place of a payload where the contract puts a closure: an input, a look-up's answer, a run that continues as new. */
function* closureSlots(value: unknown): Generator<{ holder: Record<string, unknown>; key: string }> {
  if (!isRecord(value)) return;
  if (isRecord(value.closure)) yield { holder: value, key: 'closure' };
  const resume = value.resume;
  const carried = isRecord(resume) ? resume.closures : undefined;
  if (isRecord(carried)) for (const key of Object.keys(carried)) yield { holder: carried, key };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Cheap test before parsing: most payloads hold no closure. */
const mayHoldClosure = (data: Uint8Array): boolean => Buffer.from(data).includes('"documents":{');

async function replaceClosures(data: Uint8Array, owner: string, closures: ClosureCache) {
  if (owner === INSTALLATION || !mayHoldClosure(data)) return { data, replaced: false };
  const value = parse(data);
  let replaced = false;
  for (const { holder, key } of closureSlots(value)) {
    const closure = holder[key] as Partial<RevisionClosure>;
    if (typeof closure.root !== 'string' || !/^[0-9a-f]{64}$/.test(closure.root)) continue;
    // replaced only when the store would give back the very same; else, or with the store away, it travels whole
    const known = await closures.find(owner, closure.root).catch(() => null);
    if (!known || !isDeepStrictEqual(known, closure)) continue;
    holder[key] = { [REFERENCE]: closure.root };
    replaced = true;
  }
  return replaced ? { data: bytes(JSON.stringify(value)), replaced } : { data, replaced };
}

async function restoreClosures(data: Uint8Array, owner: string, closures: ClosureCache): Promise<Uint8Array> {
  const value = parse(data);
  for (const { holder, key } of closureSlots(value)) {
    const hash = (holder[key] as Record<string, unknown>)[REFERENCE];
    if (typeof hash === 'string') holder[key] = await closures.get(owner, hash);
  }
  return bytes(JSON.stringify(value));
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(text(data));
  } catch {
    return null;
  }
}
