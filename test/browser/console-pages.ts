/** Every page of the console, from its routes: none can be forgotten, and each that needs an entity is given one. */
import { readFileSync } from 'node:fs';
import { flow, node, say } from '@callwright/engine';
import { PARTNERS } from '@callwright/partners';
import type { World } from '../e2e/world.ts';

const ROUTES = new URL('../../designer/src/app/routes.tsx', import.meta.url);

/** Names that a page must show as they were typed. */
export const HOSTILE = '<img src=x onerror="window.hacked=1"><b>bold</b>';

/** Addresses of the routes that are no resource's; those with parameters as they are written. */
export function pagePatterns(): string[] {
  const found = [...readFileSync(ROUTES, 'utf8').matchAll(/path: '([^'*]+)'/g)].map(([, path]) => `/${path}`);
  if (found.length < 10) throw new Error('the routes are written otherwise');
  return found;
}

/** Addresses of all pages, `offered` by the navigation or not. Throws for a route of an entity that nothing was made for. */
export function allPages(offered: readonly string[], samples: Readonly<Record<string, string>>): string[] {
  return [...new Set([...offered, ...pagePatterns().map((pattern) => addressOf(pattern, samples))])];
}

/** The address of a page of an entity; samples by the first part of the address. Throws when there is none. */
export function addressOf(pattern: string, samples: Readonly<Record<string, string>>): string {
  const id = samples[pattern.split('/')[1]!];
  if (pattern.includes(':') && id === undefined) throw new Error(`no sample for ${pattern}`);
  return pattern.replace(/:\w+/, id ?? '');
}

/** Something to see on every page, with hostile names; ids by the first part of the pages' addresses. A call is up when it is done. */
export async function fillCompany(
  world: World,
): Promise<{ samples: Record<string, string>; userIds: [string, string] }> {
  const make = async (path: string, body: object): Promise<string> =>
    (await world.must<{ id: string }>('POST', path, body)).id;
  const named = { name: HOSTILE };
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  const [userId, other] = ['101', '102'].map((extension) => items.find((user) => user.extension === extension)!.id);
  for (const id of [userId, other])
    await world.must('PATCH', `/users/${id}`, { givenName: HOSTILE, familyName: HOSTILE, phrase: HOSTILE });
  const { company } = await world.must<{ company: string }>('GET', '/session');
  const book = await make('/phonebooks', { ...named, kind: 'company' });
  const numbers = [{ kind: 'office', number: '+33123456789' }];
  await make('/contacts', { phonebookId: book, familyName: HOSTILE, organisation: HOSTILE, numbers });
  await make('/departments', named);
  await make('/sites', { ...named, country: 'FR' });
  await make('/park-slots', { ...named, extension: '701' });
  await make('/trunks', { ...named, mode: 'peer', host: 'sip.carrier.example', enabled: false });
  await make('/ring-groups', { ...named, members: [{ userId }] });
  await world.must('PUT', '/prompts/welcome', { text: 'Welcome <b>all</b>', language: 'en' });
  const samples = {
    users: userId!,
    owners: company,
    'caller-lists': await make('/caller-lists', { ...named, ownerId: company, kind: 'block' }),
    queues: await make('/queues', { ...named, extension: '600' }),
    'voicemail-boxes': await make('/voicemail-boxes', { ...named, userId, listRecordings: true }),
    'meeting-rooms': await make('/meeting-rooms', { ...named, extension: '800' }),
    webhooks: await make('/webhooks', { ...named, url: 'https://crm.example/hook' }),
    'partner-modules': await make('/partner-modules', { ...named, contract: PARTNERS[0]!.name }),
    ...(await calledFlow(world)),
  };
  await world.phoneOf('103');
  await (await (await world.phoneOf('102')).call('103')).until('answered');
  return { samples, userIds: [userId!, other!] };
}

/** A flow that somebody has called, and that call. */
async function calledFlow(world: World): Promise<{ flows: string; calls: string }> {
  const document = flow(`pages-${crypto.randomUUID().slice(0, 8)}`, {
    title: HOSTILE,
    language: 'en',
    nodes: {
      start: node('start', { answer: true }, { next: 'choose' }),
      choose: node(
        'menu',
        { prompts: [say(`${HOSTILE} press 1`)], choices: [{ key: '1', outcome: 'one' }] },
        { one: 'bye', 'no-input': 'bye', 'no-match': 'bye' },
      ),
      bye: node('hang-up', {}, {}),
    },
  });
  const { id } = await world.must<{ id: string }>('POST', '/flows', { file: { document } });
  await world.must('POST', `/flows/${id}/publish`, { comment: HOSTILE });
  const dialled = `2${Math.floor(10_000 + Math.random() * 90_000)}`;
  await world.must('POST', '/numbers', { dialled, label: HOSTILE, kind: 'service', destination: { type: 'flow', id } });
  const phone = await world.phoneOf('101');
  const call = await (await phone.call(dialled)).until('answered');
  await call.press('1');
  await call.until('ended', 30_000);
  await world.cdrOf(call.callId, 30_000);
  const [ended] = await world.calls('?state=ended');
  return { flows: id, calls: ended!.id };
}
