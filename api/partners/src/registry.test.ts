import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { registrySource } from './generate.ts';
import { PARTNERS, partnerContract } from './index.ts';

it('has every folder, freshly generated', () => {
  const file = readFileSync(new URL('./registry.gen.ts', import.meta.url), 'utf8');
  const flat = (text: string) => text.replace(/\s+/g, '').replace(/,(?=\])/g, '');
  expect(flat(file)).toBe(flat(registrySource()));
});

it('finds a contract by its name, and none by a name of objects', () => {
  expect(partnerContract(PARTNERS[0]!.name)).toBe(PARTNERS[0]);
  expect(partnerContract('constructor')).toBe(null);
});

it('no two contracts are served on one path', () => {
  const paths = PARTNERS.flatMap(({ mounts }) => mounts.map(({ path }) => path.toLowerCase()));
  expect(new Set(paths).size).toBe(paths.length);
});
