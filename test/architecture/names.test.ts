/** Nobody outside engine/nodes decides by a node's kind, nobody outside api/partners names a partner (design §2). */
import { describe, expect, it } from 'vitest';
import { folderNames, namedKinds, namedPartners } from './name-rules.ts';
import { isTest, parse, sourceFiles } from './source-tree.ts';

const shipped = sourceFiles().filter(({ path }) => !isTest(path));
const kinds = folderNames('engine/nodes');

describe('the tree', () => {
  it('decides by a node’s kind in engine/nodes only', () => {
    expect(kinds).toContain('menu');
    const shared = shipped.filter(({ path }) => !path.startsWith('engine/nodes/') && !path.startsWith('flows/'));
    expect(shared.flatMap((file) => namedKinds(file, kinds))).toEqual([]);
  });

  it('names partners in api/partners only', () => {
    const partners = folderNames('api/partners').filter((name) => name !== 'src');
    const others = shipped.filter(({ path }) => !path.startsWith('api/partners/'));
    expect(others.flatMap((file) => namedPartners(file, partners))).toEqual([]);
  });
});

describe('a planted name', () => {
  it.each([
    "if (node.kind === 'menu') go();",
    "if ('menu' !== flow.node.kind) go();",
    "switch (flowNode.kind) { case 'menu': go(); }",
  ])('%s', (code) => {
    expect(namedKinds(parse('engine/src/flow/x.ts', code), ['menu'])).toHaveLength(1);
  });

  it('of a partner is found in code and text, not inside another word', () => {
    expect(namedPartners(parse('api/src/x.ts', "const path = '/acme-call/x';"), ['acme-call'])).toHaveLength(1);
    expect(namedPartners(parse('api/src/x.ts', 'const acmeCall = 1;'), ['acme'])).toHaveLength(0);
    expect(namedPartners(parse('api/src/x.ts', '// as acme wants it\n'), ['acme'])).toHaveLength(1);
  });

  it('is not seen in another union', () => {
    expect(namedKinds(parse('engine/src/flow/x.ts', "if (destination.kind === 'menu') go();"), ['menu'])).toEqual([]);
  });
});
