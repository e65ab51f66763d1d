/** Fields of generated forms for values that people say otherwise than programs: seconds, money, words, pairs. */
import { ActionIcon, Button, Group, Input, NumberInput, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import type { FieldProps } from '@rjsf/utils';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useChoices } from './choices.ts';
import { ChoiceField, faultsOf, resourceIn } from './form-fields.tsx';

/** A number kept in a small unit and asked for in a large one. */
function ScaledField({
  scale,
  decimals,
  ...props
}: FieldProps & { readonly scale: number; readonly decimals: number }) {
  const { fieldPathId, schema, required, formData, onChange } = props;
  const { minimum, maximum } = schema;
  return (
    <NumberInput
      id={fieldPathId.$id}
      label={schema.title}
      required={required ?? false}
      decimalScale={decimals}
      {...(minimum === undefined ? {} : { min: minimum / scale })}
      {...(maximum === undefined ? {} : { max: maximum / scale })}
      value={typeof formData === 'number' ? formData / scale : ''}
      onChange={(value) => onChange(value === '' ? undefined : Math.round(Number(value) * scale), fieldPathId.path)}
      error={faultsOf(props)}
    />
  );
}

/** Milliseconds in seconds. */
export const SecondsField = (props: FieldProps) => <ScaledField {...props} scale={1000} decimals={3} />;

/** Millionths of the currency unit in units. */
export const MoneyField = (props: FieldProps) => <ScaledField {...props} scale={1_000_000} decimals={6} />;

/** Words, some of them offered. */
export function TagsField(props: FieldProps) {
  const { t } = useTranslation('resources');
  const { fieldPathId, schema, formData, onChange } = props;
  return (
    <TagsInput
      id={fieldPathId.$id}
      label={schema.title}
      description={t('tagsHelp')}
      clearable
      clearButtonProps={{ 'aria-label': t('clear') }}
      data={useChoices(resourceIn(props)).map(({ value }) => value)}
      value={(formData as string[] | undefined) ?? []}
      onChange={(value) => onChange(value, fieldPathId.path)}
      error={faultsOf(props)}
      comboboxProps={{ withinPortal: false }}
    />
  );
}

/** One entity of whatever kind another field of the form names. */
export function EntityOfField(props: FieldProps) {
  const { by, resources } = (props.uiSchema?.['ui:options'] ?? {}) as {
    readonly by: string;
    readonly resources: Readonly<Record<string, string | null>>;
  };
  const form = props.registry.formContext as { readonly data?: Readonly<Record<string, unknown>> };
  const resource = resources[String(form.data?.[by])] ?? null;
  const choices = useChoices(resource);
  return resource ? <ChoiceField {...props} data={choices} /> : null;
}

type Pair = readonly [name: string, value: string];

/** Names with texts, one line each. */
export const PairsField = (props: FieldProps) => <PairsInput {...props} read={(text) => text} />;

/** Names with numbers, one line each. */
export const LevelsField = (props: FieldProps) => (
  <PairsInput {...props} read={(text) => Math.min(100, Number.parseInt(text, 10) || 0)} />
);

/** What is kept of a text that was typed. */
type Read = (text: string) => string | number;

function PairsInput({ read, ...props }: FieldProps & { readonly read: Read }) {
  const { t } = useTranslation('resources');
  const { schema, formData, onChange, fieldPathId } = props;
  const pairs = Object.entries((formData as Record<string, string | number> | undefined) ?? {}).map(
    ([name, value]): Pair => [name, String(value)],
  );
  const put = (all: readonly Pair[]) =>
    onChange(Object.fromEntries(all.map(([name, value]) => [name, read(value)])), fieldPathId.path);
  const change = (at: number, pair: Pair) => put(pairs.map((one, i) => (i === at ? pair : one)));
  return (
    <Input.Wrapper
      label={schema.title}
      error={faultsOf(props)}
      labelElement="div"
      role="group"
      aria-label={schema.title}
    >
      <Stack gap="xs">
        {pairs.map(([name, value], at) => (
          <Group key={at} wrap="nowrap" grow preventGrowOverflow={false}>
            <TextInput
              aria-label={t('pairName')}
              value={name}
              onChange={(event) => change(at, [event.currentTarget.value, value])}
            />
            <TextInput
              aria-label={t('pairValue', { name })}
              value={value}
              onChange={(event) => change(at, [name, event.currentTarget.value])}
            />
            <ActionIcon
              variant="default"
              aria-label={t('removeNamed', { name })}
              onClick={() => put(pairs.filter((_, i) => i !== at))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <div>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={pairs.some(([name]) => name === '')}
            onClick={() => put([...pairs, ['', '']])}
          >
            {t('addPair')}
          </Button>
        </div>
      </Stack>
    </Input.Wrapper>
  );
}

const FLAGS = { on: true, off: false } as const;

/** Yes, no, or whatever holds above. */
export function FlagField(props: FieldProps) {
  const { t } = useTranslation('resources');
  const { fieldPathId, schema, formData, onChange } = props;
  return (
    <Select
      id={fieldPathId.$id}
      label={schema.title}
      placeholder={t('flag.above')}
      clearable
      clearButtonProps={{ 'aria-label': t('clear') }}
      data={Object.keys(FLAGS).map((value) => ({ value, label: t(`flag.${value}`) }))}
      value={typeof formData === 'boolean' ? (formData ? 'on' : 'off') : null}
      onChange={(value) => onChange(value === null ? undefined : FLAGS[value as 'on'], fieldPathId.path)}
      error={faultsOf(props)}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
