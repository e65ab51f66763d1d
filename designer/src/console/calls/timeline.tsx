import type { CallRecordView } from '@callwright/api-contract';
import { Badge, Group, Timeline as Steps, Text } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { DestinationName } from '../resources/cell.tsx';
import type { DestinationValue } from '../resources/form-fields.tsx';
import { useWords } from '../resources/words.ts';
import { partyText } from './party.ts';

type RecordRow = z.infer<typeof CallRecordView>;
type Body = Readonly<Record<string, unknown>>;

interface TimelineProps {
  readonly records: readonly RecordRow[];
  readonly startedAt: string;
}

/** Facts of a call in order, each with the seconds since it began. */
export function Timeline({ records, startedAt }: TimelineProps) {
  const { t } = useTranslation('console');
  // telephony notes the call a moment after its first fact
  const from = Math.min(Date.parse(startedAt), ...records.map(({ at }) => Date.parse(at)));
  return (
    <Steps bulletSize={14} lineWidth={2} active={records.length}>
      {records.map((record) => (
        <Steps.Item
          key={`${record.stream}-${record.n}`}
          title={
            <Group gap="xs">
              <Text span fw={600} size="sm">
                {t(`facts.${record.type.replace('.', '-')}`, { defaultValue: record.type })}
              </Text>
              <Text span size="xs" c="dimmed" ff="monospace">
                {t('call.after', { seconds: ((Date.parse(record.at) - from) / 1000).toFixed(1) })}
              </Text>
              {record.masked && <Badge variant="default">{t('call.masked')}</Badge>}
            </Group>
          }
        >
          <FactDetail body={(record.body ?? {}) as Body} />
        </Steps.Item>
      ))}
    </Steps>
  );
}

/** What a fact says, without what only programs need. */
function FactDetail({ body }: { readonly body: Body }) {
  const { t } = useTranslation('admin');
  const words = useWords();
  const shown = Object.entries(body).filter(([key, value]) => !HIDDEN.has(key) && value !== null && value !== '');
  if (shown.length === 0) return null;
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
      {shown.map(([key, value], at) => (
        <Fragment key={key}>
          {at > 0 && ' · '}
          {words.field(key)}:{' '}
          {isDestination(value) ? (
            <DestinationName value={value} />
          ) : WORDS.has(key) && typeof value === 'string' && /^[a-z-]+$/.test(value) ? (
            t(`call.words.${key}.${value}`, { defaultValue: words.value(value) })
          ) : (
            valueText(value)
          )}
        </Fragment>
      ))}
    </Text>
  );
}

const HIDDEN = new Set(['type', 'id', 'ok', 'nodeNumber', 'revision', 'cdr', 'early', 'leg', 'passed']);
/** Fields that hold a word of a closed set. */
const WORDS = new Set(['cause', 'role', 'by', 'direction', 'reason']);

const isDestination = (value: unknown): value is DestinationValue =>
  typeof value === 'object' && value !== null && Object.keys(value).sort().join() === 'id,type';

function valueText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'number' in value && 'name' in value)
    return partyText(value as { name: string; number: string });
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
