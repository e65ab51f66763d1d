/** `trunks`: what leads outside, and in which state it is. */
import { readFileSync } from 'node:fs';
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';

interface TrunkView {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly mode: string;
  readonly host: string;
  readonly port: number | null;
  readonly state: string;
  readonly sipStatus: number | null;
  readonly busyLines: number;
  readonly maxCalls: number | null;
}

export async function listTrunks(api: Api, out: Output): Promise<void> {
  const trunks = await api.all<TrunkView>('/trunks');
  out.show(trunks, () =>
    table([
      ['NAME', 'KIND', 'HOST', 'STATE', 'LINES', 'ID'],
      ...trunks.map((t) => [
        t.name,
        t.kind,
        t.port === null ? t.host : `${t.host}:${t.port}`,
        t.sipStatus === null ? t.state : `${t.state} (${t.sipStatus})`,
        t.maxCalls === null ? String(t.busyLines) : `${t.busyLines}/${t.maxCalls}`,
        t.id,
      ]),
    ]),
  );
}

export interface NewTrunkOptions {
  readonly register: boolean;
  readonly user?: string;
  readonly secretFile?: string;
  readonly port?: string;
}

/** Makes a trunk. The password comes from a file, so that it stands in no list of processes. */
export async function addTrunk(
  api: Api,
  out: Output,
  name: string,
  host: string,
  options: NewTrunkOptions,
): Promise<void> {
  const trunk = await api.ask<TrunkView>('POST', '/trunks', {
    body: {
      name,
      host,
      mode: options.register ? 'register' : 'peer',
      ...(options.port === undefined ? {} : { port: portOf(options.port) }),
      ...(options.user === undefined ? {} : { authUser: options.user }),
      ...(options.secretFile === undefined ? {} : { secret: secretOf(options.secretFile) }),
    },
  });
  out.show(trunk, () => [`trunk ${name} made: ${trunk.id}`]);
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new CliError('CLI_USAGE', '--port must be 1 to 65535.');
  return port;
}

function secretOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new CliError('CLI_USAGE', `The file ${file} cannot be read.`);
  }
}

/** Deletes a trunk by its name or id. */
export async function removeTrunk(api: Api, out: Output, which: string): Promise<void> {
  const trunks = await api.all<TrunkView>('/trunks');
  const found = trunks.filter(({ id, name }) => id === which || name === which);
  if (found.length !== 1) {
    throw new CliError(
      'CLI_NOT_FOUND',
      `There ${found.length === 0 ? 'is no trunk' : 'are several trunks'} called ${which}: "callwright trunks" lists them.`,
    );
  }
  await api.ask('DELETE', `/trunks/${found[0]!.id}`);
  out.show(found[0], () => [`trunk ${found[0]!.name} deleted`]);
}
