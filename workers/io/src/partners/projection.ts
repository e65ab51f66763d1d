/**
 * From facts to what partners are told: every fact of a company with modules is read once, in the order of arrival, by each contract
 * that a module of the company speaks; what it tells goes to the outbox of every module that wants it. Memory, notices and the place
 * read up to are written in one transaction, so that a crash repeats nothing.
 */
import type { Fact, JsonValue } from '@callwright/engine';
import { type CallFact, type Notice, type PartnerContract, partnerContract } from '@callwright/partners';
import {
  addNotices,
  asTheOnly,
  type Db,
  keepPartnerCallMemory,
  type ListeningModule,
  listeningModules,
  localeOf,
  type NewNotice,
  type PartnerFact,
  partnerCallMemory,
  partnerFacts,
  partnerFactsRead,
  type Store,
} from '@callwright/store';

const BATCH = 500;

/** Told of a contract that could not read a fact: a fault of ours, which must not hold up what follows. */
export type ReadFailed = (contract: string, fact: string, error: unknown) => void;

/** One round; true when there may be more. Rejects when the store cannot be reached. */
export async function projectFacts(store: Store, failed: ReadFailed): Promise<boolean> {
  let full = false;
  await asTheOnly(store.db, 'partner-events', async (tx) => {
    const facts = await partnerFacts(tx, BATCH);
    full = facts.length >= BATCH;
    if (facts.length === 0) return;
    const modules = await listeningModules(tx, [...new Set(facts.map(({ companyId }) => companyId))]);
    const notices: NewNotice[] = [];
    for (const contract of contractsOf(modules)) {
      const speakers = modules.filter((module) => module.contract === contract.name);
      notices.push(...(await readContract(tx, contract, speakers, facts, failed)));
    }
    // in the order of the facts, so that a module's outbox is
    await addNotices(tx, notices);
    for (const [companyId, last] of new Map(facts.map((fact) => [fact.companyId, fact])))
      await partnerFactsRead(tx, companyId, last);
  });
  return full;
}

function contractsOf(modules: readonly ListeningModule[]): PartnerContract[] {
  const names = new Set(modules.map(({ contract }) => contract));
  return [...names].flatMap((name) => partnerContract(name) ?? []);
}

async function readContract(
  tx: Db,
  contract: PartnerContract,
  modules: readonly ListeningModule[],
  facts: readonly PartnerFact[],
  failed: ReadFailed,
): Promise<NewNotice[]> {
  const companies = new Set(modules.map(({ companyId }) => companyId));
  const memories = new Map<string, { companyId: string; memory: JsonValue; over: boolean }>();
  const told: NewNotice[] = [];
  for (const fact of facts) {
    if (!companies.has(fact.companyId)) continue;
    let kept = memories.get(fact.callId);
    if (!kept) {
      const memory = await partnerCallMemory(tx, fact.companyId, contract.name, fact.callId);
      kept = { companyId: fact.companyId, memory: memory ?? {}, over: false };
      memories.set(fact.callId, kept);
    }
    const notices = read(contract, kept.memory, fact, failed);
    told.push(...addressed(contract, modules, fact, notices));
    kept.over ||= fact.body.type === 'call.ended';
  }
  for (const [callId, { companyId, memory, over }] of memories)
    await keepPartnerCallMemory(tx, companyId, contract.name, callId, over ? null : memory);
  return told;
}

function read(contract: PartnerContract, memory: JsonValue, row: PartnerFact, failed: ReadFailed): readonly Notice[] {
  const fact: CallFact = {
    at: row.at.getTime(),
    fact: row.body as Fact,
    call: {
      number: row.callNumber,
      externalId: row.externalId,
      direction: row.direction as CallFact['call']['direction'],
      placed: row.placed,
      timeZone: row.timeZone ?? localeOf({}).timeZone,
    },
    trunk: row.trunk,
    command: row.command,
  };
  try {
    return contract.events.read(memory as object, fact);
  } catch (error) {
    failed(contract.name, row.body.type, error);
    return [];
  }
}

/** What each module wants of it, from when it was made. */
function addressed(
  contract: PartnerContract,
  modules: readonly ListeningModule[],
  fact: PartnerFact,
  notices: readonly Notice[],
): NewNotice[] {
  return modules.flatMap((module) => {
    if (module.companyId !== fact.companyId || module.createdAt > fact.at) return [];
    const settings = contract.settings.safeParse(module.settings);
    if (!settings.success) return [];
    return notices.flatMap((notice, place) =>
      (notice.moduleId === null || notice.moduleId === module.id) && contract.events.wants(settings.data, notice)
        ? [{ moduleId: module.id, companyId: module.companyId, callId: fact.callId, fact: fact.n, place, notice }]
        : [],
    );
  });
}
