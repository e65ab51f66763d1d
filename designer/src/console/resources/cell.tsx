import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useChoices } from './choices.ts';
import type { DestinationValue } from './form-fields.tsx';
import { weekdays } from './hours-field.tsx';
import { DESTINATIONS, FIELDS, hintOf } from './registry.ts';
import type { FieldHint } from './resource.ts';
import { useWords } from './words.ts';

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

interface CellProps {
  readonly name: string;
  readonly value: unknown;
  /** Of the resource, where a field means something else there. */
  readonly hints?: Readonly<Record<string, FieldHint>>;
}

/** A value of a row as a person reads it: entities by name, times in the local zone, closed sets in words. */
export function Cell({ name, value, hints }: CellProps) {
  const words = useWords();
  const { t, i18n } = useTranslation('resources');
  const hint = hints?.[name] ?? hintOf(name);
  if (value === null || value === undefined || value === '') return <Text c="dimmed">–</Text>;
  if (typeof value === 'boolean') return value ? <Badge variant="default">{t('yes')}</Badge> : t('no');
  if (hint?.field === 'destination') return <DestinationName value={value as DestinationValue} />;
  if (hint?.field === 'hours') return <HoursSummary hours={value as { weekly: readonly { days: number[] }[] }} />;
  if (hint?.field === 'seconds') return <>{(Number(value) / 1000).toLocaleString(i18n.language)} s</>;
  if (hint?.field === 'money') return <>{(Number(value) / 1_000_000).toLocaleString(i18n.language)}</>;
  if (hint?.field === 'entityOf') return <Text size="sm">{String(value).slice(0, 8)}</Text>;
  if (hint?.field === 'entity') return <EntityName resource={hint.resource} id={String(value)} />;
  if (Array.isArray(value)) return <ListCell name={name} values={value} />;
  if (typeof value === 'string' && ISO_TIME.test(value)) return <>{localTime(value, i18n.language)}</>;
  if (typeof value === 'object') return <Text size="sm">{JSON.stringify(value)}</Text>;
  return <>{isWord(name) ? words.value(String(value)) : String(value)}</>;
}

/** Fields whose values are words of a closed set. */
const isWord = (name: string): boolean =>
  [
    'kind',
    'strategy',
    'state',
    'type',
    'direction',
    'disposition',
    'mode',
    'login',
    'action',
    'effect',
    'callingRole',
    'calledRole',
    'cause',
    'role',
    'subject',
    'announce',
    'comfort',
    'security',
    'status',
  ].includes(name);

/** A time in the reader's zone and form. */
export function localTime(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso));
}

function ListCell({ name, values }: { readonly name: string; readonly values: readonly unknown[] }) {
  const words = useWords();
  const hint = FIELDS[name];
  if (hint?.field === 'entities' || values.some((value) => typeof value === 'object')) return <>{values.length}</>;
  return (
    <Group gap={4}>
      {values.map((value) => (
        <Badge key={String(value)} variant="default">
          {words.value(String(value))}
        </Badge>
      ))}
    </Group>
  );
}

/** An entity by its name; the beginning of its id where the reader may not list it. */
export function EntityName({ resource, id }: { readonly resource: string; readonly id: string }) {
  const choice = useChoices(resource).find(({ value }) => value === id);
  return <>{choice?.label ?? id.slice(0, 8)}</>;
}

/** Where something leads, in words. */
export function DestinationName({ value }: { readonly value: DestinationValue }) {
  const words = useWords();
  const choice = DESTINATIONS[value.type] ?? 'text';
  const isListed = typeof choice === 'object' && 'resource' in choice;
  const id = typeof choice === 'object' && 'values' in choice ? words.value(value.id) : value.id;
  return (
    <>
      {words.value(value.type)}: {isListed ? <EntityName resource={choice.resource} id={value.id} /> : id}
    </>
  );
}

function HoursSummary({
  hours,
}: {
  readonly hours: { readonly weekly: readonly { readonly days: readonly number[] }[] };
}) {
  const { i18n } = useTranslation();
  const names = weekdays(i18n.language);
  const days = new Set(hours.weekly.flatMap(({ days }) => days));
  return <>{names.filter((_, at) => days.has(at + 1)).join(', ') || '–'}</>;
}
