/** Names in the reader's language: of kinds, outcomes, diagnostics. */
import { type FlowNode, NODES, type Words } from '@callwright/engine';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

export interface Wording {
  readonly words: (text: Words) => string;
  /** An outcome: in words where it is one that many kinds share, else as the author named it. */
  readonly outcome: (name: string) => string;
  /** A node: its label, else what its id says, else its kind’s title. */
  readonly node: (node: FlowNode) => string;
  readonly kind: (kind: string) => string;
  /** What the node does, in one line. */
  readonly summary: (node: FlowNode) => string;
}

/** An id that an author chose says more than the kind: `main-menu` → `Main menu`. Empty for one that was made up. */
function nameInId({ id, kind }: FlowNode): string {
  if (id === kind || id.replace(/-[0-9]+$/, '') === kind) return '';
  const text = id.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function useWording(): Wording {
  const { t, i18n } = useTranslation('editor');
  return useMemo(() => {
    const words = (text: Words) => (i18n.language.startsWith('fr') ? text.fr : text.en);
    const kind = (name: string) => (NODES[name] ? words(NODES[name].title) : name);
    return {
      words,
      kind,
      outcome: (name) => t(`outcomes.${name}`, { defaultValue: name }),
      node: (node) => node.label || nameInId(node) || kind(node.kind),
      summary: (node) => {
        const definition = NODES[node.kind];
        const parsed = definition?.config.safeParse(node.config);
        return definition && parsed?.success ? words(definition.summary(parsed.data)) : t('invalidSettings');
      },
    };
  }, [t, i18n.language]);
}
