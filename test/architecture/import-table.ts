/** Who may import whom (design §2). A package that is not listed may import nothing of ours. */

export interface PackageRule {
  /** Folder, relative to the checkout. */
  readonly folder: string;
  /** Packages of ours that its shipped code may import. */
  readonly mayImport: readonly string[];
}

const ENGINE = '@callwright/engine';
const FLOWS = '@callwright/flows';
const STORE = '@callwright/store';
const CONTRACT = '@callwright/contract';
const API_CONTRACT = '@callwright/api-contract';
const PARTNERS = '@callwright/partners';
const SPEECH = '@callwright/speech';

const WORKER = [ENGINE, FLOWS, PARTNERS, STORE, CONTRACT];

/** By package name. */
export const TABLE: Readonly<Record<string, PackageRule>> = {
  [ENGINE]: { folder: 'engine', mayImport: [] },
  [FLOWS]: { folder: 'flows', mayImport: [ENGINE] },
  [API_CONTRACT]: { folder: 'api/contract', mayImport: [ENGINE] },
  [PARTNERS]: { folder: 'api/partners', mayImport: [ENGINE] },
  [CONTRACT]: { folder: 'workers/contract', mayImport: [ENGINE] },
  [STORE]: { folder: 'api/store', mayImport: [ENGINE] },
  [SPEECH]: { folder: 'workers/speech', mayImport: WORKER },
  '@callwright/softswitch': { folder: 'workers/softswitch', mayImport: [] },
  '@callwright/calls': { folder: 'workers/calls', mayImport: WORKER },
  // recordings become text where mail is sent
  '@callwright/io': { folder: 'workers/io', mayImport: [...WORKER, SPEECH] },
  // prompts become files where they are played and where they are uploaded
  '@callwright/telephony': { folder: 'workers/telephony', mayImport: [...WORKER, SPEECH] },
  '@callwright/api': { folder: 'api', mayImport: [ENGINE, FLOWS, API_CONTRACT, PARTNERS, STORE, CONTRACT, SPEECH] },
  '@callwright/temporal': { folder: 'workers/temporal', mayImport: [] },
  // starts the other processes by their path; imports none of their code
  '@callwright/start': { folder: 'workers/start', mayImport: [...WORKER, '@callwright/temporal', '@callwright/api'] },
  '@callwright/cli': { folder: 'api/cli', mayImport: [ENGINE, FLOWS, API_CONTRACT] },
  '@callwright/designer': { folder: 'designer', mayImport: [ENGINE, FLOWS, API_CONTRACT] },
};

/** What the engine may use of npm; each has its page in docs/adr or is named in design §2. */
export const ENGINE_LIBRARIES = [
  'zod',
  'xstate',
  '@marcbachmann/cel-js',
  '@noble/hashes',
  'temporal-polyfill',
  'libphonenumber-js',
];

/** Inside the engine: a folder may import the folders listed, and itself. */
export const ENGINE_LAYERS: readonly { readonly folder: string; readonly mayImport: readonly string[] }[] = [
  { folder: 'engine/src/protocol/', mayImport: [] },
  { folder: 'engine/src/define/', mayImport: ['engine/src/protocol/'] },
  { folder: 'engine/nodes/', mayImport: ['engine/src/define/', 'engine/src/protocol/'] },
];
