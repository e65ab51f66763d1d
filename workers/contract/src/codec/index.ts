/**
 * The Node side of the contract: how payloads look on the wire, and how a process connects to Temporal. Never imported by
 * workflow code.
 */
export * from './closure-cache.ts';
export * from './connect.ts';
export * from './payload-codec.ts';
export * from './process-log.ts';
