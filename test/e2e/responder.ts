/** The responder of the partner contract's PIN check, as a company draws it, and the script that decides. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { flow, node } from '@callwright/engine';
import type { World } from './world.ts';

const tone = (frequencyHz: number, onMs: number) => [
  { parts: [{ type: 'tone' as const, frequenciesHz: [frequencyHz], onMs }] },
];
/** What the nodes say. */
export const ROOT_HZ = 500;
export const ERROR_HZ = 700;
export const OK_HZ = 1100;

/** `Root_support` with `PIN_ERROR` (key 1, to a user) and `PIN_OK` (key 2, to a group). */
export const pinCheck = (name: string, script: string, user: string, group: string) =>
  flow(name, {
    title: 'IVR_Support',
    language: 'en',
    nodes: {
      root: node(
        'responder',
        {
          prompts: tone(ROOT_HZ, 20_000),
          input: 'length',
          inputLength: 6,
          action: 'script',
          script,
          choices: [
            { key: '1', outcome: 'wrong' },
            { key: '2', outcome: 'right' },
          ],
        },
        { wrong: 'pin-error', right: 'pin-ok' },
      ),
      'pin-error': node(
        'responder',
        { prompts: tone(ERROR_HZ, 1500), action: 'call', target: { type: 'user', id: user } },
        {},
      ),
      'pin-ok': node(
        'responder',
        {
          prompts: tone(OK_HZ, 1500),
          action: 'call',
          target: { type: 'destination', destinationType: 'ring-group', id: group },
        },
        {},
      ),
    },
  });

/** A script that answers what it is told to, and the queries it was asked. */
export interface ScriptServer {
  readonly url: string;
  readonly asked: URLSearchParams[];
  answer: (query: URLSearchParams) => string;
  close(): void;
}

export async function scriptServer(): Promise<ScriptServer> {
  const asked: URLSearchParams[] = [];
  const server: Server = createServer((request, response) => {
    const query = new URL(request.url!, 'http://script').searchParams;
    asked.push(query);
    response.setHeader('content-type', 'text/html; charset=UTF-8');
    response.end(script.answer(query));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const script: ScriptServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/script_support.php`,
    asked,
    answer: () => '',
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return script;
}

/** Publishes the PIN check under a name and a number of its own; the number, and the flow's positive number. */
export async function publishPinCheck(world: World, script: string): Promise<{ dialled: string; ivr: number }> {
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  const user = items.find(({ extension }) => extension === '101')!;
  const agent = items.find(({ extension }) => extension === '102')!;
  const suffix = crypto.randomUUID().slice(0, 8);
  const group = await world.must<{ id: string }>('POST', '/ring-groups', {
    name: `Group_support ${suffix}`,
    strategy: 'all',
    members: [{ userId: agent.id }],
  });
  const document = pinCheck(`ivr-support-${suffix}`, script, user.id, group.id);
  const made = await world.must<{ id: string; number: number }>('POST', '/flows', { file: { document } });
  await world.must('POST', `/flows/${made.id}/publish`, {});
  const dialled = `3${Math.floor(10_000 + Math.random() * 90_000)}`;
  await world.must('POST', '/numbers', { dialled, kind: 'service', destination: { type: 'flow', id: made.id } });
  return { dialled, ivr: made.number };
}
