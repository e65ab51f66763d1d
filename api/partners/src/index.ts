/** Partner contracts: one folder each, pure; what they are made of, what they may ask, and all of them. */
import type { PartnerContract } from './contract.ts';
import { PARTNERS } from './registry.gen.ts';

export * from './contract.ts';
export * from './demo.ts';
export * from './host.ts';
export * from './load.ts';
export { PARTNERS } from './registry.gen.ts';

/** The contract of that name; null when there is none. The name may come from outside. */
export const partnerContract = (name: string): PartnerContract | null =>
  PARTNERS.find((contract) => contract.name === name) ?? null;
