/**
 * From facts to what partners are told: every fact of a company with modules is read once, in the order of its call, by each contract
 * that a module of the company speaks; what it tells goes to the outbox of every module that wants it. Memory, notices and the place
 * read up to are written in one transaction, so that a crash repeats nothing.
 */
import type { Fact, JsonValue } from '@callwright/engine';
import {
  type CallFact,
  type CompanyEvent,
  type Notice,
  type PartnerContract,
  partnerContract,
} from '@callwright/partners';
import {
  type ArrivedForPartners,
  addNotices,
  arrivedForPartners,
  asTheOnly,
  type Db,
  directoryForPartners,
  keepPartnerCallMemory,
  type ListeningModule,
  listeningModules,
  localeOf,
  type NewNotice,
  type PartnerFact,
  type PartnerMessage,
  partnerCallMemory,
  partnerDirectoryRead,
  partnerFactsOf,
  partnerFactsRead,
  type Store,
  spokenContracts,
} from '@callwright/store';

const BATCH = 500;

/** Told of a contract that could not read a fact: a fault of ours, which must not hold up what follows. */
export type ReadFailed = (contract: string, fact: string, error: unknown) => void;

/** Messages that have come since the last time, to the modules that want them. Rejects when the store cannot be reached. */
export async function projectDirectory(store: Store): Promise<void> {
  await asTheOnly(store.db, 'partner-events', readDirectory);
}

async function readDirectory(tx: Db): Promise<void> {
  const directories = await directoryForPartners(tx, BATCH);
  if (directories.length === 0) return;
  const modules = listening(
    await listeningModules(
      tx,
      directories.filter(({ messages }) => messages.length > 0).map(({ companyId }) => companyId),
    ),
  );
  const notices: NewNotice[] = [];
  for (const { companyId, upTo, messages } of directories) {
    for (const message of messages)
      for (const contract of contractsOf(modules.filter((module) => module.companyId === companyId)))
        notices.push(...addressed(contract, modules, placeOf(message), contract.events.tell(eventOf(message))));
    await partnerDirectoryRead(tx, companyId, upTo);
  }
  await addNotices(tx, notices);
}

const eventOf = ({ at, timeZone, messageId, extension, number, name, durationMs }: PartnerMessage): CompanyEvent => ({
  at: at.getTime(),
  timeZone: timeZone ?? localeOf({}).timeZone,
  event: { type: 'message', messageId, extension, number, name, durationMs },
});

/** Notices are told apart by call and fact: an event of the directory counts below nought. */
const placeOf = ({ companyId, callId, n, at }: PartnerMessage) => ({ companyId, callId, n: -n, at });

/** What a reading of facts came to. */
export interface Projected {
  /** Another worker is at it. */
  readonly elsewhere: boolean;
  /** There may be more. */
  readonly more: boolean;
  /** Something was put into an outbox. */
  readonly told: boolean;
}

/** Facts of calls that have come since the last time. Rejects when the store cannot be reached. */
export async function projectFacts(store: Store, failed: ReadFailed): Promise<Projected> {
  let [more, told] = [false, false];
  const mine = await asTheOnly(store.db, 'partner-events', async (tx) => {
    const arrived = await arrivedForPartners(tx, BATCH);
    more = arrived.length >= BATCH;
    if (arrived.length === 0) return;
    const notices = await readFacts(tx, arrived, failed);
    told = notices.length > 0;
    // in the order of the facts, so that a module's outbox is
    await addNotices(tx, notices);
    for (const [companyId, last] of new Map(arrived.map((one) => [one.companyId, one])))
      await partnerFactsRead(tx, companyId, last);
  });
  return { elsewhere: !mine, more, told };
}

async function readFacts(tx: Db, arrived: readonly ArrivedForPartners[], failed: ReadFailed): Promise<NewNotice[]> {
  const companies = [...new Set(arrived.map(({ companyId }) => companyId))];
  const calls = new Map(arrived.map(({ callId, companyId }) => [callId, companyId]));
  const spoken = await spokenContracts(tx, companies);
  let modules: readonly Listener[] | null = null;
  const notices: NewNotice[] = [];
  for (const contract of contractsOf(spoken)) {
    const speaking = new Set(spoken.filter((one) => one.contract === contract.name).map(({ companyId }) => companyId));
    const read = await readContract(tx, contract, speaking, calls, failed);
    if (read.length === 0) continue;
    // most facts tell nothing: the modules are looked at only for those that do
    modules ??= listening(await listeningModules(tx, companies));
    for (const { fact, notices: news } of read) notices.push(...addressed(contract, modules, fact, news));
  }
  return notices;
}

/** A module with its settings as its contract reads them. */
interface Listener extends Omit<ListeningModule, 'settings'> {
  readonly settings: object;
}

/** Settings that were read, by module: they change far less often than calls do. */
const known = new Map<string, { readonly text: string; readonly settings: object | null }>();
const MOST_KNOWN = 10_000;

function settingsOf({ id, contract, settings: text }: ListeningModule): object | null {
  const before = known.get(id);
  if (before?.text === text) return before.settings;
  const parsed = partnerContract(contract)?.settings.safeParse(JSON.parse(text));
  const settings = parsed?.success ? (parsed.data as object) : null;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(id, { text, settings });
  return settings;
}

/** Those whose settings their contract takes. */
function listening(modules: readonly ListeningModule[]): Listener[] {
  return modules.flatMap((module) => {
    const settings = settingsOf(module);
    return settings ? [{ ...module, settings }] : [];
  });
}

function contractsOf(spoken: readonly { readonly contract: string }[]): PartnerContract[] {
  const names = new Set(spoken.map(({ contract }) => contract));
  return [...names].flatMap((name) => partnerContract(name) ?? []);
}

/** What is kept of a call: the last record read, and the contract's own memory. */
interface Kept {
  readonly n: number;
  readonly memory: JsonValue;
}

/** A fact, and what its contract tells of it. */
interface ReadFact {
  readonly fact: PartnerFact;
  readonly notices: readonly Notice[];
}

async function readContract(
  tx: Db,
  contract: PartnerContract,
  companies: ReadonlySet<string>,
  calls: ReadonlyMap<string, string>,
  failed: ReadFailed,
): Promise<ReadFact[]> {
  const told: ReadFact[] = [];
  for (const [callId, companyId] of calls) {
    if (!companies.has(companyId)) continue;
    const stored = (await partnerCallMemory(tx, companyId, contract.name, callId)) as Kept | null;
    const { n, memory } = stored ?? { n: 0, memory: {} };
    const records = await partnerFactsOf(tx, companyId, callId, n);
    const last = records.at(-1);
    if (!last) continue;
    for (const fact of records) {
      const notices = fact.body ? read(contract, memory, fact, fact.body, failed) : [];
      if (notices.length > 0) told.push({ fact, notices });
    }
    // a call that is read again from its beginning tells nothing twice: notices are unique
    const over = records.some(({ body }) => body?.type === 'call.ended');
    await keepPartnerCallMemory(tx, companyId, contract.name, callId, over ? null : { n: last.n, memory });
  }
  return told;
}

function read(
  contract: PartnerContract,
  memory: JsonValue,
  row: PartnerFact,
  body: Fact,
  failed: ReadFailed,
): readonly Notice[] {
  const fact: CallFact = {
    at: row.at.getTime(),
    fact: body,
    call: {
      number: row.callNumber,
      externalId: row.externalId,
      direction: row.direction as CallFact['call']['direction'],
      placed: row.placed,
      timeZone: row.timeZone ?? localeOf({}).timeZone,
    },
    trunk: row.trunk,
    other: row.other,
    command: row.command,
  };
  try {
    return contract.events.read(memory as object, fact);
  } catch (error) {
    failed(contract.name, body.type, error);
    return [];
  }
}

/** What each module wants of it, from when it was switched on. */
function addressed(
  contract: PartnerContract,
  modules: readonly Listener[],
  fact: Pick<PartnerFact, 'companyId' | 'callId' | 'n' | 'at'>,
  notices: readonly Notice[],
): NewNotice[] {
  return modules.flatMap((module) => {
    if (module.companyId !== fact.companyId || module.enabledAt > fact.at) return [];
    return notices.flatMap((notice, place) =>
      (notice.moduleId === null || notice.moduleId === module.id) && contract.events.wants(module.settings, notice)
        ? [{ moduleId: module.id, companyId: module.companyId, callId: fact.callId, fact: fact.n, place, notice }]
        : [],
    );
  });
}
