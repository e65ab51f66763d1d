/** Real SIP clients and other programs that a test may need. */
import { spawnSync } from 'node:child_process';
import { beforeEach } from 'vitest';

/** Why tests that need these commands cannot run here; nothing when all are there. */
export function missingTools(...commands: string[]): string | undefined {
  const missing = commands.filter((command) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command]).status !== 0);
  return missing.length > 0
    ? `not installed: ${missing.join(', ')} (Debian packages; npm test installs them when root)`
    : undefined;
}

/** Skips every test of the surrounding block, with the reason, when a command is missing. */
export function needsTools(...commands: string[]): void {
  const reason = missingTools(...commands);
  beforeEach((context) => {
    if (reason) context.skip(reason);
  });
}
