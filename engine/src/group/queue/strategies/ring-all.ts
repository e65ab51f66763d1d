/**
 * Ring all: every free agent rings for the caller at the head.
 * Invariant: no waiting caller and free, fit agent coexist.
 */
import type { QueueStrategy } from '../strategy.ts';

export const ringAll: QueueStrategy = { together: true, choose: (candidates) => candidates };
