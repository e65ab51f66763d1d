/** Opening hours of a calendar: when on which days, and dates with hours of their own. */
import type { NewCalendar } from '@callwright/api-contract';
import { ActionIcon, Button, Chip, Fieldset, Group, Select, Stack, TextInput } from '@mantine/core';
import type { FieldProps } from '@rjsf/utils';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';

type Hours = z.infer<typeof NewCalendar>['hours'];
type Weekly = Hours['weekly'][number];
type Special = Hours['dates'][number];

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const OFFICE: Weekly = { days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080 };
const END_OF_DAY = 1440;

/** Minutes of the day as `09:00`; the end of the day is `24:00`, which a clock cannot say, so it is shown as `00:00`. */
export const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const minuteOf = (clock: string, isEnd: boolean): number => {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  const minute = hours * 60 + minutes;
  return isEnd && minute === 0 ? END_OF_DAY : minute;
};

/** Monday … Sunday in a language; 2024 began on a Monday. */
export function weekdays(language: string): string[] {
  const format = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
  return DAYS.map((day) => format.format(Date.UTC(2024, 0, day)));
}

export function HoursField({ formData, onChange, fieldPathId, schema }: FieldProps) {
  const { t } = useTranslation('resources');
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // a form fills in an empty object where hours are needed
  const hours: Hours = { timeZone: local, weekly: [], dates: [], ...(formData as Partial<Hours> | undefined) };
  const set = (change: Partial<Hours>) => onChange({ ...hours, ...change }, fieldPathId.path);
  return (
    <Fieldset legend={schema.title}>
      <Stack>
        <Select
          label={t('fields.timeZone')}
          searchable
          allowDeselect={false}
          data={[...new Set([hours.timeZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])]}
          value={hours.timeZone}
          onChange={(timeZone) => set({ timeZone: timeZone ?? local })}
          comboboxProps={{ withinPortal: false }}
        />
        {hours.weekly.map((period, at) => (
          <WeeklyPeriod
            key={at}
            period={period}
            onChange={(changed) => set({ weekly: hours.weekly.map((p, i) => (i === at ? changed : p)) })}
            onRemove={() => set({ weekly: hours.weekly.filter((_, i) => i !== at) })}
          />
        ))}
        {hours.dates.map((date, at) => (
          <SpecialDate
            key={at}
            date={date}
            onChange={(changed) => set({ dates: hours.dates.map((d, i) => (i === at ? changed : d)) })}
            onRemove={() => set({ dates: hours.dates.filter((_, i) => i !== at) })}
          />
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => set({ weekly: [...hours.weekly, OFFICE] })}
          >
            {t('addHours')}
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => set({ dates: [...hours.dates, { date: today(), name: '', hours: [] }] })}
          >
            {t('addDate')}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

const today = (): string => new Date().toISOString().slice(0, 10);

interface PartProps<T> {
  readonly onChange: (value: T) => void;
  readonly onRemove: () => void;
}

function WeeklyPeriod({ period, onChange, onRemove }: PartProps<Weekly> & { readonly period: Weekly }) {
  const { t, i18n } = useTranslation('resources');
  const names = weekdays(i18n.language);
  return (
    <Group align="flex-end" gap="xs">
      <Chip.Group
        multiple
        value={period.days.map(String)}
        onChange={(days) => onChange({ ...period, days: days.map(Number).sort((a, b) => a - b) })}
      >
        <Group gap={4} role="group" aria-label={t('days')}>
          {DAYS.map((day) => (
            <Chip key={day} value={String(day)} size="xs">
              {names[day - 1]}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <ClockInput
        label={t('from')}
        minute={period.fromMinute}
        onChange={(fromMinute) => onChange({ ...period, fromMinute })}
      />
      <ClockInput
        label={t('to')}
        minute={period.toMinute}
        isEnd
        onChange={(toMinute) => onChange({ ...period, toMinute })}
      />
      <RemovePart onRemove={onRemove} />
    </Group>
  );
}

function SpecialDate({ date, onChange, onRemove }: PartProps<Special> & { readonly date: Special }) {
  const { t } = useTranslation('resources');
  const period = date.hours[0];
  const set = (change: Partial<{ fromMinute: number; toMinute: number }>) =>
    onChange({ ...date, hours: [{ fromMinute: 540, toMinute: 720, ...period, ...change }, ...date.hours.slice(1)] });
  return (
    <Group align="flex-end" gap="xs">
      <TextInput
        type="date"
        label={t('date')}
        value={date.date}
        onChange={(event) => onChange({ ...date, date: event.currentTarget.value })}
      />
      <TextInput
        label={t('fields.name')}
        value={date.name}
        onChange={(event) => onChange({ ...date, name: event.currentTarget.value })}
      />
      <Chip
        checked={period === undefined}
        onChange={(closed) => (closed ? onChange({ ...date, hours: [] }) : set({}))}
        size="xs"
        mb={6}
      >
        {t('closedAllDay')}
      </Chip>
      {period && (
        <>
          <ClockInput label={t('from')} minute={period.fromMinute} onChange={(fromMinute) => set({ fromMinute })} />
          <ClockInput label={t('to')} minute={period.toMinute} isEnd onChange={(toMinute) => set({ toMinute })} />
        </>
      )}
      <RemovePart onRemove={onRemove} />
    </Group>
  );
}

interface ClockInputProps {
  readonly label: string;
  readonly minute: number;
  readonly isEnd?: boolean;
  readonly onChange: (minute: number) => void;
}

function ClockInput({ label, minute, isEnd = false, onChange }: ClockInputProps) {
  return (
    <TextInput
      type="time"
      label={label}
      value={clockOf(minute)}
      onChange={(event) => onChange(minuteOf(event.currentTarget.value, isEnd))}
    />
  );
}

function RemovePart({ onRemove }: { readonly onRemove: () => void }) {
  const { t } = useTranslation('resources');
  return (
    <ActionIcon variant="default" size="lg" aria-label={t('remove')} onClick={onRemove}>
      <IconTrash size={16} aria-hidden />
    </ActionIcon>
  );
}
