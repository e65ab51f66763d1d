/** What the first-run pages make, in steps that may be done again: what an earlier try has made is taken up. */
import { routes } from '@callwright/api-contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { Language } from '../../app/i18n.ts';
import { draftOf, type FlowFile, flowNameOf, renamed } from '../flows/flow-files.ts';

export interface Person {
  readonly givenName: string;
  readonly familyName: string;
  readonly extension: string;
}

export interface Plan {
  /** Empty: the company keeps its name. */
  readonly company: string;
  readonly people: readonly Person[];
  readonly flowTitle: string;
  /** Number that leads to the flow. */
  readonly dialled: string;
}

export interface MadePhone {
  readonly name: string;
  readonly extension: string;
  readonly username: string;
  readonly password: string;
}

export interface FirstRun {
  readonly phones: readonly MadePhone[];
  readonly flowId: string;
}

/** Form of a number that can be dialled, for a field's `pattern`. */
export const DIALLED = '\\+?[0-9*#]{1,32}';

/** Flow of the catalogue that is copied, and its variables for the two extensions. */
const TEMPLATE = 'welcome';
const VARIABLES = ['first', 'second'] as const;

export function useFirstRun(companyId: string | null, language: Language) {
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: (plan: Plan) => make(plan, companyId, language),
    onSettled: () => client.invalidateQueries(),
  });
  return {
    start: (plan: Plan, then: () => void) => run.mutate(plan, { onSuccess: then }),
    made: run.data ?? null,
    isBusy: run.isPending,
    error: run.error,
  };
}

async function make(plan: Plan, companyId: string | null, language: Language): Promise<FirstRun> {
  if (plan.company.trim() && companyId)
    await call(routes.updateOwner, { params: { id: companyId }, body: { name: plan.company.trim() } });
  const phones: MadePhone[] = [];
  for (const person of plan.people) phones.push(await makePhone(person, language));
  const flowId = await makeFlow(plan, language);
  await makeNumber(plan, flowId);
  return { phones, flowId };
}

async function makePhone(person: Person, language: Language): Promise<MadePhone> {
  const { extension } = person;
  const known = (await call(routes.listUsers, { query: { extension } })).items[0];
  const user = known ?? (await call(routes.createUser, { body: { ...person, language } }));
  const params = { id: user.id };
  const device =
    (await call(routes.listDevices, { params })).items[0] ?? (await call(routes.createDevice, { params, body: {} }));
  const { username, password } = await call(routes.showDeviceSecret, { params: { id: device.id } });
  const name = [user.givenName, user.familyName].filter(Boolean).join(' ');
  return { name, extension, username, password };
}

async function makeFlow({ flowTitle, people }: Plan, language: Language): Promise<string> {
  const name = flowNameOf(flowTitle);
  const known = (await call(routes.listFlows, { query: { name } })).items[0];
  const made = known ?? (await copyTemplate(flowTitle, people, language));
  if (!made.published) await call(routes.publishFlow, { params: { id: made.id }, body: {} });
  return made.id;
}

async function copyTemplate(title: string, people: readonly Person[], language: Language) {
  const template = (await call(routes.listFlows, { query: { name: TEMPLATE } })).items[0];
  if (!template) throw new Error('the company has no template');
  const { document, ...rest } = renamed(await draftOf(template.id), title);
  const extensions = new Map<string, string>(VARIABLES.map((name, at) => [name, people[at]?.extension ?? '']));
  const variables = (document.variables as readonly { name: string }[]).map((variable) =>
    extensions.has(variable.name) ? { ...variable, initial: extensions.get(variable.name) } : variable,
  );
  const file: FlowFile = { ...rest, document: { ...document, language, variables } };
  return call(routes.createFlow, { body: { file: file as unknown as Record<string, unknown> } });
}

async function makeNumber({ dialled, flowTitle }: Plan, flowId: string): Promise<void> {
  const destination = { type: 'flow', id: flowId };
  const known = (await call(routes.listNumbers, { query: { dialled } })).items[0];
  if (known) await call(routes.updateNumber, { params: { id: known.id }, body: { destination } });
  else
    await call(routes.createNumber, {
      body: { dialled, kind: 'service', label: flowTitle, public: false, destination },
    });
}
