import { routes } from '@callwright/api-contract';
import type { Diagnostic } from '@callwright/engine';
import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFailure, call } from '../../api/client.ts';
import type { Autosave } from '../autosave.ts';
import { useEditor, useEditorStore } from '../editor-store.ts';
import { Dialog } from './dialog.tsx';

/** Publishing: the draft is saved first, then refused with all diagnostics or made a revision. */
export function PublishDialog({ autosave }: { readonly autosave: () => Autosave | null }) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const client = useQueryClient();
  const opened = useEditor((state) => state.dialog === 'publish');
  const diagnostics = useEditor((state) => state.diagnostics);
  const flowId = useEditor((state) => state.flowId);
  const [comment, setComment] = useState('');
  const close = () => store.getState().set({ dialog: null });
  const publish = useMutation({
    mutationFn: async () => {
      const version = await autosave()?.flush();
      if (version === null || version === undefined) throw new ApiFailure('offline', null);
      return call(routes.publishFlow, { params: { id: flowId }, body: { version, comment } });
    },
    onSuccess: async ({ revision }) => {
      close();
      setComment('');
      notifications.show({ color: 'teal', message: t('published', { number: revision.number }) });
      await client.invalidateQueries({ queryKey: ['revisions', flowId] });
      await client.invalidateQueries({ queryKey: ['flow', flowId] });
    },
    onError: (error) => {
      if (!(error instanceof ApiFailure)) return;
      const found = (error.problem?.diagnostics ?? []) as unknown as Diagnostic[];
      if (error.code === 'API_FLOW_INVALID') store.getState().diagnose(found);
      if (error.code !== 'API_FLOW_UNTESTED') return;
      const { document } = store.getState().history.draft;
      store.getState().set({ gate: { document, diagnostics: found } });
    },
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return (
    <Dialog opened={opened} onClose={close} title={t('keys.publish')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          publish.mutate();
        }}
      >
        <Stack>
          <Text size="sm">{t('publishHint')}</Text>
          {errors > 0 ? (
            <Alert color="red" title={t('publishBlocked', { count: errors })}>
              <ShowProblems />
            </Alert>
          ) : null}
          {publish.isError && errors === 0 ? (
            <Alert color="red">
              {publish.error instanceof ApiFailure
                ? t(`failures.${publish.error.code}`, { defaultValue: publish.error.message })
                : t('failures.offline')}
              {publish.error instanceof ApiFailure && publish.error.code === 'API_FLOW_UNTESTED' ? (
                <Group mt="xs">
                  <ShowProblems />
                </Group>
              ) : null}
            </Alert>
          ) : null}
          <TextInput
            label={t('versionName')}
            maxLength={500}
            data-autofocus
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" disabled={errors > 0} loading={publish.isPending}>
              {t('keys.publish')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function ShowProblems() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  return (
    <Button
      size="xs"
      variant="default"
      onClick={() => store.getState().set({ dialog: null, tab: 'problems', panelOpen: true })}
    >
      {t('showProblems')}
    </Button>
  );
}
