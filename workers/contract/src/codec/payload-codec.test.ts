import type { RevisionClosure } from '@callwright/engine';
import { keyringFromBytes } from '@callwright/store';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closureCache } from './closure-cache.ts';
import { ownerOf, payloadCodec } from './payload-codec.ts';

const HASH = 'ab'.repeat(32);
const closure: RevisionClosure = {
  root: HASH,
  documents: {
    [HASH]: {
      document: {
        format: 1,
        name: 'front',
        title: '',
        language: 'en',
        entry: 'a',
        variables: [],
        nodes: [],
        edges: [],
      },
      subflows: {},
      audio: {},
    },
  },
};
const cipher = keyringFromBytes(Buffer.alloc(32, 1));
const context = (companyId: string) =>
  ({ type: 'workflow', namespace: 'default', workflowId: `call:${companyId}:1` }) as const;

function codecOver(known: Record<string, RevisionClosure>, patienceMs = 0) {
  const asked: string[] = [];
  const source = async (companyId: string, hash: string) => {
    asked.push(`${companyId}/${hash}`);
    return known[`${companyId}/${hash}`] ?? null;
  };
  return { asked, codec: payloadCodec({ cipher, closures: closureCache({ source, size: 10, patienceMs }) }) };
}

const through = async (codec: ReturnType<typeof codecOver>['codec'], value: unknown, company = 'acme') => {
  const [encoded] = await codec.encode([defaultPayloadConverter.toPayload(value)!], context(company));
  const [decoded] = await codec.decode([encoded as Payload]);
  return { encoded: encoded as Payload, value: defaultPayloadConverter.fromPayload<unknown>(decoded as Payload) };
};

describe('payload codec', () => {
  it('gives back any JSON value, and shows nothing of it on the wire', async () => {
    const { codec } = codecOver({});
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const json = JSON.parse(JSON.stringify(value)) as unknown;
        const result = await through(codec, json);
        expect(result.value).toEqual(json);
      }),
      { numRuns: 200 },
    );
    const { encoded } = await through(codec, { digits: '987654321' });
    expect(Buffer.from(encoded.data!).includes('987654321')).toBe(false);
  });

  it('keeps bytes that are no text', async () => {
    const { codec } = codecOver({});
    const raw = { metadata: { encoding: Buffer.from('binary/plain') }, data: Buffer.of(0, 10, 255, 254, 10) };
    const [decoded] = await codec.decode(await codec.encode([raw], context('acme')));
    expect(Buffer.from(decoded!.data!)).toEqual(raw.data);
  });

  it('sends the hash in place of a published closure, in each of its places', async () => {
    const { codec, asked } = codecOver({ [`acme/${HASH}`]: closure });
    for (const value of [
      { start: { callId: 'x' }, closure },
      { status: 'destination', closure, revision: HASH },
      { start: {}, closure: null, resume: { closures: { [HASH]: closure } } },
    ]) {
      const result = await through(codec, value);
      expect(result.value).toEqual(value);
      expect(result.encoded.metadata!.revisions).toBeDefined();
    }
    expect(asked).toEqual([`acme/${HASH}`]);
  });

  it('sends a closure whole when the store holds none, another, or is another company’s', async () => {
    const other = { ...closure, documents: {} };
    const { codec } = codecOver({ [`acme/${HASH}`]: other, [`rival/${HASH}`]: closure });
    const result = await through(codec, { start: {}, closure });
    expect(result.value).toEqual({ start: {}, closure });
    expect(result.encoded.metadata!.revisions).toBeUndefined();
  });

  it('never mistakes a caller’s own data for a reference', async () => {
    const { codec } = codecOver({ [`acme/${HASH}`]: closure });
    const value = { body: { closure: { $revision: HASH } }, closure: { $revision: HASH }, note: '"documents":{' };
    expect((await through(codec, value)).value).toEqual(value);
  });

  it('encrypts under the company of the workflow id', async () => {
    const { codec } = codecOver({});
    const { encoded } = await through(codec, 'x', 'acme');
    const moved = { ...encoded, metadata: { ...encoded.metadata, owner: Buffer.from('rival') } };
    await expect(codec.decode([moved])).rejects.toMatchObject({ code: 'STO_SEALED_VALUE' });
    expect(ownerOf('call:acme:1')).toBe('acme');
    expect(ownerOf('pool:acme')).toBe('acme');
    expect([ownerOf(undefined), ownerOf('other'), ownerOf('call:')]).toEqual(Array(3).fill('installation'));
  });

  it('passes what is not encrypted unread', async () => {
    const { codec } = codecOver({});
    const plain = defaultPayloadConverter.toPayload({ a: 1 })!;
    expect(await codec.decode([plain])).toEqual([plain]);
  });
});

describe('a payload without data', () => {
  it.each([[undefined], [null], [[]], [new Uint8Array()]])('goes there and back as %j', async (data) => {
    const codec = payloadCodec({
      cipher: keyringFromBytes(new Uint8Array(32)),
      closures: closureCache({ source: async () => null, size: 1, patienceMs: 0 }),
    });
    const empty = { metadata: { encoding: new TextEncoder().encode('binary/null') }, data } as Payload;
    const [back] = await codec.decode(await codec.encode([empty]));
    expect(defaultPayloadConverter.fromPayload(back as Payload)).toBeUndefined();
  });
});

describe('closure cache', () => {
  it('waits out a store that is away and then asks once for all', async () => {
    let asked = 0;
    const source = async () => {
      asked += 1;
      if (asked < 3) throw new Error('away');
      return closure;
    };
    const cache = closureCache({ source, size: 2, patienceMs: 5000 });
    const found = await Promise.all([cache.get('acme', HASH), cache.get('acme', HASH)]);
    expect(found).toEqual([closure, closure]);
    expect(asked).toBe(3);
  });

  it('says so when the revision is unknown, and asks again the next time', async () => {
    let stored: RevisionClosure | null = null;
    const cache = closureCache({ source: async () => stored, size: 2, patienceMs: 5000 });
    await expect(cache.get('acme', HASH)).rejects.toMatchObject({ code: 'CON_UNKNOWN_REVISION' });
    stored = closure;
    await expect(cache.get('acme', HASH)).resolves.toBe(closure);
  });

  it('gives up with the store’s own error after its patience', async () => {
    const cache = closureCache({ source: () => Promise.reject(new Error('away')), size: 2, patienceMs: 100 });
    await expect(cache.get('acme', HASH)).rejects.toThrow('away');
  });

  it('drops the least recently used', async () => {
    const asked: string[] = [];
    const source = async (_company: string, hash: string) => {
      asked.push(hash);
      return { ...closure, root: hash };
    };
    const cache = closureCache({ source, size: 2, patienceMs: 0 });
    for (const hash of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get('acme', hash);
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });
});
