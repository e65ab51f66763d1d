/** Where the rendered prompts of the built-in flows stand. */
import { fileURLToPath } from 'node:url';

/** Absolute directory, for `SpeechOptions.shippedDirs`. */
export const SHIPPED_PROMPTS_DIR: string = fileURLToPath(new URL('../../../flows/prompts/', import.meta.url));
