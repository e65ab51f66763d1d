import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockReader, MAX_HEAD_BYTES } from './block-reader.ts';

const read = (reader: BlockReader, text: string) => reader.push(Buffer.from(text));

describe('event-socket commands', () => {
  it('takes LF and CRLF, several in one piece, headers and bodies', () => {
    const reader = new BlockReader();
    const blocks = read(
      reader,
      'auth x\n\nsendmsg u\r\nExecute-App-Name: set\r\nexecute-app-arg: a=b: c\r\n\r\nsendevent X\nContent-Length: 3\n\nabcexit\n\n',
    );
    expect(blocks?.map((each) => each.command)).toEqual(['auth x', 'sendmsg u', 'sendevent X', 'exit']);
    expect(blocks?.[1]?.headers.get('execute-app-arg')).toBe('a=b: c');
    expect(blocks?.[2]?.body).toBe('abc');
  });

  it('gives the same blocks wherever the stream is split', () => {
    const text = 'event json A B\n\nsendmsg 1\ncall-command: execute\nContent-Length: 4\n\nbödyapi x\n\n'.replace(
      '4\n\nbödy',
      '5\n\nbödy',
    );
    const whole = read(new BlockReader(), text);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: Buffer.byteLength(text) }), { maxLength: 12 }), (cuts) => {
        const reader = new BlockReader();
        const bytes = Buffer.from(text);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const blocks = edges.slice(1).flatMap((end, i) => reader.push(bytes.subarray(edges[i]!, end)) ?? []);
        expect(blocks).toEqual(whole);
      }),
    );
  });

  it('gives up on heads and bodies without measure', () => {
    expect(read(new BlockReader(), `api ${'x'.repeat(MAX_HEAD_BYTES)}`)).toBeNull();
    expect(read(new BlockReader(), 'sendevent X\nContent-Length: 99999999\n\n')).toBeNull();
    expect(read(new BlockReader(), 'sendevent X\nContent-Length: -1\n\n')).toBeNull();
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        new BlockReader().push(Buffer.from(bytes));
      }),
    );
  });
});
