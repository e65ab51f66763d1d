/** Telephone numbers: E.164, national forms, classes of destinations, emergency numbers. Pure. */
export * from './destination-class.ts';
export * from './emergency.ts';
export * from './kinds.ts';
export * from './number.ts';
