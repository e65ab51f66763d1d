/** Routing and admission over the store. */
export * from '../feature-actions/registry.ts';
export * from './admission.ts';
export * from './decide-route.ts';
export * from './feature-codes.ts';
export * from './prefixes.ts';
export * from './restrictions.ts';
export * from './route-call.ts';
export * from './rules.ts';
export * from './settings.ts';
export * from './spend.ts';
