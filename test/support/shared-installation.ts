/**
 * One installation for all end-to-end files of a run that need nothing of it changed: each such file works in a company of its own
 * (`World.company()`). It starts when the first file asks and ends with the run.
 */
import { createServer } from 'node:http';
import { type Installation, startInstallation } from '@callwright/start';

/** Names the address where a test process asks for the shared installation's data directory. */
export const SHARED_INSTALLATION_VARIABLE = 'CALLWRIGHT_TEST_SHARED_INSTALLATION';

/** Vitest global set-up of the end-to-end project. */
export async function setup(): Promise<() => Promise<void>> {
  let starting: Promise<Installation> | undefined;
  const server = createServer((_, response) => {
    starting ??= startInstallation();
    starting.then(
      ({ dataDir }) => response.end(dataDir),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  process.env[SHARED_INSTALLATION_VARIABLE] =
    `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return async () => {
    server.close();
    delete process.env[SHARED_INSTALLATION_VARIABLE];
    await (await starting?.catch(() => undefined))?.stop();
  };
}

/** Data directory of the shared installation, which starts at the first question. Throws with what it printed when it does not start. */
export async function sharedInstallation(): Promise<string> {
  const url = process.env[SHARED_INSTALLATION_VARIABLE];
  if (!url) throw new Error('only end-to-end tests have a shared installation');
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
