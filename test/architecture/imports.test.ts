/** Who may import whom, on the whole tree; and planted bad imports, so that the check is known to see. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { undeclared } from './declared-dependencies.ts';
import { checkImports, findCycles } from './import-rules.ts';
import { TABLE } from './import-table.ts';
import { isGenerated, isTest, parse, ROOT, sourceFiles } from './source-tree.ts';

const files = sourceFiles();
const rules = (path: string, text: string) => checkImports(parse(path, text)).map(({ rule }) => rule);

describe('the tree', () => {
  it('is seen', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.map(({ path }) => path)).toContain('engine/src/index.ts');
  });

  it('keeps to the import table', () => {
    const found = files.flatMap(checkImports);
    expect(found.map(({ path, rule, detail }) => `${path}: ${rule}: ${detail}`)).toEqual([]);
  });

  it('declares what it imports', () => {
    expect(files.flatMap(undeclared)).toEqual([]);
  });

  it('has no cycles of run-time imports', () => {
    const shipped = files.filter(({ path }) => !isTest(path) && !isGenerated(path));
    expect(findCycles(shipped).map((cycle) => cycle.join(' -> '))).toEqual([]);
  });

  it('has a row in the table for each package', () => {
    const folders = ['workers', 'api'].flatMap((parent) =>
      readdirSync(join(ROOT, parent), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !['node_modules', 'src'].includes(entry.name))
        .map((entry) => `${parent}/${entry.name}`),
    );
    const known = Object.values(TABLE).map(({ folder }) => folder);
    expect(folders.filter((folder) => !known.includes(folder))).toEqual([]);
  });
});

describe('a planted bad import', () => {
  it.each([
    ['engine/src/flow/x.ts', "import { openStore } from '@callwright/store';", 'table'],
    ['engine/src/flow/x.ts', "export * from '@callwright/store';", 'table'],
    ['engine/src/flow/x.ts', "type S = import('@callwright/store').Store;", 'table'],
    ['workers/calls/src/x.ts', "const a = await import('@callwright/api');", 'table'],
    ['workers/softswitch/src/x.ts', "import type { Command } from '@callwright/engine';", 'table'],
    ['api/store/src/x.ts', "import { CALLS_QUEUE } from '@callwright/contract';", 'table'],
    ['engine/src/flow/x.ts', "import { createHash } from 'node:crypto';", 'engine-pure'],
    ['engine/src/flow/x.ts', "import fs from 'fs';", 'engine-pure'],
    ['engine/src/flow/x.ts', "import lodash from 'lodash';", 'engine-libraries'],
    ['api/src/x.ts', "import { schema } from '../store/src/schema.ts';", 'package-border'],
    ['workers/io/src/x.ts', "import { x } from '../../../engine/src/index.ts';", 'package-border'],
    ['engine/nodes/menu/menu.node.ts', "import other from '../play/play.node.ts';", 'engine-layers'],
    ['engine/nodes/menu/menu.node.ts', "import { compile } from '../../src/flow/compile.ts';", 'engine-layers'],
    ['engine/src/protocol/x.ts', "import { defineNode } from '../define/define-node.ts';", 'engine-layers'],
    ['engine/src/call/x.ts', "import { TestCall } from '../../testing/index.ts';", 'test-code'],
    ['workers/calls/src/x.ts', "import { TestCall } from '@callwright/engine/testing';", 'test-code'],
    ['api/src/x.ts', "import { testApi } from './test-api.ts';", 'test-code'],
    ['workers/calls/src/x.ts', "import { testDatabase } from '@callwright/test-support';", 'test-code'],
  ])('%s: %s', (path, text, rule) => {
    expect(rules(path, text)).toContain(rule);
  });

  it('is not seen in good code', () => {
    expect(
      rules(
        'workers/calls/src/x.ts',
        "import { startCall } from '@callwright/engine'; import type { Store } from '@callwright/store';",
      ),
    ).toEqual([]);
    expect(rules('workers/calls/src/x.it.test.ts', "import { testDatabase } from '@callwright/test-support';")).toEqual(
      [],
    );
    expect(
      rules(
        'engine/nodes/menu/menu.node.ts',
        "import * as z from 'zod'; import { defineNode } from '../../src/define/define-node.ts';",
      ),
    ).toEqual([]);
  });

  it('that closes a cycle is found, a type is not', () => {
    const a = parse('engine/src/a.ts', "import { b } from './b.ts';");
    expect(findCycles([a, parse('engine/src/b.ts', "import { a } from './a.ts';")])).toHaveLength(1);
    expect(findCycles([a, parse('engine/src/b.ts', "import type { a } from './a.ts';")])).toHaveLength(0);
  });

  it('that is not declared is found', () => {
    expect(undeclared(parse('engine/src/x.ts', "import pg from 'pg';"))).toHaveLength(1);
    expect(undeclared(parse('workers/calls/src/x.ts', "import { it } from 'vitest';"))).toHaveLength(1);
    expect(undeclared(parse('workers/calls/src/x.test.ts', "import { it } from 'vitest';"))).toHaveLength(0);
  });
});
