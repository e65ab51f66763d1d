/** Which flows name an entity, found by what their nodes say they refer to. */
import { type FlowDocument, type Reference, referencesOf } from '@callwright/engine';
import { type CompanyScope, type Db, flowContents, type NamedEntity, namesOfEntity } from '@callwright/store';

export type UsedType = 'prompt' | NamedEntity;

interface FlowUse {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly draft: string[];
  readonly published: string[];
}

/** Flows read at once: documents are large. */
const PAGE = 50;

function isUse(reference: Reference, type: UsedType, names: ReadonlySet<string>): boolean {
  if (reference.to === 'audio') return type === 'prompt' && names.has(reference.name);
  if (reference.to === 'flow') return type === 'flow' && names.has(reference.name);
  return reference.to === 'entity' && reference.type === type && names.has(reference.id);
}

const nodesNaming = (document: FlowDocument | undefined, type: UsedType, names: ReadonlySet<string>): string[] =>
  (document?.nodes ?? [])
    .filter((node) => referencesOf(node).some((one) => isUse(one, type, names)))
    .map(({ id }) => id);

/** Flows whose draft or published revision names the entity by id or unique name. */
export async function usesInFlows(db: Db, company: CompanyScope, type: UsedType, key: string): Promise<FlowUse[]> {
  const names = new Set(type === 'prompt' ? [key] : await namesOfEntity(db, company, type, key));
  if (names.size === 0) return [];
  const uses: FlowUse[] = [];
  for (let after: string | null = null; ; ) {
    const page = await flowContents(db, company, after, PAGE);
    for (const { id, name, title, draft, published } of page) {
      const root = published?.documents[published.root]?.document;
      const use = { draft: nodesNaming(draft.document, type, names), published: nodesNaming(root, type, names) };
      if (use.draft.length + use.published.length > 0) uses.push({ id, name, title, ...use });
    }
    if (page.length < PAGE) return uses;
    after = page.at(-1)!.id;
  }
}
