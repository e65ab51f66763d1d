/** `events`: what happens, as it happens; a connection that was cut goes on where it was. */
import { API_PREFIX, type Problem } from '@callwright/api-contract';
import type { Command } from 'commander';
import { type Connection, explain } from '../connection.ts';
import { CliError } from '../errors.ts';
import { describeRecord } from '../timeline.ts';
import type { CallRecord } from './call-commands.ts';

const RETRY_MS = 1000;

interface Told extends Partial<CallRecord> {
  readonly type: string;
  readonly at: string;
  readonly n: number;
  readonly callId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventOptions {
  readonly types?: string;
  readonly call?: string;
  readonly after?: string;
  /** Ends after so many. */
  readonly count?: string;
}

interface Target {
  readonly connection: () => Connection;
  readonly json: () => boolean;
  readonly write: (text: string) => void;
}

export function addEventsCommand(program: Command, target: Target): void {
  program
    .command('events')
    .description('what happens in the company, as it happens')
    .option('--types <names>', 'only these, separated by commas; with * at the end: all that begin so')
    .option('--call <id>', 'only facts of this call')
    .option('--after <place>', 'begin after this place; 0-0 is the beginning')
    .option('--count <number>', 'end after so many')
    .action((options: EventOptions) => follow(target, options));
}

async function follow({ connection, json, write }: Target, { types, call, after, count }: EventOptions): Promise<void> {
  const most = count === undefined ? Number.POSITIVE_INFINITY : Number(count);
  if (!(most > 0)) throw new CliError('CLI_USAGE', '--count takes a positive number.');
  const where = connection();
  let place = after;
  let answer = await listen(where, { types, call, after: place });
  for (let seen = 0; ; ) {
    for await (const { id, data } of framesOf(answer)) {
      place = id ?? place;
      if (data === null) continue;
      write(`${json() ? data : lineOf(JSON.parse(data) as Told)}\n`);
      seen += 1;
      if (seen >= most) break;
    }
    if (seen >= most) return;
    answer = await again(() => listen(where, { types, call, after: place }));
  }
}

/** A server that was there comes back. */
async function again(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'CLI_UNREACHABLE') throw error;
    }
  }
}

/** The stream; throws what the API says when it is refused, and when nobody answers. */
async function listen(
  { url, key, company }: Connection,
  query: Readonly<Record<string, string | undefined>>,
): Promise<Response> {
  const address = new URL(`${url}${API_PREFIX}/events`);
  for (const [name, value] of Object.entries({ ...query, company: company ?? undefined }))
    if (value !== undefined) address.searchParams.set(name, value);
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(address, { headers }).catch(() => null);
  if (answer?.ok) return answer;
  const json = (answer?.headers.get('content-type') ?? '').includes('json');
  if (answer && json) throw new CliError('CLI_REFUSED', explain((await answer.json()) as Problem));
  throw new CliError(
    'CLI_UNREACHABLE',
    `Callwright does not answer at ${url}: start it with "npm start", or set CALLWRIGHT_URL.`,
  );
}

interface Frame {
  readonly id: string | null;
  readonly data: string | null;
}

/** Frames of server-sent events (WHATWG HTML §9.2) until the connection ends, however it does. */
async function* framesOf({ body }: Response): AsyncGenerator<Frame> {
  if (!body) return;
  let text = '';
  try {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1] ?? null;
        yield { id: field('id'), data: field('data') };
      }
    }
  } catch {
    // cut: whoever reads goes on from the last place
  }
}

/** Time, call, and what happened in words. */
function lineOf({ at, type, n, callId, data }: Told): string {
  const record = { n, at, type, stream: 'fact', body: data, masked: false } as const;
  return `${at}  ${callId ?? '-'}  ${describeRecord(record)}`;
}
