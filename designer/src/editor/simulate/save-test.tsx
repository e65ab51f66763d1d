import { routes } from '@callwright/api-contract';
import type { ScriptStep } from '@callwright/engine/testing';
import { Button, Group, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useEditor } from '../editor-store.ts';

interface SaveTestProps {
  readonly script: readonly ScriptStep[];
  readonly path: readonly string[];
}

/** Keeps a run as a test of the flow: the same script must take the same way from now on. */
export function SaveTest({ script, path }: SaveTestProps) {
  const { t } = useTranslation('editor');
  const client = useQueryClient();
  const flowId = useEditor((state) => state.flowId);
  const [name, setName] = useState('');
  const save = useMutation({
    mutationFn: () =>
      call(routes.putFlowTest, {
        params: { id: flowId, name },
        body: { script: script.map((step) => ({ ...step })), path: [...path] },
      }),
    onSuccess: async () => {
      notifications.show({ color: 'teal', message: t('tests.saved', { name }) });
      setName('');
      await client.invalidateQueries({ queryKey: ['flow-tests', flowId] });
    },
    onError: () => notifications.show({ color: 'red', message: t('failures.offline') }),
  });
  const valid = /^[a-z0-9][a-z0-9-]{0,62}$/.test(name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Group align="end" wrap="nowrap">
        <TextInput
          flex={1}
          size="xs"
          label={t('tests.saveAs')}
          placeholder="press-1-reaches-sales"
          value={name}
          error={name !== '' && !valid ? t('tests.nameWrong') : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          size="xs"
          type="submit"
          variant="default"
          disabled={!valid || script.length === 0}
          loading={save.isPending}
        >
          {t('tests.save')}
        </Button>
      </Group>
    </form>
  );
}
