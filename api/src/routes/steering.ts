/** Looking into a running call and steering it through its flow; who did what is kept in the audit log. */
import { steeringRoutes as routes } from '@callwright/api-contract';
import type { Prompt, RevisionClosure } from '@callwright/engine';
import { type Inspected, inspectCall, revisionsOf } from '@callwright/engine/replay';
import { type CompanyScope, CryptoError, closureByHash, getCallView, getPrompt, wholeRecords } from '@callwright/store';
import type * as z from 'zod';
import { command } from '../calls/control.ts';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, isoOrNull } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

/** A longer call is not looked into rather than holding up the others. */
const MOST_RECORDS = 5_000;

async function stateOf({ store: { db }, keyring }: Services, company: CompanyScope, id: string) {
  try {
    const records = await wholeRecords(db, keyring, company, id, MOST_RECORDS);
    if (!records) return null;
    const closures: Record<string, RevisionClosure> = {};
    for (const hash of revisionsOf(records)) {
      const closure = await closureByHash(db, company, hash);
      if (closure) closures[hash] = closure;
    }
    return inspectCall(records, closures);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

function stateView({ life, flow, parties }: Inspected) {
  return {
    life,
    flow: flow && { ...flow, outcomes: [...flow.outcomes], variables: [...flow.variables] },
    parties: parties.map(({ leg, ...party }) => ({
      ...party,
      leg: leg && {
        id: leg.id,
        state: leg.life,
        direction: leg.direction,
        holds: leg.holds,
        answeredAt: isoOrNull(leg.answeredAt === null ? null : new Date(leg.answeredAt)),
      },
    })),
  };
}

type Said = z.output<typeof routes.sayToCall.body>['say'];

/** No key of the hearer cuts it short. */
async function promptOf({ store: { db } }: Services, company: CompanyScope, say: Said): Promise<Prompt> {
  if (say.type === 'text') {
    const { text, language } = say;
    return { items: [{ type: 'text', text, ...(language === null ? {} : { language }) }], bargeIn: false };
  }
  const prompt = await getPrompt(db, company, say.name);
  if (!prompt) throw new ApiError('API_UNKNOWN_REFERENCE');
  return { items: [{ type: 'audio', name: prompt.name, hash: prompt.content_hash }], bargeIn: false };
}

export function steeringHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  return [
    implement(routes.getCallState, async ({ params }, { company }) => {
      found(await getCallView(db, company, params.id));
      const state = await stateOf(services, company, params.id);
      return { state: state && stateView(state) };
    }),
    implement(routes.skipNode, async ({ params, body: { node, outcome } }, context) => {
      const done = await command(services, params.id, { kind: 'skip', node, outcome }, context);
      const entity = { type: 'call', id: params.id };
      await context.audit({ action: 'call.node-skipped', entity, detail: { node, outcome } });
      return done;
    }),
    implement(routes.sayToCall, async ({ params, body }, context) => {
      const prompt = await promptOf(services, context.company, body.say);
      const { leg, both, say } = body;
      const done = await command(services, params.id, { kind: 'say', leg, both, prompts: [prompt] }, context);
      const what: Record<string, string | number> =
        say.type === 'text' ? { characters: say.text.length } : { prompt: say.name };
      const entity = { type: 'call', id: params.id };
      await context.audit({ action: 'call.told', entity, detail: { leg, both, ...what } });
      return done;
    }),
  ];
}
