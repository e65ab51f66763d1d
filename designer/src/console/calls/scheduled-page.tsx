/** Calls placed for a time: when, whether, with what end. */
import { routes, type ScheduledCall, ScheduledState } from '@callwright/api-contract';
import { Anchor, Badge, Button, Select, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type * as z from 'zod';
import { useAskList, useTell } from '../../app/ask.ts';
import { More } from '../../app/more.tsx';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { localTime } from '../resources/cell.tsx';
import { TableHead } from '../table-head.tsx';
import { PlaceDialog } from './place-dialog.tsx';

type Scheduled = z.infer<typeof ScheduledCall>;
type State = Scheduled['state'];

const REFRESH_MS = 10_000;

export function ScheduledCallsPage() {
  const { t } = useTranslation(['admin', 'console', 'resources']);
  const may = useMay();
  const [state, setState] = useState<State | null>(null);
  const [isNew, setIsNew] = useState(false);
  const query = useAskList(
    routes.listScheduledCalls,
    { query: (state ? { state } : {}) as object },
    { refetchInterval: REFRESH_MS },
  );
  return (
    <Page
      title={t('scheduled.title')}
      about={t('scheduled.about')}
      actions={
        may('calls') && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setIsNew(true)}>
            {t('resources:new')}
          </Button>
        )
      }
    >
      <Select
        label={t('scheduled.state')}
        maw={200}
        clearable
        clearButtonProps={{ 'aria-label': t('console:clear') }}
        data={ScheduledState.options.map((value) => ({ value, label: t(`scheduled.states.${value}`) }))}
        value={state}
        onChange={(value) => setState(value as State | null)}
      />
      <Awaited query={query}>
        {query.items.length === 0 ? <Text>{t('scheduled.empty')}</Text> : <ScheduledTable calls={query.items} />}
        <More query={query} />
      </Awaited>
      {isNew && <PlaceDialog later onClose={() => setIsNew(false)} />}
    </Page>
  );
}

function ScheduledTable({ calls }: { readonly calls: readonly Scheduled[] }) {
  const { t, i18n } = useTranslation('admin');
  const may = useMay();
  const cancel = useTell(routes.cancelScheduledCall, { done: t('scheduled.cancelled') });
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table verticalSpacing="xs" aria-label={t('scheduled.title')}>
        <TableHead
          columns={['at', 'state', 'triesLeft', 'outcome', 'call'].map((key) => t(`scheduled.${key}`))}
          actions={may('calls')}
        />
        <Table.Tbody>
          {calls.map((call) => (
            <Table.Tr key={call.id}>
              <Table.Td>{localTime(call.at, i18n.language)}</Table.Td>
              <Table.Td>
                <Badge variant="default">{t(`scheduled.states.${call.state}`)}</Badge>
              </Table.Td>
              <Table.Td>{call.triesLeft}</Table.Td>
              <Table.Td>{call.outcome ?? '–'}</Table.Td>
              <Table.Td>
                {call.callId ? (
                  <Anchor component={Link} to={`/calls/${call.callId}`} underline="always">
                    {t('recordings.toCall')}
                  </Anchor>
                ) : (
                  '–'
                )}
              </Table.Td>
              {may('calls') && (
                <Table.Td ta="right">
                  {call.state === 'waiting' && (
                    <Button
                      size="xs"
                      variant="default"
                      onClick={() => cancel.mutate({ params: { id: call.id }, body: {} })}
                    >
                      {t('scheduled.cancel')}
                    </Button>
                  )}
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
