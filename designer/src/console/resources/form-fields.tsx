/** Fields of generated forms that choose entities. */
import { Group, Input, MultiSelect, Select, TextInput } from '@mantine/core';
import type { ErrorSchema, FieldProps } from '@rjsf/utils';
import { useTranslation } from 'react-i18next';
import { useChoices } from './choices.ts';
import { DESTINATIONS } from './registry.ts';
import { useWords } from './words.ts';

/** Resource that a field's hint names. */
export const resourceIn = ({ uiSchema }: FieldProps): string => String(uiSchema?.['ui:options']?.resource);
/** What is wrong with a field, in one text. */
export const faultsOf = ({ rawErrors, errorSchema }: FieldProps): string | undefined =>
  rawErrors?.join(' ') || [...new Set(nestedFaults(errorSchema))].join(' ') || undefined;

/** What is wrong inside a value that is shown as one. */
function nestedFaults(faults: ErrorSchema | undefined): string[] {
  if (typeof faults !== 'object') return [];
  return Object.entries(faults).flatMap(([key, inner]) =>
    key === '__errors' ? ((inner as string[] | undefined) ?? []) : nestedFaults(inner as ErrorSchema | undefined),
  );
}

/** One entity, by name. */
export function EntityField(props: FieldProps) {
  return <ChoiceField {...props} data={useChoices(resourceIn(props))} />;
}

/** Several entities, by name. */
export function EntitiesField(props: FieldProps) {
  const { t } = useTranslation('resources');
  const { fieldPathId, schema, formData, onChange, disabled } = props;
  return (
    <MultiSelect
      id={fieldPathId.$id}
      label={schema.title}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('clear') }}
      nothingFoundMessage={t('nothingFound')}
      data={[...useChoices(resourceIn(props))]}
      value={(formData as string[] | undefined) ?? []}
      onChange={(value) => onChange(value, fieldPathId.path)}
      disabled={disabled ?? false}
      error={faultsOf(props)}
      comboboxProps={{ withinPortal: false }}
    />
  );
}

/** Where something leads. */
export function DestinationField(props: FieldProps) {
  const { fieldPathId, schema, formData, onChange } = props;
  return (
    <DestinationInput
      label={schema.title ?? ''}
      // a form fills in an empty object where a destination is needed
      value={(formData as Partial<DestinationValue> | undefined)?.type ? (formData as DestinationValue) : null}
      onChange={(value) => onChange(value ?? undefined, fieldPathId.path)}
      error={faultsOf(props)}
    />
  );
}

export interface DestinationValue {
  readonly type: string;
  readonly id: string;
}

interface DestinationInputProps {
  readonly label: string;
  readonly value: DestinationValue | null;
  readonly onChange: (value: DestinationValue | null) => void;
  readonly error?: string | undefined;
  /** Kinds to choose from; all that there are when absent. */
  readonly types?: readonly string[];
}

/** Kind of destination, then which one: from a list where there is one, else as text. */
export function DestinationInput({ label, value, onChange, error, types: offered }: DestinationInputProps) {
  const { t } = useTranslation('resources');
  const words = useWords();
  const types = [...new Set([...(offered ?? Object.keys(DESTINATIONS)), ...(value ? [value.type] : [])])];
  return (
    <Input.Wrapper label={label} error={error} labelElement="div" role="group" aria-label={label}>
      <Group grow align="flex-start" preventGrowOverflow={false} wrap="nowrap">
        <Select
          aria-label={t('destinationType')}
          placeholder={t('nowhere')}
          clearable={!offered}
          clearButtonProps={{ 'aria-label': t('clear') }}
          data={types.map((type) => ({ value: type, label: words.value(type) }))}
          value={value?.type ?? null}
          onChange={(type) => onChange(type ? { type, id: '' } : null)}
          comboboxProps={{ withinPortal: false }}
        />
        {value && <DestinationId value={value} onChange={onChange} />}
      </Group>
    </Input.Wrapper>
  );
}

type IdProps = { readonly value: DestinationValue } & Pick<DestinationInputProps, 'onChange'>;

function DestinationId({ value, onChange }: IdProps) {
  const { t } = useTranslation('resources');
  const words = useWords();
  const choice = DESTINATIONS[value.type] ?? 'text';
  const listed = useChoices(typeof choice === 'object' && 'resource' in choice ? choice.resource : null);
  if (choice === 'text')
    return (
      <TextInput
        aria-label={t('destinationId')}
        placeholder={t(`destinationHelp.${value.type}`, { defaultValue: '' })}
        value={value.id}
        onChange={(event) => onChange({ type: value.type, id: event.currentTarget.value })}
      />
    );
  const data = 'values' in choice ? choice.values.map((id) => ({ value: id, label: words.value(id) })) : [...listed];
  return (
    <Select
      aria-label={t('destinationId')}
      placeholder={t('choose')}
      searchable
      allowDeselect={false}
      nothingFoundMessage={t('nothingFound')}
      data={data}
      value={value.id || null}
      onChange={(id) => onChange({ type: value.type, id: id ?? '' })}
      comboboxProps={{ withinPortal: false }}
    />
  );
}

/** A moment as the browser's own field takes it: local, without a zone. */
const localOf = (iso: string): string => {
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

/** A moment, in the local zone. */
export function TimeField(props: FieldProps) {
  const { fieldPathId, schema, required, formData, onChange } = props;
  return (
    <TextInput
      id={fieldPathId.$id}
      type="datetime-local"
      label={schema.title}
      required={required ?? false}
      value={formData ? localOf(String(formData)) : ''}
      onChange={({ currentTarget: { value } }) =>
        onChange(value ? new Date(value).toISOString() : undefined, fieldPathId.path)
      }
      error={faultsOf(props)}
    />
  );
}

/** Languages that announcements are mostly wanted in; one that is set already stays. */
const SPOKEN = ['en', 'fr', 'de', 'es', 'it', 'nl', 'pt'] as const;

/** A language, by its name. */
export function LanguageField(props: FieldProps) {
  const { i18n } = useTranslation();
  const names = new Intl.DisplayNames(i18n.language, { type: 'language' });
  const codes = [...new Set([...SPOKEN, ...(props.formData ? [String(props.formData)] : [])])];
  return <ChoiceField {...props} data={codes.map((value) => ({ value, label: names.of(value) ?? value }))} />;
}

/** A zone of the IANA’s list. */
export function TimeZoneField(props: FieldProps) {
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone'), ...(props.formData ? [String(props.formData)] : [])];
  return <ChoiceField {...props} data={[...new Set(zones)]} />;
}

type ChoiceData = readonly string[] | readonly { readonly value: string; readonly label: string }[];

/** One of the values given. */
export function ChoiceField({ data, ...props }: FieldProps & { readonly data: ChoiceData }) {
  const { t } = useTranslation('resources');
  const { fieldPathId, schema, required, formData, onChange, disabled } = props;
  return (
    <Select
      id={fieldPathId.$id}
      label={schema.title}
      required={required ?? false}
      searchable
      clearable={!required}
      clearButtonProps={{ 'aria-label': t('clear') }}
      nothingFoundMessage={t('nothingFound')}
      data={[...data] as string[]}
      value={(formData as string | undefined) ?? null}
      onChange={(value) => onChange(value ?? undefined, fieldPathId.path)}
      disabled={disabled ?? false}
      error={faultsOf(props)}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
