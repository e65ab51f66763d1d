import { describe, expect, test } from 'vitest';
import { decodeText, delimiterOf, readCsv } from './read-csv.ts';

const all = async (text: string | Uint8Array, known = ['name', 'phoneNumber']) => {
  const rows = [];
  for await (const row of readCsv(typeof text === 'string' ? Buffer.from(text) : text, known)) rows.push(row);
  return rows;
};

describe('encodings', () => {
  test('UTF-8 with and without mark, UTF-16, Latin-1', () => {
    const text = 'name\nÉloïse œuvre €';
    expect(decodeText(Buffer.from(text))).toBe(text);
    expect(decodeText(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]))).toBe(text);
    expect(decodeText(Buffer.from('name\nÉloïse', 'latin1'))).toBe('name\nÉloïse');
    // the signs that Windows puts between 0x80 and 0x9f
    expect(decodeText(Uint8Array.of(0x80, 0x9c))).toBe('€œ');
  });

  test('a byte order mark is no part of the first column', async () => {
    expect(await all('\ufeffname\nA')).toEqual([{ line: 2, values: { name: 'A' } }]);
  });
});

describe('columns', () => {
  test('the delimiter is what the header has most of, outside quotes', () => {
    expect(delimiterOf('a;b;"c,d,e,f"\n1,2,3,4,5')).toBe(';');
    expect(delimiterOf('a\tb')).toBe('\t');
    expect(delimiterOf('alone')).toBe(',');
  });

  test('are found in any order and spelling; unknown ones are passed over', async () => {
    expect(await all('Phone_Number;colour;NAME\n1;red;A\n')).toEqual([
      { line: 2, values: { phoneNumber: '1', name: 'A' } },
    ]);
  });

  test('none known, or one twice, is refused', async () => {
    await expect(all('colour\nred')).rejects.toMatchObject({ code: 'API_CSV_INVALID' });
    await expect(all('name,Name\na,b')).rejects.toMatchObject({ code: 'API_CSV_INVALID' });
    await expect(all('name\na\0b')).rejects.toMatchObject({ code: 'API_CSV_INVALID' });
    await expect(all('name\n"a')).rejects.toMatchObject({ code: 'API_CSV_INVALID' });
  });
});

describe('rows', () => {
  test('carry the line they begin on, also after quoted line breaks and empty lines', async () => {
    const rows = await all('name,phone number\r\n"two\nlines",1\r\nB,2\r\n');
    expect(rows).toEqual([
      { line: 2, values: { name: 'two\nlines', phoneNumber: '1' } },
      { line: 4, values: { name: 'B', phoneNumber: '2' } },
    ]);
  });

  test('an apostrophe before a would-be formula goes away, any other stays', async () => {
    const rows = await all("name,phonenumber\n'=1+1,'+33612345678\n'tis,'");
    expect(rows.map((r) => r.values)).toEqual([
      { name: '=1+1', phoneNumber: '+33612345678' },
      { name: "'tis", phoneNumber: "'" },
    ]);
  });

  test('a row of too few columns has no values for them', async () => {
    expect((await all('name,phonenumber\nA'))[0]!.values).toEqual({ name: 'A' });
  });

  test('an endless record is refused', async () => {
    await expect(all(`name\n"${'x'.repeat(100_000)}"`)).rejects.toMatchObject({ code: 'API_CSV_INVALID' });
  });
});
