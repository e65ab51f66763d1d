/** Routing and admission: pure decisions over rules that the store has loaded. */
export * from './pattern.ts';
export * from './route.ts';
