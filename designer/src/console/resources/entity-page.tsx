/** The page of one entity: what is its own in tabs, its settings as the last. The open tab is in the address. */
import type { RouteContract } from '@callwright/api-contract';
import { Anchor, Card, Group, Tabs } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { useAsk } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { UsesSection } from '../../app/uses.tsx';
import { ExternalIds } from './external-ids.tsx';
import { resourceOf } from './registry.ts';
import { addressOf, formOf, nameOf, type Resource, type Row } from './resource.ts';
import { ResourceForm } from './resource-form.tsx';

export interface EntityTab {
  /** In the address. */
  readonly key: string;
  readonly label: string;
  readonly panel: (row: Row) => ReactNode;
}

interface EntityPageProps {
  /** Key of its resource. */
  readonly of: string;
  readonly get: RouteContract;
  readonly tabs: readonly EntityTab[];
  /** Its settings stand before the tabs instead of after them. */
  readonly settingsFirst?: boolean;
  /** Beside its name. */
  readonly actions?: (row: Row) => ReactNode;
}

const SETTINGS = 'settings';

export function EntityPage({ of, get, tabs, settingsFirst = false, actions }: EntityPageProps) {
  const { id = '' } = useParams();
  const { t } = useTranslation('resources');
  const may = useMay();
  const resource = resourceOf(of)!;
  const query = useAsk(get as RouteContract & { body: null }, { params: { id } });
  const row = query.data as unknown as Row | undefined;
  const [search, setSearch] = useSearchParams();
  const mayChange = resource.update !== undefined && may(resource.update.scope as 'directory');
  const settings = {
    key: SETTINGS,
    label: t('settingsTab'),
    panel: (r: Row) => <Settings resource={resource} row={r} />,
  };
  const all = !mayChange ? tabs : settingsFirst ? [settings, ...tabs] : [...tabs, settings];
  const open = all.find(({ key }) => key === search.get('tab'))?.key ?? all[0]?.key ?? null;
  return (
    <Page title={row ? nameOf(resource, row) : t(`${of}.title`)} actions={row && actions?.(row)}>
      <Anchor component={Link} to={addressOf(resource)}>
        <Group gap={4}>
          <IconArrowLeft size={16} aria-hidden />
          {t(`${of}.title`)}
        </Group>
      </Anchor>
      <Awaited query={query}>
        {row && (
          <Tabs
            value={open}
            onChange={(tab) => setSearch(tab ? { tab } : {}, { replace: true })}
            keepMounted={false}
            color="gray"
          >
            <Tabs.List mb="md">
              {all.map(({ key, label }) => (
                <Tabs.Tab key={key} value={key}>
                  {label}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {all.map(({ key, panel }) => (
              <Tabs.Panel key={key} value={key}>
                {panel(row)}
              </Tabs.Panel>
            ))}
          </Tabs>
        )}
      </Awaited>
    </Page>
  );
}

function Settings({ resource, row }: { readonly resource: Resource; readonly row: Row }) {
  const { t } = useTranslation('resources');
  const { update, externalType, used } = resource;
  return (
    <Card withBorder maw={640}>
      {update && (
        <ResourceForm
          key={JSON.stringify(row)}
          route={update}
          params={{ id: row.id }}
          row={row}
          {...formOf(resource)}
          submitLabel={t('save')}
          done={t('saved')}
          onDone={() => {}}
        />
      )}
      {used && <UsesSection type={used} entity={row.id} />}
      {externalType && <ExternalIds type={externalType} id={row.id} />}
    </Card>
  );
}
