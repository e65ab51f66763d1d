/** Revisions as canvases: the document with where its nodes stand. */
import { routes } from '@callwright/api-contract';
import type { FlowNode, RevisionClosure } from '@callwright/engine';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../api/client.ts';
import { useWording } from '../editor/canvas/words.ts';
import { type Draft, readDraft } from '../editor/model/draft.ts';
import { placed } from '../editor/model/tidy.ts';
import { outer } from './flow-calls.ts';

export interface ShownRevision {
  readonly hash: string;
  /** Null: a draft that was tried. */
  readonly number: number | null;
  readonly flow: { readonly id: string; readonly name: string; readonly title: string };
  readonly draft: Draft;
}

async function readRevision(hash: string): Promise<ShownRevision> {
  const { number, flow, closure, layout } = await call(routes.findRevision, { params: { hash } });
  const { root, documents } = closure as RevisionClosure;
  const draft = placed(readDraft({ document: documents[root]!.document, layout: layout ?? undefined }));
  return { hash, number, flow, draft };
}

/** A revision by its hash; it never changes. */
export function useRevision(hash: string | null) {
  return useQuery({
    queryKey: ['flows', 'revision', hash],
    queryFn: () => readRevision(hash!),
    enabled: hash !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Names of the nodes of a canvas; a node of a sub-flow is named behind the one that calls it. */
export function useNodeNames(draft: Draft | undefined): (place: string) => string {
  const wording = useWording();
  return useMemo(() => {
    const nodes = new Map<string, FlowNode>(draft?.document.nodes.map((node) => [node.id, node]));
    return (place) => {
      const node = nodes.get(outer(place));
      const name = node ? wording.node(node) : outer(place);
      const inner = place.slice(outer(place).length + 1);
      return inner === '' ? name : `${name} › ${inner}`;
    };
  }, [draft, wording]);
}
