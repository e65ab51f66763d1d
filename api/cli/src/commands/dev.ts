/** `dev`: the flows of a directory and their drafts, kept alike while both are edited. */
import { readdirSync, watch } from 'node:fs';
import { extname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type FlowView, syncFlow } from '../flow-sync.ts';

/** How often the installation is asked whether a draft has moved. */
const POLL_MS = 500;
/** An editor writes a file in several steps. */
const SETTLE_MS = 60;

const isFlowFile = (name: string): boolean => /\.ts$/.test(name) && !/\.(?:test|d)\.ts$/.test(name);

/**
 * Runs until `stop`. A save is pushed at once, a change on the canvas is pulled; where both changed, nothing is written and the conflict is
 * told once. Files that cannot be loaded are told and tried again at their next save.
 */
export async function dev(api: Api, dir: string, say: (line: string) => void, stop: AbortSignal): Promise<void> {
  const said = new Map<string, string>();
  const tell = (path: string, line: string): void => {
    if (said.get(path) === line) return;
    said.set(path, line);
    if (line !== '') say(line);
  };
  const syncOne = async (path: string, flows: readonly FlowView[]): Promise<void> => {
    try {
      const result = await syncFlow(api, path, { way: 'both', flows });
      if (result !== 'alike') say(`${path}: ${result}`);
      tell(path, '');
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      tell(path, `${path}: ${error.message}`);
    }
  };
  const changes = changesIn(dir, stop);
  let versions = '';
  say(`${dir}: watching; Ctrl-C ends`);
  while (!stop.aborted) {
    const saved = await changes.next();
    const flows = await api.all<FlowView>('/flows').catch((error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      tell(dir, error.message);
      return null;
    });
    if (!flows) continue;
    tell(dir, '');
    const now = flows.map(({ id, draftVersion }) => `${id}@${draftVersion}`).join();
    if (!saved && now === versions) continue;
    for (const name of readdirSync(dir).filter(isFlowFile).sort()) await syncOne(join(dir, name), flows);
    versions = now;
  }
}

/** `next` answers true as soon as something in the directory was saved, false when nothing was for a while. */
function changesIn(dir: string, stop: AbortSignal): { next(): Promise<boolean> } {
  let saved = true;
  let wake = (): void => undefined;
  const note = (): void => {
    saved = true;
    wake();
  };
  const watcher = watch(dir, (_event, name) => {
    // what is written here by pulling is seen, too, and found alike
    if (name === null || ['.ts', '.json'].includes(extname(name))) note();
  });
  stop.addEventListener('abort', () => {
    watcher.close();
    wake();
  });
  return {
    next: async () => {
      if (!saved) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, POLL_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (saved && !stop.aborted) await pause(SETTLE_MS);
      const before = saved;
      saved = false;
      return before;
    },
  };
}
