import { FlowDocument, type FlowVariable } from '@callwright/engine';
import { Stack, Text, Title } from '@mantine/core';
import type { ErrorSchema } from '@rjsf/utils';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod';
import { UsesSection } from '../../app/uses.tsx';
import { useWording } from '../canvas/words.ts';
import { useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { setHead } from '../model/edit.ts';
import { SchemaForm } from './schema-form.tsx';

const Head = FlowDocument.pick({ title: true, name: true, language: true, variables: true });

function headSchema(): object {
  const { $schema: _, ...schema } = z.toJSONSchema(Head, { io: 'input' });
  return schema;
}

/** Settings of the flow itself: shown while no node is selected. */
export function FlowForm() {
  const { t } = useTranslation('editor');
  const { words } = useWording();
  const store = useEditorStore();
  const flowId = useEditor((state) => state.flowId);
  const readOnly = useEditor((state) => state.readOnly);
  const diagnostics = useEditor((state) => state.diagnostics);
  const { title, name, language, variables } = useDraft().document;
  const schema = useMemo(headSchema, []);
  const errors = useMemo(() => {
    const found: Record<string, Record<number, { __errors: string[] }>> = {};
    for (const { path, message } of diagnostics) {
      if (path[0] !== 'variables' || typeof path[1] !== 'number') continue;
      found.variables ??= {};
      found.variables[path[1]] = { __errors: [words(message)] };
    }
    return found as ErrorSchema;
  }, [diagnostics, words]);
  return (
    <Stack gap="md" p="md">
      <div>
        <Title order={2} size="h5">
          {t('flowSettings')}
        </Title>
        <Text size="xs" c="dimmed">
          {t('flowSettingsHint')}
        </Text>
      </div>
      <SchemaForm
        id="flow"
        schema={schema}
        value={{ title, name, language, variables }}
        errors={errors}
        readOnly={readOnly}
        onChange={(value) => {
          const head = value as { title?: string; name?: string; language?: string; variables?: FlowVariable[] };
          const next = {
            title: head.title ?? '',
            name: head.name ?? '',
            language: head.language ?? '',
            variables: (head.variables ?? []).map((one) => ({
              ...one,
              name: one.name ?? '',
              type: one.type ?? 'string',
              initial: one.initial ?? '',
              pii: one.pii ?? false,
            })),
          };
          if (JSON.stringify(next) === JSON.stringify({ title, name, language, variables })) return;
          store.getState().edit((draft) => setHead(draft, next), 'head');
        }}
      />
      <UsesSection type="flow" entity={flowId} />
    </Stack>
  );
}
