/**
 * Records the histories that `replay.test.ts` replays: `node test/replay/record.ts`, with a Temporal server at
 * CALLWRIGHT_TEST_TEMPORAL_ADDRESS. To be run when a change of the runner is meant to change histories (calls of the older release
 * then need its workers until they end), or to add a scenario; an unmeant difference is a bug.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { playScenarios } from './scenarios.ts';

/** Workers name themselves `<pid>@<host>`: nobody's business. */
const anonymous = (json: string): string => json.replaceAll(new RegExp(`\\d+@${hostname()}`, 'g'), 'worker');

const only = process.argv[2];
const { world, recorded, close } = await playScenarios();
for (const { name, workflowId } of recorded) {
  if (only && only !== name) continue;
  const history = await world.client.client.workflow.getHandle(workflowId).fetchHistory();
  const path = new URL(`./fixtures/${name}.json`, import.meta.url);
  const before = await readFile(path, 'utf8').catch(() => '');
  await writeFile(path, `${JSON.stringify({ workflowId, history: JSON.parse(anonymous(historyToJSON(history))) })}\n`);
  console.log(`${name}: ${history.events?.length} events${before ? ' (replaced)' : ''}`);
}
await close();
