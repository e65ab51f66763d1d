import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTemporal, TEMPORAL_VERSION, type Way } from './find.ts';

let home: string;
const said: string[] = [];
const say = (text: string) => {
  said.push(text);
};
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'callwright-temporal-'));
  said.length = 0;
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const env = (path = '') => ({ XDG_CACHE_HOME: home, PATH: path });
const cached = () => join(home, 'callwright', `temporal-${TEMPORAL_VERSION}`, 'temporal');
const program = (file: string, version: string) => {
  writeFileSync(file, `#!/bin/sh\necho "temporal version ${version}"\n`);
  chmodSync(file, 0o755);
};
const works = (count = { calls: 0 }): Way => ({
  name: 'a way that works',
  get: async (target) => {
    count.calls += 1;
    program(target, '1.8.2');
  },
});
const fails: Way = { name: 'a way that fails', get: () => Promise.reject(new Error('no network')) };

describe('findTemporal', () => {
  it('prefers what is on PATH, unless it is too old', async () => {
    for (const [name, version] of [
      ['new', '1.8.0'],
      ['old', '0.13.2'],
    ] as const) {
      mkdirSync(join(home, name));
      program(join(home, name, 'temporal'), version);
    }
    expect(await findTemporal({ say, env: env(`${home}/old:${home}/new`), ways: [] })).toBe(
      join(home, 'new', 'temporal'),
    );
    expect(await findTemporal({ say, env: env(`${home}/old`), ways: [works()] })).toBe(cached());
  });

  it('tries one way after the other, and keeps the result', async () => {
    const count = { calls: 0 };
    expect(await findTemporal({ say, env: env(), ways: [fails, works(count)] })).toBe(cached());
    expect(await findTemporal({ say, env: env(), ways: [] })).toBe(cached());
    expect(count.calls).toBe(1);
    expect(said).toHaveLength(2);
  });

  it('fetches once when two need it at the same time', async () => {
    const count = { calls: 0 };
    const slow: Way = {
      name: 'slow',
      get: async (target, ...rest) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        await works(count).get(target, ...rest);
      },
    };
    const found = await Promise.all([1, 2].map(() => findTemporal({ say, env: env(), ways: [slow] })));
    expect(found).toEqual([cached(), cached()]);
    expect(count.calls).toBe(1);
  });

  it('takes over the lock of a process that died', async () => {
    mkdirSync(join(cached(), '..'), { recursive: true });
    writeFileSync(join(cached(), '..', 'lock'), '4194304');
    expect(await findTemporal({ say, env: env(), ways: [works()] })).toBe(cached());
  });

  it('does not keep a binary that does not run', async () => {
    const broken: Way = {
      name: 'broken',
      get: async (target) => writeFileSync(target, 'not a program', { mode: 0o755 }),
    };
    await expect(findTemporal({ say, env: env(), ways: [broken] })).rejects.toMatchObject({ code: 'TMP_NOT_FOUND' });
    expect(await findTemporal({ say, env: env(), ways: [works()] })).toBe(cached());
  });

  it('names what it tried and the remedies', async () => {
    await expect(findTemporal({ say, env: env(), ways: [fails] })).rejects.toThrow(
      /a way that fails: no network[\s\S]*TEMPORAL_ADDRESS/,
    );
  });
});
