/** Public holidays of a calendar: of which country, and which days those are. */
import { routes } from '@callwright/api-contract';
import { Fieldset, Group, List, Text, TextInput } from '@mantine/core';
import type { FieldProps } from '@rjsf/utils';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../app/ask.ts';
import { faultsOf } from './form-fields.tsx';

interface Rules {
  readonly country: string;
  readonly region?: string | null;
  /** Hours on such days; none: closed. Kept as they are. */
  readonly hours?: readonly object[];
}

const COUNTRY = /^[A-Z]{2}$/;

export function HolidaysField(props: FieldProps) {
  const { t } = useTranslation('resources');
  const { schema, formData, onChange, fieldPathId } = props;
  const rules = (formData as Rules | undefined) ?? null;
  const put = (change: Partial<Rules>) => {
    const next = { ...rules, ...change } as Rules;
    onChange(next.country ? next : undefined, fieldPathId.path);
  };
  return (
    <Fieldset legend={schema.title}>
      <Group align="flex-start">
        <TextInput
          label={t('fields.country')}
          placeholder="FR"
          maxLength={2}
          w={140}
          value={rules?.country ?? ''}
          onChange={(event) => put({ country: event.currentTarget.value.toUpperCase() })}
          error={faultsOf(props)}
        />
        <TextInput
          label={t('fields.region')}
          w={140}
          disabled={!rules}
          value={rules?.region ?? ''}
          onChange={(event) => put({ region: event.currentTarget.value || null })}
        />
      </Group>
      {rules && COUNTRY.test(rules.country) && <Days rules={rules} />}
    </Fieldset>
  );
}

/** Holidays of this year, so that whoever chooses a country sees what that means. */
function Days({ rules: { country, region } }: { readonly rules: Rules }) {
  const { t, i18n } = useTranslation('resources');
  const year = String(new Date().getFullYear());
  const query = useAsk(routes.listHolidays, { query: { country, year, ...(region ? { region } : {}) } });
  if (query.isError)
    return (
      <Text size="sm" mt="xs">
        {t('holidaysUnknown')}
      </Text>
    );
  const format = new Intl.DateTimeFormat(i18n.language, { day: 'numeric', month: 'long', timeZone: 'UTC' });
  return (
    <List size="sm" mt="xs" aria-label={t('holidaysOf', { year })}>
      {query.data?.items.map(({ date, name }) => (
        <List.Item key={`${date} ${name}`}>{`${format.format(new Date(date))}: ${name}`}</List.Item>
      ))}
    </List>
  );
}
