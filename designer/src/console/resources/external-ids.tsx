/** What other applications call an entity. */
import { routes } from '@callwright/api-contract';
import { ActionIcon, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAsk, useTell } from '../../app/ask.ts';
import { useMay } from '../../app/session.ts';

interface ExternalIdsProps {
  /** Of the entity, as external ids name it. */
  readonly type: string;
  readonly id: string;
}

export function ExternalIds({ type, id }: ExternalIdsProps) {
  const { t } = useTranslation('resources');
  const may = useMay();
  const query = useAsk(routes.listExternalIds, { query: { type, id } as object });
  const remove = useTell(routes.deleteExternalId, { done: t('removed') });
  const items = query.data?.items ?? [];
  if (items.length === 0 && !may('directory')) return null;
  return (
    <Stack mt="xl" gap="xs">
      <Title order={3}>{t('externalIds.title')}</Title>
      <Text size="sm">{t('externalIds.about')}</Text>
      {items.map(({ scheme, value, type: of }) => (
        <Group key={`${scheme} ${value}`} justify="space-between">
          <Text ff="monospace" size="sm">{`${scheme}: ${value}`}</Text>
          {may('directory') && (
            <ActionIcon
              variant="default"
              aria-label={t('removeNamed', { name: `${scheme}: ${value}` })}
              onClick={() => remove.mutate({ query: { type: of, scheme, value } })}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </Group>
      ))}
      {may('directory') && <NewExternalId type={type} id={id} />}
    </Stack>
  );
}

function NewExternalId({ type, id }: ExternalIdsProps) {
  const { t } = useTranslation('resources');
  const [scheme, setScheme] = useState('');
  const [value, setValue] = useState('');
  const put = useTell(routes.putExternalId, {
    done: t('saved'),
    onSuccess: () => setValue(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    put.mutate({ body: { type, id, scheme: scheme.trim(), value: value.trim() } as never });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          label={t('externalIds.scheme')}
          required
          value={scheme}
          onChange={(event) => setScheme(event.currentTarget.value)}
        />
        <TextInput
          label={t('externalIds.value')}
          required
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={put.isPending}>
          {t('externalIds.add')}
        </Button>
      </Group>
    </form>
  );
}
