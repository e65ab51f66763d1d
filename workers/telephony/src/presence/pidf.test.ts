import { describe, expect, it } from 'vitest';
import { readPidf } from './pidf.ts';

const pidf = (inner: string) =>
  `<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:a@b">${inner}</presence>`;

describe('a published presence document', () => {
  it.each([
    ['<tuple id="a"><status><basic>open</basic></status></tuple>', 'available', ''],
    ['<tuple id="a"><status><basic>closed</basic></status></tuple>', 'offline', ''],
    [
      '<tuple id="a"><status><basic>open</basic></status><note xml:lang="fr">à &amp; &#233; &lt;b&gt;</note></tuple>',
      'available',
      'à & é <b>',
    ],
    ['<dm:person id="p"><rpid:activities><rpid:on-the-phone/></rpid:activities></dm:person>', 'busy', ''],
    ['<person><activities><away/></activities><note>Gone\n fishing</note></person>', 'away', 'Gone fishing'],
    ['<person><r:activities><r:unknown/></r:activities></person>', 'available', ''],
  ])('%s', (inner, status, note) => {
    expect(readPidf(pidf(inner))).toEqual({ status, note });
  });
  it.each(['', 'hello', '<xml/>', `<!DOCTYPE x [<!ENTITY a "b">]>${pidf('')}`])('%s is none', (text) => {
    expect(readPidf(text)).toBeNull();
  });
  it.each(['<note>', '<note>&#0;&#xffffff;&nothing;</note>', '<note><note>'.repeat(500), `<basic>${' '.repeat(9000)}`])(
    'takes any text without harm',
    (text) => {
      expect(readPidf(pidf(text))?.note.length).toBeLessThanOrEqual(200);
    },
  );
});
