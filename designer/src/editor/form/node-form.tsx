import { canonicalJson, configSchemas, type FlowNode, type JsonValue, NODES, referencesOf } from '@callwright/engine';
import { ActionIcon, Button, Divider, Group, Input, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import type { ErrorSchema } from '@rjsf/utils';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { CATEGORY_COLOURS, iconOf } from '../canvas/icons.ts';
import { useWording, type Wording } from '../canvas/words.ts';
import { deleteSelection } from '../commands.ts';
import { useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { late } from '../late.tsx';
import { outcomesOf } from '../model/draft.ts';
import { connect, disconnect, setConfig, setLabel } from '../model/edit.ts';
import { SchemaForm } from './schema-form.tsx';
import { ExtraNames } from './widgets.tsx';

/** The engine’s own runner comes with it: only where a node asks something. */
const TryRequest = late(async () => (await import('./try-request.tsx')).TryRequest);

let schemas: ReturnType<typeof configSchemas> | null = null;
/** Schemas of all kinds, made once. */
function schemaOf(kind: string): object | undefined {
  schemas ??= configSchemas();
  return schemas[kind];
}

/** Findings of lint about a node’s settings, where the form shows them. */
function useErrors(node: FlowNode, { words }: Wording): ErrorSchema {
  const diagnostics = useEditor((state) => state.diagnostics);
  return useMemo(() => {
    const root: Record<string, unknown> = {};
    for (const { node: id, path, message } of diagnostics) {
      if (id !== node.id || path[2] !== 'config') continue;
      let at = root;
      for (const part of path.slice(3)) {
        at[part] ??= {};
        at = at[part] as Record<string, unknown>;
      }
      at.__errors = [...((at.__errors as string[] | undefined) ?? []), words(message)];
    }
    return root as ErrorSchema;
  }, [diagnostics, node.id, words]);
}

/** Whether two settings mean the same: the form writes defaults out, which is no change. */
function means(node: FlowNode, config: unknown): boolean {
  const definition = NODES[node.kind];
  const [old, now] = [definition?.config.safeParse(node.config), definition?.config.safeParse(config)];
  const plain = (value: unknown) => canonicalJson(JSON.parse(JSON.stringify(value ?? null)) as JsonValue);
  return old?.success && now?.success ? plain(old.data) === plain(now.data) : plain(node.config) === plain(config);
}

/** Settings, label and connections of the selected node. */
export function NodeForm({ node }: { readonly node: FlowNode }) {
  const { t } = useTranslation('editor');
  const wording = useWording();
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  const errors = useErrors(node, wording);
  const definition = NODES[node.kind];
  const schema = schemaOf(node.kind);
  const names = useMemo(
    () => [...new Set(referencesOf(node).flatMap((one) => (one.to === 'expression' ? (one.extra ?? []) : [])))],
    [node],
  );
  const Icon = iconOf(definition?.icon ?? '');
  const colour = CATEGORY_COLOURS[definition?.category ?? ''] ?? 'gray';
  return (
    <Stack gap="md" p="md">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Icon size={24} color={`var(--mantine-color-${colour}-filled)`} aria-hidden />
        <div style={{ flex: 1 }}>
          <Title order={2} size="h5">
            {wording.kind(node.kind)}
          </Title>
          <Text size="xs" c="dimmed">
            {definition ? wording.words(definition.description) : ''}
          </Text>
        </div>
        {definition?.category === 'start' || readOnly ? null : (
          <ActionIcon variant="subtle" color="red" aria-label={t('keys.delete')} onClick={() => deleteSelection(store)}>
            <IconTrash size={18} />
          </ActionIcon>
        )}
      </Group>
      <TextInput
        label={t('label')}
        description={t('nodeIdHint', { id: node.id })}
        data-node-label
        maxLength={100}
        readOnly={readOnly}
        placeholder={wording.kind(node.kind)}
        value={node.label}
        onChange={(event) => {
          const { value } = event.currentTarget;
          store.getState().edit((draft) => setLabel(draft, node.id, value), `label ${node.id}`);
        }}
      />
      {schema ? (
        <div data-node-form>
          <ExtraNames value={names}>
            <SchemaForm
              key={node.id}
              id={`node-${node.id}`}
              schema={schema}
              value={node.config}
              errors={errors}
              readOnly={readOnly}
              onChange={(config) => {
                if (means(node, config)) return;
                store
                  .getState()
                  .edit((draft) => setConfig(draft, node.id, config as Record<string, JsonValue>), `config ${node.id}`);
              }}
            />
          </ExtraNames>
        </div>
      ) : null}
      {typeof node.config.url === 'string' ? <TryRequest key={node.id} node={node} /> : null}
      <Connections node={node} wording={wording} />
    </Stack>
  );
}

/** Where each outcome leads: the canvas without a mouse. */
function Connections({ node, wording }: { readonly node: FlowNode; readonly wording: Wording }) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const draft = useDraft();
  const readOnly = useEditor((state) => state.readOnly);
  const outcomes = outcomesOf(draft, node);
  if (outcomes.length === 0) return null;
  const targets = draft.document.nodes
    .filter((one) => NODES[one.kind]?.category !== 'start')
    .map((one) => ({ value: one.id, label: one.label ? `${one.label} (${one.id})` : one.id }));
  return (
    <section aria-label={t('connections')}>
      <Divider label={t('connections')} mb="xs" />
      <Stack gap={6}>
        {outcomes.map((outcome) => {
          const wire = { from: node.id, outcome };
          const edge = draft.document.edges.find((one) => one.from === node.id && one.outcome === outcome);
          return (
            <Input.Wrapper key={outcome}>
              <Group gap={6} wrap="nowrap" align="end">
                <Select
                  flex={1}
                  size="xs"
                  label={wording.outcome(outcome)}
                  placeholder={t('nowhere')}
                  searchable
                  clearable
                  readOnly={readOnly}
                  data={targets}
                  value={edge?.to ?? null}
                  onChange={(to) =>
                    store.getState().edit((now) => (to === null ? disconnect(now, [wire]) : connect(now, wire, to)))
                  }
                />
                <ActionIcon
                  size={30}
                  variant="default"
                  disabled={readOnly}
                  aria-label={t('addNodeAfter', { outcome: wording.outcome(outcome) })}
                  onClick={() => store.getState().set({ palette: { after: wire, at: null } })}
                >
                  <IconPlus size={14} />
                </ActionIcon>
              </Group>
              {edge ? (
                <Button size="compact-xs" variant="subtle" onClick={() => store.getState().show(edge.to)}>
                  {t('goThere')}
                </Button>
              ) : null}
            </Input.Wrapper>
          );
        })}
      </Stack>
    </section>
  );
}
