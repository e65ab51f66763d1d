/** One call: what it is, its CDR, and what happened in it with the reason of each decision. */
import { routes } from '@callwright/api-contract';
import { Anchor, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconRoute } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useAsk, useAskList } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { localTime } from '../resources/cell.tsx';
import { useWords } from '../resources/words.ts';
import { CallActions } from './call-actions.tsx';
import { CallLegs } from './call-legs.tsx';
import { CallRecordings } from './call-recordings.tsx';
import { useLiveFacts } from './live-events.ts';
import { type CallRow, lengthOf, partyText } from './party.ts';
import { Timeline } from './timeline.tsx';

export function CallPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation('console');
  const client = useQueryClient();
  const query = useAsk(routes.getCall, { params: { id } });
  useLiveFacts(() => void client.invalidateQueries({ queryKey: ['calls'] }), id);
  const call = query.data;
  const title = call
    ? t('call.title', { calling: partyText(call.calling), called: partyText(call.called) })
    : t('call.loading');
  return (
    <Page
      title={title}
      actions={
        call && (
          <>
            <Button
              component={Link}
              to={`/calls/${id}/canvas`}
              variant="default"
              leftSection={<IconRoute size={16} aria-hidden />}
            >
              {t('call.onCanvas')}
            </Button>
            <CallActions call={call} />
          </>
        )
      }
    >
      <Anchor component={Link} to="/calls">
        <Group gap={4}>
          <IconArrowLeft size={16} aria-hidden />
          {t('call.back')}
        </Group>
      </Anchor>
      <Awaited query={query}>
        {call && (
          <Stack>
            <CallFigures call={call} />
            <CallRecordings id={id} />
            {call.state === 'ended' && <CallLegs id={id} />}
            <Title order={2}>{t('call.timeline')}</Title>
            <CallTimeline id={id} startedAt={call.startedAt ?? call.createdAt} />
          </Stack>
        )}
      </Awaited>
    </Page>
  );
}

function CallFigures({ call }: { readonly call: CallRow }) {
  const { t, i18n } = useTranslation('console');
  const words = useWords();
  const figures: readonly (readonly [string, string])[] = [
    [t('calls.started'), localTime(call.startedAt ?? call.createdAt, i18n.language)],
    [t('calls.length'), lengthOf(call, Date.now())],
    [t('calls.direction'), words.value(call.direction)],
    [t('calls.disposition'), words.value(call.disposition ?? call.state)],
    [t('calls.number'), String(call.number)],
    [t('calls.externalId'), call.externalId ?? '–'],
    [t('calls.revision'), call.revision.slice(0, 12)],
  ];
  return (
    <Card withBorder>
      <SimpleGrid cols={{ base: 2, sm: 4 }} component="dl" m={0}>
        {figures.map(([label, value]) => (
          <div key={label}>
            <Text component="dt" size="sm" c="dimmed">
              {label}
            </Text>
            <Text component="dd" m={0}>
              {value}
            </Text>
          </div>
        ))}
      </SimpleGrid>
    </Card>
  );
}

function CallTimeline({ id, startedAt }: { readonly id: string; readonly startedAt: string }) {
  const query = useAskList(routes.listCallRecords, { params: { id }, query: { stream: 'fact', limit: '500' } });
  return (
    <Awaited query={query}>
      <Timeline records={query.items} startedAt={startedAt} />
    </Awaited>
  );
}
