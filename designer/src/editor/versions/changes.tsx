import type { FieldChange, FlowDiff, FlowDocument } from '@callwright/engine';
import { Code, List, Text, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useWording } from '../canvas/words.ts';
import { useDraft, useEditorStore } from '../editor-store.ts';
import { nodeOf } from '../model/draft.ts';

/** Longest value shown of a setting. */
const MOST = 80;

function shown(value: FieldChange['before']): string {
  if (value === null) return '∅';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}

/** The changes of a comparison in words; a click goes to the node. */
export function Changes({ diff, before }: { readonly diff: FlowDiff; readonly before: FlowDocument }) {
  const { t } = useTranslation('editor');
  const wording = useWording();
  const store = useEditorStore();
  const draft = useDraft();
  const name = (id: string) => {
    const node = nodeOf(draft, id) ?? before.nodes.find((one) => one.id === id);
    return node ? wording.node(node) : id;
  };
  const jump = (id: string, text: string) =>
    nodeOf(draft, id) ? (
      <UnstyledButton fz="sm" td="underline" onClick={() => store.getState().show(id)}>
        {text}
      </UnstyledButton>
    ) : (
      <Text span size="sm" td="line-through">
        {text}
      </Text>
    );
  if (diff.same) return <Text size="sm">{t('versions.same')}</Text>;
  const { nodes, edges, variables } = diff;
  return (
    <List size="sm" spacing={2}>
      {diff.fields.map(({ path, before: old, after }) => (
        <List.Item key={path.join('.')}>
          {path.join('.')}: <Code>{shown(old)}</Code> → <Code>{shown(after)}</Code>
        </List.Item>
      ))}
      {nodes.added.map(({ id }) => (
        <List.Item key={`added ${id}`}>+ {jump(id, name(id))}</List.Item>
      ))}
      {nodes.removed.map(({ id }) => (
        <List.Item key={`removed ${id}`}>− {jump(id, name(id))}</List.Item>
      ))}
      {nodes.changed.map(({ id, fields }) => (
        <List.Item key={`changed ${id}`}>
          {jump(id, name(id))}
          {fields.map(({ path, before: old, after }) => (
            <Text key={path.join('.')} size="xs">
              {path.filter((part) => part !== 'config').join('.')}: <Code>{shown(old)}</Code> →{' '}
              <Code>{shown(after)}</Code>
            </Text>
          ))}
        </List.Item>
      ))}
      {edges.added.map(({ from, outcome, to }) => (
        <List.Item key={`+ ${from} ${outcome}`}>
          + {name(from)} · {wording.outcome(outcome)} → {name(to)}
        </List.Item>
      ))}
      {edges.removed.map(({ from, outcome, to }) => (
        <List.Item key={`- ${from} ${outcome}`}>
          − {name(from)} · {wording.outcome(outcome)} → {name(to)}
        </List.Item>
      ))}
      {edges.rewired.map(({ from, outcome, before: old, after }) => (
        <List.Item key={`~ ${from} ${outcome}`}>
          {name(from)} · {wording.outcome(outcome)}: {name(old)} → {name(after)}
        </List.Item>
      ))}
      {variables.added.map(({ name: variable }) => (
        <List.Item key={`+ ${variable}`}>+ {variable}</List.Item>
      ))}
      {variables.removed.map(({ name: variable }) => (
        <List.Item key={`- ${variable}`}>− {variable}</List.Item>
      ))}
      {variables.changed.map(({ name: variable }) => (
        <List.Item key={`~ ${variable}`}>{variable}</List.Item>
      ))}
    </List>
  );
}
