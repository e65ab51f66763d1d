/** How a user wants to be reached: forwarding, follow-me, screening, and callers he lets in, refuses and prefers. */
import { type CallerListEntry, type CallerListKind, routes } from '@callwright/api-contract';
import { ActionIcon, Button, Card, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk, useAskList, useTell } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useWords } from '../resources/words.ts';
import { CallingForm, type DestinationField } from '../users/calling-card.tsx';

export function MyReachPage() {
  const { t } = useTranslation(['own', 'resources']);
  const query = useAsk(routes.getMyCalling);
  const put = useTell(routes.putMyCalling, { done: t('resources:saved') });
  return (
    <Page title={t('reach.title')} about={t('reach.about')}>
      <section aria-labelledby="forwarding">
        <Title order={2} id="forwarding" mb="xs">
          {t('reach.forwarding')}
        </Title>
        <Awaited query={query}>
          {query.data && (
            <CallingForm
              key={JSON.stringify(query.data)}
              kept={query.data}
              destination={OwnDestination}
              saving={put.isPending}
              onSave={(body) => put.mutate({ body })}
            />
          )}
        </Awaited>
      </section>
      <OwnLists />
    </Page>
  );
}

/** A colleague, a number, the own box, or nothing at all; what the administrator has set stays as it is. */
const OwnDestination: DestinationField = ({ label, value, onChange, types: offered }) => {
  const { t } = useTranslation(['own', 'resources']);
  const words = useWords();
  const box = useAsk(routes.getMyBox);
  const types = offered ?? ['user', 'number', ...(box.data ? ['voicemail'] : []), 'hang-up'];
  const others = value && !types.includes(value.type) ? [value.type] : [];
  const choose = (type: string | null) => {
    if (type === null) return onChange(null);
    const ids: Readonly<Record<string, string>> = { voicemail: box.data?.id ?? '', 'hang-up': 'hang-up' };
    onChange({ type, id: ids[type] ?? '' });
  };
  return (
    <Group grow align="flex-end" preventGrowOverflow={false}>
      <Select
        label={label}
        placeholder={t('resources:nowhere')}
        clearable={!offered}
        clearButtonProps={{ 'aria-label': t('resources:clear') }}
        data={[...types, ...others].map((type) => ({
          value: type,
          label: t(`reach.to.${type}`, { defaultValue: words.value(type) }),
        }))}
        value={value?.type ?? null}
        onChange={choose}
      />
      {value?.type === 'number' && (
        <TextInput
          label={t('phone.number')}
          inputMode="tel"
          value={value.id}
          onChange={(event) => onChange({ type: 'number', id: event.currentTarget.value.replaceAll(/[\s.()-]/g, '') })}
        />
      )}
      {value?.type === 'user' && <ColleagueInput id={value.id} onChange={(id) => onChange({ type: 'user', id })} />}
    </Group>
  );
};

function ColleagueInput({ id, onChange }: { readonly id: string; readonly onChange: (id: string) => void }) {
  const { t } = useTranslation('own');
  const { items } = useAskList(routes.listColleagues, { query: { limit: '500' } });
  return (
    <Select
      label={t('reach.colleague')}
      searchable
      allowDeselect={false}
      data={items.map(({ id: value, extension, givenName, familyName }) => ({
        value,
        label: [extension, givenName, familyName].filter(Boolean).join(' '),
      }))}
      value={id || null}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}

type Entry = z.infer<typeof CallerListEntry>;
type ListKind = z.infer<typeof CallerListKind>;

function OwnLists() {
  const { t } = useTranslation('own');
  const query = useAsk(routes.getMyCallerLists);
  return (
    <section aria-labelledby="lists">
      <Title order={2} id="lists">
        {t('reach.lists')}
      </Title>
      <Text size="sm" mb="xs">
        {t('reach.listsAbout')}
      </Text>
      <Awaited query={query}>
        <Stack>
          {(['block', 'allow', 'vip'] as const satisfies readonly ListKind[]).map((kind) => (
            <OwnList key={kind} kind={kind} entries={query.data?.[kind] ?? []} />
          ))}
        </Stack>
      </Awaited>
    </section>
  );
}

function OwnList({ kind, entries }: { readonly kind: ListKind; readonly entries: readonly Entry[] }) {
  const { t } = useTranslation(['own', 'resources', 'console']);
  const [pattern, setPattern] = useState('');
  const put = useTell(routes.putMyCallerList, { done: t('resources:saved') });
  const save = (kept: readonly Entry[]) => put.mutate({ body: { kind, entries: [...kept] } });
  const add = (event: FormEvent) => {
    event.preventDefault();
    save([...entries, { pattern: pattern.trim(), note: '', expiresAt: null }]);
    setPattern('');
  };
  return (
    <Card withBorder maw={640} data-list={kind}>
      <Title order={3}>{t(`reach.kinds.${kind}`)}</Title>
      {entries.map((entry) => (
        <Group key={entry.pattern} justify="space-between" wrap="nowrap" my={4}>
          <Text ff="monospace">{[entry.pattern, entry.note].filter(Boolean).join(' · ')}</Text>
          <ActionIcon
            variant="default"
            aria-label={t('resources:removeNamed', { name: entry.pattern })}
            onClick={() => save(entries.filter((one) => one !== entry))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <form onSubmit={add}>
        <Group align="flex-end" mt="xs">
          <TextInput
            label={t('console:list.pattern')}
            description={t('console:list.patternHelp')}
            value={pattern}
            onChange={(event) => setPattern(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={pattern.trim() === ''} loading={put.isPending}>
            {t('console:list.add')}
          </Button>
        </Group>
      </form>
    </Card>
  );
}
