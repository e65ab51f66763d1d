/** One reseller or company: its settings, its theme, and the host names under which that is shown. */
import { ENTITLEMENT_NAMES, routes } from '@callwright/api-contract';
import { Button, Card, FileInput, Group, Stack, TagsInput, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useSession } from '../../app/session.ts';
import { EntityPage } from '../resources/entity-page.tsx';
import type { FieldHint, Row } from '../resources/resource.ts';
import { ResourceForm } from '../resources/resource-form.tsx';
import { OwnerServices } from './owner-services.tsx';

const OF_ABOVE: FieldHint = { field: 'flag' };
const FLAGS: Readonly<Record<string, FieldHint>> = Object.fromEntries(
  ENTITLEMENT_NAMES.map((name) => [name, OF_ABOVE]),
);

export function OwnerPage() {
  const { t } = useTranslation(['admin', 'console', 'resources']);
  return (
    <EntityPage
      of="owners"
      get={routes.getOwner}
      tabs={[
        { key: 'settings', label: t('resources:settingsTab'), panel: (row) => <OwnerSettings row={row} /> },
        { key: 'look', label: t('console:owner.theme'), panel: ({ id }) => <ThemeSection id={id} /> },
        { key: 'services', label: t('services'), panel: ({ id }) => <OwnerServices id={id} /> },
      ]}
    />
  );
}

function OwnerSettings({ row }: { readonly row: Row }) {
  const { t } = useTranslation('resources');
  return (
    <Card withBorder maw={720}>
      <ResourceForm
        key={JSON.stringify(row)}
        route={routes.updateOwner}
        params={{ id: row.id }}
        row={row}
        hints={FLAGS}
        submitLabel={t('save')}
        done={t('saved')}
        onDone={() => {}}
      />
    </Card>
  );
}

function ThemeSection({ id }: { readonly id: string }) {
  const { t } = useTranslation(['console', 'resources']);
  const query = useAsk(routes.getOwnerTheme, { params: { id } });
  const { theme, hosts } = query.data ?? { theme: {}, hosts: [] };
  return (
    <Awaited query={query}>
      <Text mb="md">{t('owner.themeAbout')}</Text>
      <Card withBorder maw={720}>
        <LogoInput id={id} theme={theme} />
        <ResourceForm
          key={JSON.stringify(theme)}
          route={routes.putOwnerTheme}
          params={{ id }}
          initial={theme}
          omit={['logo']}
          keep={theme.logo ? { logo: theme.logo } : {}}
          submitLabel={t('resources:save')}
          done={t('resources:saved')}
          onDone={() => {}}
        />
      </Card>
      <HostsCard key={hosts.join()} id={id} hosts={hosts} />
    </Awaited>
  );
}

/** The API's own limit for a picture, before base64. */
const LOGO_BYTES = 70_000;

interface LogoInputProps {
  readonly id: string;
  readonly theme: Readonly<Record<string, unknown>>;
}

function LogoInput({ id, theme }: LogoInputProps) {
  const { t } = useTranslation(['console', 'resources']);
  const put = useTell(routes.putOwnerTheme, { done: t('resources:saved'), refresh: ['theme'] });
  const [tooLarge, setTooLarge] = useState(false);
  const take = async (file: File | null) => {
    setTooLarge((file?.size ?? 0) > LOGO_BYTES);
    if (file && file.size > LOGO_BYTES) return;
    const { logo: _logo, ...rest } = theme;
    put.mutate({ params: { id }, body: file ? { ...rest, logo: await dataUrlOf(file) } : rest });
  };
  return (
    <Group mb="md" align="flex-end">
      {typeof theme.logo === 'string' && <img src={theme.logo} alt={t('owner.logo')} height={36} />}
      <FileInput
        label={t('owner.logo')}
        description={t('owner.logoHelp')}
        accept="image/png,image/jpeg,image/webp,image/svg+xml"
        clearable
        clearButtonProps={{ 'aria-label': t('clear') }}
        error={tooLarge ? t('owner.logoTooLarge') : null}
        onChange={(file) => void take(file)}
        flex={1}
      />
      {typeof theme.logo === 'string' && (
        <Button variant="default" onClick={() => void take(null)}>
          {t('owner.logoRemove')}
        </Button>
      )}
    </Group>
  );
}

function dataUrlOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function HostsCard({ id, hosts }: { readonly id: string; readonly hosts: readonly string[] }) {
  const { t } = useTranslation(['console', 'resources']);
  const session = useSession();
  const [names, setNames] = useState<string[]>([...hosts]);
  const put = useTell(routes.putOwnerHosts, { done: t('resources:saved') });
  const mayGive = session.ownerKind === 'platform' || (session.ownerKind === 'reseller' && id !== session.ownerId);
  return (
    <Card withBorder maw={720} mt="md">
      <Stack align="flex-start">
        <TagsInput
          w="100%"
          label={t('owner.hosts')}
          description={t(mayGive ? 'owner.hostsHelp' : 'owner.hostsFromAbove')}
          value={names}
          onChange={(value) => setNames(value.map((name) => name.toLowerCase()))}
          disabled={!mayGive}
          comboboxProps={{ withinPortal: false }}
        />
        {mayGive && (
          <Button loading={put.isPending} onClick={() => put.mutate({ params: { id }, body: { hosts: names } })}>
            {t('resources:save')}
          </Button>
        )}
      </Stack>
    </Card>
  );
}
