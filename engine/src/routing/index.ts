/** Routing and admission: pure decisions over rules that the store has loaded. */

export { localTime } from '../define/calendar.ts';
export * from './pattern.ts';
export * from './route.ts';
export * from './terms.ts';
