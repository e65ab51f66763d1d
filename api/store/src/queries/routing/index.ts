/** Routing and admission over the store. */
export * from './admission.ts';
export * from './decide-route.ts';
export * from './feature-codes.ts';
export * from './route-call.ts';
