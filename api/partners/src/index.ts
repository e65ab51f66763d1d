/** Partner contracts: one folder each, pure; what they are made of and the suite that proves each. */
export * from './contract.ts';
