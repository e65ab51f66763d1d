/** Keys that users press while they talk: one line for each action, empty for nobody. */
import { type CallKeys, routes } from '@callwright/api-contract';
import { CallKeyAction, defaultKeys } from '@callwright/engine/protocol';
import { Button, Card, Group, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk, useTell } from '../../app/ask.ts';
import { failureText } from '../../app/failure.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';

type Keys = z.infer<typeof CallKeys>;
type Action = z.infer<typeof CallKeyAction>;

export function CallKeysPage() {
  const { t } = useTranslation('admin');
  const query = useAsk(routes.getCallKeys);
  return (
    <Page title={t('callKeys.title')} about={t('callKeys.about')}>
      <Awaited query={query}>{query.data && <KeysForm key={JSON.stringify(query.data)} kept={query.data} />}</Awaited>
    </Page>
  );
}

const KEYS = /^[0-9*#]{2,8}$/;

function KeysForm({ kept }: { readonly kept: Keys }) {
  const { t } = useTranslation(['admin', 'resources', 'app']);
  const may = useMay();
  // what is not named has its default also when that changes
  const [own, setOwn] = useState<Readonly<Partial<Record<Action, string | null>>>>(() =>
    Object.fromEntries(
      kept.items.filter(({ action, keys }) => keys !== defaultKeys(action)).map(({ action, keys }) => [action, keys]),
    ),
  );
  const put = useTell(routes.putCallKeys, { done: t('resources:saved'), quiet: true });
  const body = { items: Object.entries(own).map(([action, keys]) => ({ action: action as Action, keys })) };
  const isWrong = (keys: string | null | undefined) => typeof keys === 'string' && !KEYS.test(keys);
  const change = (action: Action, keys: string | null) => {
    const { [action]: _before, ...rest } = own;
    setOwn(keys === defaultKeys(action) ? rest : { ...rest, [action]: keys });
  };
  return (
    <Card withBorder maw={640}>
      <Stack>
        {CallKeyAction.options.map((action) => {
          const keys = action in own ? own[action]! : defaultKeys(action);
          const title = t(`callKeys.actions.${action}`, { defaultValue: action });
          return (
            <Group key={action} justify="space-between" align="flex-start" wrap="nowrap">
              <Switch
                label={title}
                checked={keys !== null}
                disabled={!may('directory')}
                onChange={(event) => change(action, event.currentTarget.checked ? (defaultKeys(action) ?? '') : null)}
              />
              <TextInput
                aria-label={t('callKeys.keysOf', { action: title })}
                w={140}
                disabled={keys === null || !may('directory')}
                value={keys ?? ''}
                onChange={(event) => change(action, event.currentTarget.value)}
                error={isWrong(keys) ? t('callKeys.wrong') : null}
              />
            </Group>
          );
        })}
        {put.isError && (
          <Text c="red" role="alert">
            {failureText(put.error)}
          </Text>
        )}
        {may('directory') && (
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setOwn({})}>
              {t('callKeys.defaults')}
            </Button>
            <Button
              disabled={Object.values(own).some(isWrong)}
              loading={put.isPending}
              onClick={() => put.mutate({ body })}
            >
              {t('resources:save')}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  );
}
