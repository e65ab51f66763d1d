import { type Flow, routes } from '@callwright/api-contract';
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type * as z from 'zod';
import { useTell } from '../../app/ask.ts';
import { tellFailure } from '../../app/failure.ts';
import { draftOf, emptyFlow, flowNameOf, renamed } from './flow-files.ts';

type FlowRow = z.infer<typeof Flow>;

interface NewFlowDialogProps {
  readonly templates: readonly FlowRow[];
  /** What is copied, when that is known already. */
  readonly template: FlowRow | null;
  readonly onClose: () => void;
}

/** In the list of templates: none of them. */
const EMPTY = 'empty';

/** Makes a flow as a copy of another, every flow being a template, or an empty one. */
export function NewFlowDialog({ templates, template, onClose }: NewFlowDialogProps) {
  const { t, i18n } = useTranslation(['console', 'resources']);
  const navigate = useNavigate();
  const [title, setTitle] = useState(template ? t('flows.copyOf', { title: template.title || template.name }) : '');
  const [from, setFrom] = useState(template?.id ?? templates.find(({ name }) => name === 'welcome')?.id ?? EMPTY);
  const create = useTell(routes.createFlow, {
    done: t('resources:created'),
    onSuccess: ({ id }) => {
      onClose();
      void navigate(`/flows/${id}`);
    },
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const file = renamed(from === EMPTY ? emptyFlow(i18n.language) : await draftOf(from), title.trim());
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
            data={[
              { value: EMPTY, label: t('flows.emptyFlow') },
              ...templates.map((flow) => ({ value: flow.id, label: flow.title || flow.name })),
            ]}
            value={from}
            onChange={(chosen) => setFrom(chosen ?? EMPTY)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" disabled={title.trim() === ''} loading={create.isPending}>
              {t('resources:create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
