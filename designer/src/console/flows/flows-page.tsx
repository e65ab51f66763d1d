/** All flows: searched, made from others as templates, imported and exported. */
import { type Flow, routes } from '@callwright/api-contract';
import { ActionIcon, Anchor, Badge, Button, FileButton, Menu, Table, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconActivity,
  IconAffiliate,
  IconCopy,
  IconDots,
  IconDownload,
  IconPlus,
  IconSearch,
  IconTrash,
  IconUpload,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type * as z from 'zod';
import { useAskList, useTell } from '../../app/ask.ts';
import { tellFailure } from '../../app/failure.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { UsesDialog } from '../../app/uses.tsx';
import { localTime } from '../resources/cell.tsx';
import { TableHead } from '../table-head.tsx';
import { download, draftOf, readFlowFile } from './flow-files.ts';
import { NewFlowDialog } from './new-flow-dialog.tsx';

type FlowRow = z.infer<typeof Flow>;

export function FlowsPage() {
  const { t } = useTranslation('console');
  const may = useMay();
  const [wanted, setWanted] = useState('');
  const [template, setTemplate] = useState<FlowRow | 'choose' | null>(null);
  const query = useAskList(routes.listFlows, { query: { limit: '500' } });
  const text = wanted.trim().toLowerCase();
  const shown = query.items.filter(({ name, title }) => `${name} ${title}`.toLowerCase().includes(text));
  return (
    <Page
      title={t('flows.title')}
      about={t('flows.about')}
      actions={
        may('flows') && (
          <>
            <ImportButton />
            <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setTemplate('choose')}>
              {t('flows.new')}
            </Button>
          </>
        )
      }
    >
      <TextInput
        type="search"
        aria-label={t('flows.search')}
        placeholder={t('flows.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        maw={360}
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      <Awaited query={query}>
        {shown.length === 0 ? <Text>{t('flows.empty')}</Text> : <FlowTable flows={shown} onCopy={setTemplate} />}
      </Awaited>
      {template && (
        <NewFlowDialog
          templates={query.items}
          template={template === 'choose' ? null : template}
          onClose={() => setTemplate(null)}
        />
      )}
    </Page>
  );
}

function ImportButton() {
  const { t } = useTranslation('console');
  const navigate = useNavigate();
  const create = useTell(routes.createFlow, {
    done: t('flows.imported'),
    onSuccess: ({ id }) => void navigate(`/flows/${id}`),
  });
  const take = async (chosen: File | null) => {
    if (!chosen) return;
    const file = await readFlowFile(chosen);
    if (file) create.mutate({ body: { file: file as unknown as Record<string, unknown> } });
    else tellFailure(new Error('no flow file'));
  };
  return (
    <FileButton accept="application/json,.json" onChange={(chosen) => void take(chosen)}>
      {(props) => (
        <Button
          {...props}
          variant="default"
          loading={create.isPending}
          leftSection={<IconUpload size={18} aria-hidden />}
        >
          {t('flows.import')}
        </Button>
      )}
    </FileButton>
  );
}

interface FlowTableProps {
  readonly flows: readonly FlowRow[];
  readonly onCopy: (flow: FlowRow) => void;
}

function FlowTable({ flows, onCopy }: FlowTableProps) {
  const { t, i18n } = useTranslation('console');
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table verticalSpacing="xs" highlightOnHover aria-label={t('flows.title')}>
        <TableHead
          columns={[t('flows.flowTitle'), t('flows.name'), t('flows.published'), t('flows.updated')]}
          actions
        />
        <Table.Tbody>
          {flows.map((flow) => (
            <Table.Tr key={flow.id}>
              <Table.Td>
                <Anchor component={Link} to={`/flows/${flow.id}`} underline="always">
                  {flow.title || flow.name}
                </Anchor>
              </Table.Td>
              <Table.Td ff="monospace">{flow.name}</Table.Td>
              <Table.Td>
                <Badge variant="default">
                  {flow.published ? t('flows.revision', { number: flow.published.number }) : t('flows.draft')}
                </Badge>
              </Table.Td>
              <Table.Td>{localTime(flow.updatedAt, i18n.language)}</Table.Td>
              <Table.Td ta="right">
                <FlowMenu flow={flow} onCopy={onCopy} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function FlowMenu({ flow, onCopy }: { readonly flow: FlowRow; readonly onCopy: (flow: FlowRow) => void }) {
  const { t } = useTranslation(['console', 'resources']);
  const may = useMay();
  const name = flow.title || flow.name;
  const remove = useTell(routes.deleteFlow, { done: t('resources:removed') });
  const confirm = () =>
    modals.openConfirmModal({
      title: t('resources:removeTitle', { name }),
      children: t('flows.removeAbout'),
      labels: { confirm: t('resources:remove'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: () => remove.mutate({ params: { id: flow.id } }),
    });
  const [uses, setUses] = useState(false);
  return (
    <>
      {uses && <UsesDialog type="flow" entity={flow.id} name={name} onClose={() => setUses(false)} />}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" aria-label={t('flows.actionsOf', { name })}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {flow.published && (
            <Menu.Item
              component={Link}
              to={`/flows/${flow.id}/live`}
              leftSection={<IconActivity size={16} aria-hidden />}
            >
              {t('flows.live')}
            </Menu.Item>
          )}
          {may('flows') && (
            <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={() => onCopy(flow)}>
              {t('flows.duplicate')}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconDownload size={16} aria-hidden />}
            onClick={() => void draftOf(flow.id).then(download, tellFailure)}
          >
            {t('flows.export')}
          </Menu.Item>
          {may('flows') && (
            <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={confirm}>
              {t('resources:remove')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconAffiliate size={16} aria-hidden />} onClick={() => setUses(true)}>
            {t('uses.button', { ns: 'app' })}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
