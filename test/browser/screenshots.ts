/**
 * Pictures of every page of the console in both languages, for docs/guides/console.md: `node test/browser/screenshots.ts`. It starts an
 * installation of its own, fills the demo company a little and has a call under way.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { World } from '../e2e/world.ts';
import { ConsoleVisit, type LogIn, launchBrowser } from './browser.ts';

const OUT = resolve(import.meta.dirname, '../../docs/images/console');
const PASSWORD = 'only for these pictures';

/** Small enough for a page of a guide. */
const SIZE = { width: 1000, height: 680 } as const;

/** Something to see on each page. */
async function fill(world: World): Promise<LogIn> {
  const make = (path: string, body: object) => world.must<{ id: string }>('POST', path, body);
  const department = await make('/departments', { name: 'Sales' });
  await make('/sites', {
    name: 'Paris',
    street: '12 rue de la Paix',
    city: 'Paris',
    postalCode: '75002',
    country: 'FR',
  });
  const book = await make('/phonebooks', { name: 'Customers', kind: 'company' });
  await make('/contacts', {
    phonebookId: book.id,
    givenName: 'Claire',
    familyName: 'Dubois',
    organisation: 'Dubois & Fils',
    numbers: [{ kind: 'office', number: '+33123456789' }],
  });
  await make('/voicemail-boxes', { name: 'Reception', accessNumber: '888' });
  await make('/meeting-rooms', { name: 'Monday meeting', extension: '800' });
  await make('/park-slots', { name: 'First', extension: '701' });
  await make('/trunks', { name: 'Carrier', mode: 'peer', host: 'sip.carrier.example', enabled: false });
  const session = await world.must<{ company: string }>('GET', '/session');
  await make('/caller-lists', { ownerId: session.company, name: 'Unwanted', kind: 'block' });
  await world.must('PUT', '/prompts/welcome', { text: 'Welcome to our firm.', language: 'en' });
  const users = await world.must<{ items: { id: string }[] }>('GET', '/users');
  await world.must('PATCH', `/users/${users.items[0]!.id}`, { departmentId: department.id, phrase: 'Back at two' });
  const email = 'alice@demo.example';
  const owner = { ownerId: session.company, userId: users.items[0]!.id };
  await make('/accounts', { email, role: 'user', password: PASSWORD, name: 'Alice', ...owner });
  return { email, password: PASSWORD };
}

/** Name of a page's picture. */
const nameOf = (path: string): string => (path === '/' ? 'overview' : path.slice(1).replaceAll('/', '-'));

async function take(visit: ConsoleVisit, name: string, language: string): Promise<void> {
  await visit.page.screenshot({ path: join(OUT, `${name}-${language}.png`) });
  process.stdout.write(`${name}-${language}\n`);
}

async function picturesOf(visit: ConsoleVisit, language: string, world: World): Promise<void> {
  const users = await world.must<{ items: { id: string }[] }>('GET', '/users');
  const calls = await world.must<{ items: { id: string; state: string }[] }>('GET', '/calls');
  const ended = calls.items.find(({ state }) => state === 'ended');
  for (const path of [...(await visit.pages()), '/start']) {
    await visit.go(path);
    await visit.settled();
    await take(visit, nameOf(path), language);
  }
  await visit.go(`/users/${users.items[0]!.id}`);
  await take(visit, 'user', language);
  if (!ended) return;
  await visit.go(`/calls/${ended.id}`);
  await visit.page.locator('.mantine-Timeline-item').first().waitFor();
  await take(visit, 'call', language);
}

mkdirSync(OUT, { recursive: true });
const world = await World.start();
const browser = await launchBrowser();
try {
  const user = await fill(world);
  const first = await (await (await world.phoneOf('101')).call('201')).until('answered');
  await first.hangUp();
  await (await (await world.phoneOf('102')).call('200')).until('answered');
  const password = /with the password (\S+)/.exec(world.installation.readyBlock)![1]!;
  for (const locale of ['en', 'fr'] as const) {
    const visit = await ConsoleVisit.open(browser, world.installation.url, { locale, ...SIZE });
    await take(visit, 'log-in', locale);
    await visit.logIn({ email: 'admin@demo.example', password });
    await picturesOf(visit, locale, world);
    await visit.close();
    const own = await ConsoleVisit.open(browser, world.installation.url, { locale, ...SIZE });
    await own.logIn(user);
    await own.go('/me');
    await own.settled();
    await take(own, 'me', locale);
    await own.close();
  }
} finally {
  await browser.close();
  world.closePhones();
  await world.stop();
}
