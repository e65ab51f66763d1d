/** What is being edited: a flow's document and how it is drawn. Values are never changed in place. */
import { type FlowDocument, FlowFile, type FlowLayout, type FlowNode, NODES } from '@callwright/engine';

/** A flow file whose layout is there. */
export interface Draft {
  readonly document: FlowDocument;
  readonly layout: FlowLayout;
}

/** An edge by where it starts: an outcome has one. */
export interface Wire {
  readonly from: string;
  readonly outcome: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Drafts are drawn on this grid, in canvas units. */
export const GRID = 16;
export const CARD_WIDTH = 240;
const HEAD_HEIGHT = 58;
const ROW_HEIGHT = 24;

/** The draft in a stored file; throws what zod throws for a file the api would refuse too. */
export function readDraft(file: unknown): Draft {
  const { document, layout } = FlowFile.parse(file);
  return { document, layout: layout ?? { positions: {}, notes: [] } };
}

export const wireKey = ({ from, outcome }: Wire): string => `${from}\n${outcome}`;

export const snap = ({ x, y }: Point): Point => ({ x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID });

export function nodeOf(draft: Draft, id: string): FlowNode | undefined {
  return draft.document.nodes.find((node) => node.id === id);
}

/** Outcomes in display order; those of its edges where kind or settings are not valid. */
export function outcomesOf(draft: Draft, node: FlowNode): readonly string[] {
  return declaredOutcomes(node) ?? draft.document.edges.filter(({ from }) => from === node.id).map((e) => e.outcome);
}

/** Outcomes that the settings declare, or null when they are not valid. */
export function declaredOutcomes(node: FlowNode): readonly string[] | null {
  const definition = NODES[node.kind];
  const parsed = definition?.config.safeParse(node.config);
  return definition && parsed?.success ? definition.outcomes(parsed.data) : null;
}

/** Height of a node's card with that many outcomes, in canvas units. */
export const cardHeight = (outcomes: number): number => HEAD_HEIGHT + outcomes * ROW_HEIGHT + (outcomes > 0 ? 8 : 0);

/** An id that is free: `base`, or `base-2`, `base-3` … */
export function freeId(taken: { has(id: string): boolean }, base: string): string {
  if (!taken.has(base)) return base;
  for (let count = 2; ; count += 1) {
    const id = `${base.slice(0, 55)}-${count}`;
    if (!taken.has(id)) return id;
  }
}

export const nodeIds = (draft: Draft): Set<string> => new Set(draft.document.nodes.map(({ id }) => id));

export const nextNumber = (draft: Draft): number => Math.max(0, ...draft.document.nodes.map((node) => node.number)) + 1;
