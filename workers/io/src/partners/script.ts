/** A script of a responder is asked: the question in the wire form of its contract, one guarded request, and what its answer comes to. */
import type { HttpRequest, IoResult, ScriptAnswer, ScriptTarget } from '@callwright/engine';
import {
  PARTNERS,
  type PartnerContract,
  partnerContract,
  type ScriptChange,
  type ScriptInstruction,
  type ScriptRecipient,
} from '@callwright/partners';
import { type CompanyScope, type Db, entityByNumber, getPrompt, scriptSubject } from '@callwright/store';
import type { HttpAttempt, HttpSender } from '../http-request.ts';

const MAX_CHARS = 64 * 1024;

export interface ScriptRun {
  readonly db: Db;
  readonly http: HttpSender;
  readonly scope: CompanyScope;
  readonly callId: string;
  /** Also the idempotency key. */
  readonly op: string;
  readonly request: HttpRequest & { readonly script: NonNullable<HttpRequest['script']> };
}

const failed = (code: 'bad-answer' | 'failed', message: string): HttpAttempt => ({
  result: { status: 'io-failed', code, message },
  transient: false,
});

/** One attempt. What is no instruction is `bad-answer`. */
export async function askScript({ db, http, scope, callId, op, request }: ScriptRun): Promise<HttpAttempt> {
  const { script, ...plain } = request;
  const contract = dialectOf(script.dialect);
  if (!contract?.scripts) return failed('failed', 'No contract has scripts of this dialect.');
  const subject = await scriptSubject(db, scope, { callId, flow: script.flow, contract: contract.name });
  if (!subject) return failed('failed', 'The call is not known.');
  const settings = contract.settings.safeParse(subject.settings ?? {});
  const url = contract.scripts.url(settings.success ? settings.data : contract.settings.parse({}), {
    ...script,
    ...subject,
    address: plain.url,
  });
  const attempt = await http.send({ ...plain, url }, op);
  if (attempt.result.status !== 'http') return attempt;
  const { httpStatus, body, truncated } = attempt.result;
  if (httpStatus < 200 || httpStatus > 299) return failed('bad-answer', `HTTP ${httpStatus}`);
  if (typeof body !== 'string' || truncated || body.length > MAX_CHARS) return failed('bad-answer', 'No instruction.');
  const instruction = contract.scripts.read(body);
  const answer = instruction && (await meaning(db, scope, instruction));
  if (!answer) return failed('bad-answer', 'No instruction.');
  return { result: { status: 'script', answer } satisfies IoResult, transient: false };
}

/** The contract of that name, or the only one that has scripts. */
function dialectOf(name: string): PartnerContract | null {
  if (name !== '') return partnerContract(name);
  const all = PARTNERS.filter(({ scripts }) => scripts);
  return all.length === 1 ? all[0]! : null;
}

/** The instruction with what it names found; null when something is not there. */
async function meaning(db: Db, scope: CompanyScope, instruction: ScriptInstruction): Promise<ScriptAnswer | null> {
  switch (instruction.do) {
    case 'transfer': {
      const to = await target(db, scope, instruction.to);
      return to && { ...instruction, to };
    }
    case 'again': {
      const change = await changeOf(db, scope, instruction.change);
      return change && { do: 'again', change };
    }
    default:
      return instruction;
  }
}

async function changeOf(db: Db, scope: CompanyScope, given: ScriptChange) {
  const { target: recipient, message, ...plain } = given;
  const to = recipient === undefined ? undefined : await target(db, scope, recipient);
  const audio = message === undefined ? undefined : await audioName(db, scope, message);
  if (to === null || audio === null) return null;
  return { ...plain, ...(to ? { target: to } : {}), ...(audio ? { message: audio } : {}) };
}

/** Audio under that name, or under the name without what a file name ends by. */
async function audioName(db: Db, scope: CompanyScope, name: string): Promise<string | null> {
  for (const candidate of new Set([name, name.replace(/\.(wav|mp3)$/i, '')]))
    if (candidate !== '' && (await getPrompt(db, scope, candidate))) return candidate;
  return null;
}

async function target(db: Db, scope: CompanyScope, recipient: ScriptRecipient): Promise<ScriptTarget | null> {
  if (recipient.types === undefined) return { type: 'number', number: recipient.number };
  const found = await entityByNumber(db, scope, recipient.types, recipient.number);
  if (found?.type !== 'trunk') return found;
  return recipient.dialled === '' ? null : { type: 'trunk', trunkIds: [found.id], number: recipient.dialled };
}
