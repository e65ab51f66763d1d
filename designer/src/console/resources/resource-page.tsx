/** The page of any resource: its rows as a table, its forms in a drawer. */
import { Button, Drawer, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAskList, useTell } from '../../app/ask.ts';
import { useCompanyId } from '../../app/company.tsx';
import { More } from '../../app/more.tsx';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { UsesSection } from '../../app/uses.tsx';
import { CsvButtons } from './csv-buttons.tsx';
import { ExternalIds } from './external-ids.tsx';
import { formOf, nameOf, type Resource, type Row } from './resource.ts';
import { ResourceForm } from './resource-form.tsx';
import { ResourceTable } from './resource-table.tsx';
import { showSecret } from './secret-dialog.tsx';

interface ResourcePageProps {
  readonly resource: Resource;
  /** Further buttons beside `New`. */
  readonly actions?: ReactNode;
}

/** What the drawer shows: a row to change, or something new. */
type Open = Row | 'new' | null;

export function ResourcePage({ resource, actions }: ResourcePageProps) {
  const { t } = useTranslation('resources');
  const may = useMay();
  const [open, setOpen] = useState<Open>(null);
  const [wanted, setWanted] = useState('');
  const company = useCompanyId();
  // what any owner may have is asked for the company that the pages act on
  const ofOwner = company !== null && 'owner' in resource.list.query.shape ? { owner: company } : {};
  const query = useAskList(resource.list as typeof resource.list & { body: null }, { query: ofOwner as object });
  const rows = query.items as unknown as readonly Row[];
  const shown = rows.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted.trim().toLowerCase()));
  const mayDo = (route: Resource['create']) =>
    route !== undefined && route.scope !== 'any' && route.scope !== 'public' && may(route.scope);
  const remove = useRemove(resource);
  const order = useOrder(resource);
  return (
    <Page
      title={t(`${resource.key}.title`)}
      about={t(`${resource.key}.about`)}
      actions={
        <>
          {actions}
          {resource.csv && <CsvButtons csv={resource.csv} mayImport={mayDo(resource.csv.in)} />}
          {mayDo(resource.create) && (
            <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setOpen('new')}>
              {t('new')}
            </Button>
          )}
        </>
      }
    >
      <TextInput
        type="search"
        aria-label={t('search')}
        placeholder={t('search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        maw={360}
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      <Awaited query={query}>
        <ResourceTable
          resource={resource}
          rows={shown}
          onOpen={mayDo(resource.update) ? setOpen : null}
          onRemove={mayDo(resource.remove) ? remove : null}
          onMove={mayDo(resource.order) && shown.length === rows.length ? (row, by) => order(rows, row, by) : null}
          reveal={mayDo(resource.reveal) ? (resource.reveal ?? null) : null}
        />
        <More query={query} />
      </Awaited>
      <ResourceDrawer resource={resource} open={open} onClose={() => setOpen(null)} />
    </Page>
  );
}

/** Asks before it deletes. */
function useRemove(resource: Resource): (row: Row) => void {
  const { t } = useTranslation('resources');
  const tell = useTell(resource.remove ?? resource.list, { done: t('removed') });
  return (row) =>
    modals.openConfirmModal({
      title: t('removeTitle', { name: nameOf(resource, row) }),
      children: t(`${resource.key}.removeAbout`, { defaultValue: t('removeAbout') }),
      labels: { confirm: t('remove'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: () => tell.mutate({ params: { id: row.id } } as never),
    });
}

/** Puts a row before or after its neighbour. */
function useOrder(resource: Resource): (rows: readonly Row[], row: Row, by: 1 | -1) => void {
  const tell = useTell(resource.order ?? resource.list);
  return (rows, row, by) => {
    const ids = rows.map(({ id }) => id);
    const at = ids.indexOf(row.id);
    [ids[at], ids[at + by]] = [ids[at + by]!, ids[at]!];
    tell.mutate({ params: {}, body: { ids } } as never);
  };
}

interface DrawerProps {
  readonly resource: Resource;
  readonly open: Open;
  readonly onClose: () => void;
}

function ResourceDrawer({ resource, open, onClose }: DrawerProps) {
  const { t } = useTranslation('resources');
  const { create, update, secret, externalType, used, initial } = resource;
  const company = useCompanyId();
  const form = formOf(resource);
  const row = open === 'new' ? null : open;
  const created = (answer: unknown) => {
    onClose();
    const shown = secret ? (answer as Record<string, unknown>)[secret] : undefined;
    if (typeof shown === 'string') showSecret(t(`${resource.key}.secretTitle`), shown);
  };
  return (
    <Drawer
      opened={open !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={row ? nameOf(resource, row) : t(`${resource.key}.newTitle`)}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {open === 'new' && create && (
        <ResourceForm
          route={create}
          {...form}
          initial={{ ...initial, ...(company ? { ownerId: company } : {}) }}
          submitLabel={t('create')}
          done={t('created')}
          onDone={created}
          onCancel={onClose}
        />
      )}
      {row && update && (
        <ResourceForm
          route={update}
          params={{ id: row.id }}
          row={row}
          {...form}
          submitLabel={t('save')}
          done={t('saved')}
          onDone={onClose}
          onCancel={onClose}
        />
      )}
      {row && used && <UsesSection type={used} entity={row.id} />}
      {row && externalType && <ExternalIds type={externalType} id={row.id} />}
    </Drawer>
  );
}
