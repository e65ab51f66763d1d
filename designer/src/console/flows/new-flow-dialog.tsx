import { type Flow, routes } from '@callwright/api-contract';
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type * as z from 'zod';
import { useTell } from '../../app/ask.ts';
import { tellFailure } from '../../app/failure.ts';
import { draftOf, flowNameOf, renamed } from './flow-files.ts';

type FlowRow = z.infer<typeof Flow>;

interface NewFlowDialogProps {
  readonly templates: readonly FlowRow[];
  /** What is copied, when that is known already. */
  readonly template: FlowRow | null;
  readonly onClose: () => void;
}

/** Makes a flow as a copy of another; every flow is a template. */
export function NewFlowDialog({ templates, template, onClose }: NewFlowDialogProps) {
  const { t } = useTranslation(['console', 'resources']);
  const navigate = useNavigate();
  const [title, setTitle] = useState(template ? t('flows.copyOf', { title: template.title || template.name }) : '');
  const [from, setFrom] = useState(template?.id ?? templates.find(({ name }) => name === 'welcome')?.id ?? null);
  const create = useTell(routes.createFlow, {
    done: t('resources:created'),
    onSuccess: ({ id }) => {
      onClose();
      void navigate(`/flows/${id}`);
    },
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!from) return;
    const file = renamed(await draftOf(from), title.trim());
    create.mutate({ body: { file: file as unknown as Record<string, unknown> } });
  };
  return (
    <Modal opened onClose={onClose} title={t('flows.new')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => void submit(event).catch(tellFailure)}>
        <Stack>
          <TextInput
            label={t('flows.flowTitle')}
            description={title.trim() ? t('flows.nameWillBe', { name: flowNameOf(title) }) : undefined}
            required
            maxLength={120}
            data-autofocus
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Select
            label={t('flows.template')}
            allowDeselect={false}
            searchable
            data={templates.map((flow) => ({ value: flow.id, label: flow.title || flow.name }))}
            value={from}
            onChange={setFrom}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" disabled={title.trim() === '' || !from} loading={create.isPending}>
              {t('resources:create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
