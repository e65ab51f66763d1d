/** Admission: the checks before a call is placed. Pure. */
export * from './admission.ts';
export * from './refusals.ts';
