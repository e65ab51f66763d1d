/** How a version was used in a time: painted on the canvas, and as a table. */
import { type FlowHeat, routes } from '@callwright/api-contract';
import { Button, Select, Stack, Table, Text, Title } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk } from '../app/ask.ts';
import { Awaited } from '../app/page.tsx';
import { useWording } from '../editor/canvas/words.ts';
import { NO_PAINT, type Paint } from '../editor/editor-store.ts';
import { paintHeat, usesOf } from './heat.ts';
import { type ShownRevision, useNodeNames } from './revisions.ts';

const DAYS = ['1', '7', '30', '365'] as const;
const DAY_MS = 86_400_000;

interface HeatPanelProps {
  readonly revision: ShownRevision;
  readonly onPaint: (paint: Paint) => void;
  /** A node was chosen in the table. */
  readonly onNode: (node: string) => void;
}

export function HeatPanel({ revision, onPaint, onNode }: HeatPanelProps) {
  const { t } = useTranslation('live');
  const [days, setDays] = useState<string>('30');
  // a time that moved with every drawing would be asked for again each time
  const from = useMemo(() => new Date(Date.now() - Number(days) * DAY_MS).toISOString(), [days]);
  const version = revision.number === null ? {} : { version: String(revision.number) };
  const query = useAsk(
    routes.getFlowHeat,
    { params: { id: revision.flow.id }, query: { ...version, from } },
    { enabled: revision.number !== null },
  );
  const heat = query.data;
  useEffect(() => {
    onPaint(heat ? paintHeat(heat) : NO_PAINT);
    return () => onPaint(NO_PAINT);
  }, [heat, onPaint]);
  return (
    <Stack p="md" gap="sm">
      <Select
        label={t('period')}
        allowDeselect={false}
        data={DAYS.map((value) => ({ value, label: t(`periods.${value}`) }))}
        value={days}
        onChange={(value) => value && setDays(value)}
      />
      {revision.number === null ? (
        <Text size="sm">{t('heatNone')}</Text>
      ) : (
        <Awaited query={query}>{heat && <Uses heat={heat} revision={revision} onNode={onNode} />}</Awaited>
      )}
    </Stack>
  );
}

interface UsesProps {
  readonly heat: z.output<typeof FlowHeat>;
  readonly revision: ShownRevision;
  readonly onNode: (node: string) => void;
}

function Uses({ heat, revision, onNode }: UsesProps) {
  const { t } = useTranslation('live');
  const nameOf = useNodeNames(revision.draft);
  const wording = useWording();
  if (heat.calls === 0) return <Text size="sm">{t('heatNone')}</Text>;
  return (
    <>
      <Text size="sm" role="status" data-visits={heat.calls}>
        {t('heatCalls', { count: heat.calls })}
        {heat.more ? `; ${t('heatMore')}` : ''}
      </Text>
      <Title order={2} size="h4">
        {t('heatTable')}
      </Title>
      <Table verticalSpacing={6} aria-label={t('heatTable')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('node')}</Table.Th>
            <Table.Th scope="col">{t('ways')}</Table.Th>
            <Table.Th scope="col" ta="right">
              {t('visits')}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {usesOf(heat).map(({ node, count, stayed, ways }) => (
            <Table.Tr key={node}>
              <Table.Td>
                <Button variant="subtle" size="compact-sm" px={4} onClick={() => onNode(node)}>
                  {nameOf(node)}
                </Button>
              </Table.Td>
              <Table.Td>
                <Text size="sm">
                  {ways.map((way) => `${wording.outcome(way.outcome)} ${way.count}`).join(', ')}
                  {stayed > 0 && `${ways.length > 0 ? ', ' : ''}${t('stayed')} ${stayed}`}
                </Text>
              </Table.Td>
              <Table.Td ta="right" ff="monospace">
                {count}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
