/** Fields of structured values: by their shape, whatever kind of node they belong to. */
import {
  ActionIcon,
  Autocomplete,
  Chip,
  Group,
  Input,
  JsonInput,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Tooltip,
} from '@mantine/core';
import type { FieldProps, RegistryFieldsType, RJSFSchema } from '@rjsf/utils';
import { IconClock, IconLanguage, IconMathFunction } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDraft } from '../editor-store.ts';
import { useDirectory } from './directory.ts';
import { ExpressionInput } from './expression-input.tsx';
import type { Prepared } from './prepare.ts';
import { PromptPicker } from './prompt-picker.tsx';
import { SpeechPreview } from './speech-preview.tsx';
import { useNames } from './widgets.tsx';

const labels = ({ schema, uiSchema, rawErrors, required }: FieldProps) => ({
  label: uiSchema?.['ui:title'] ?? schema.title,
  description: schema.description,
  error: rawErrors?.join(' · '),
  required: required ?? false,
});

/** A number, or an expression that gives one; durations are shown in seconds. */
function ValueOrExpression(props: FieldProps) {
  const { t } = useTranslation('editor');
  const names = useNames();
  const { formData, onChange, fieldPathId, uiSchema, readonly, disabled } = props;
  const { unit, minimum, maximum, integer } = (uiSchema?.['ui:options'] ?? {}) as Record<
    string,
    number | string | boolean
  >;
  const factor = unit === 'ms' ? 1000 : 1;
  const isExpression = typeof formData === 'object' && formData !== null;
  const put = (value: unknown) => onChange(value, fieldPathId.path);
  const fallback = typeof props.schema.default === 'number' ? props.schema.default : Number(minimum ?? 0);
  return (
    <Group gap={6} align="end" wrap="nowrap">
      {isExpression ? (
        <div style={{ flex: 1 }}>
          <ExpressionInput
            id={fieldPathId.$id}
            {...labels(props)}
            label={String(labels(props).label ?? '')}
            errors={props.rawErrors}
            mode="expression"
            names={names}
            value={String((formData as { expr?: string }).expr ?? '')}
            onChange={(expr) => put({ expr })}
          />
        </div>
      ) : (
        <NumberInput
          id={fieldPathId.$id}
          flex={1}
          {...labels(props)}
          disabled={readonly || disabled || false}
          suffix={unit === 'ms' ? ' s' : unit === '%' ? ' %' : ''}
          decimalScale={unit === 'ms' ? 3 : integer === true ? 0 : 3}
          {...(typeof minimum === 'number' ? { min: minimum / factor } : {})}
          {...(typeof maximum === 'number' ? { max: maximum / factor } : {})}
          clampBehavior="blur"
          value={typeof formData === 'number' ? formData / factor : ''}
          onChange={(value) => put(value === '' ? undefined : Math.round(Number(value) * factor * 1000) / 1000)}
        />
      )}
      <Tooltip label={t(isExpression ? 'useNumber' : 'useExpression')}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t(isExpression ? 'useNumber' : 'useExpression')}
          onClick={() => put(isExpression ? fallback : { expr: String(formData ?? fallback) })}
        >
          {isExpression ? <IconClock size={18} /> : <IconMathFunction size={18} />}
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

/** A value that may be left out: a switch, and what it opens. */
function Nullable(props: FieldProps) {
  const { formData, onChange, fieldPathId, uiSchema, registry } = props;
  const inner = (uiSchema?.['ui:options'] as { inner?: Prepared } | undefined)?.inner;
  const { SchemaField } = registry.fields;
  const on = formData !== null && formData !== undefined;
  if (!inner || !SchemaField) return null;
  const { title, description, ...schema } = inner.schema;
  return (
    <Stack gap="xs">
      <Switch
        label={title}
        description={description}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked ? blank(inner.schema) : null, fieldPathId.path)}
      />
      {on ? (
        <SchemaField
          {...props}
          required={false}
          schema={schema as RJSFSchema}
          uiSchema={{ ...inner.uiSchema, 'ui:title': '' }}
        />
      ) : null}
    </Stack>
  );
}

/** The least a schema accepts: where a new value starts. */
function blank(schema: RJSFSchema): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [first] = (schema.oneOf ?? schema.anyOf ?? []) as RJSFSchema[];
  if (first) return blank(first);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
          schema.required?.includes(name) ? [[name, blank(property as RJSFSchema)]] : [],
        ),
      );
    case 'array':
      return schema.minItems ? [blank(schema.items as RJSFSchema)] : [];
    case 'number':
    case 'integer':
      return schema.minimum ?? 0;
    case 'boolean':
      return false;
    default:
      return '';
  }
}

const tagOf = ({ properties }: RJSFSchema): { name: string; value: string } => {
  const found = Object.entries(properties ?? {}).find(([, one]) => (one as RJSFSchema).const !== undefined);
  return { name: found?.[0] ?? '', value: String((found?.[1] as RJSFSchema | undefined)?.const ?? '') };
};

/** One of several shapes, told apart by a constant in each. */
function Choice(props: FieldProps) {
  const { t } = useTranslation('editor');
  const { schema, formData, onChange, fieldPathId, registry } = props;
  const options = props.uiSchema?.['ui:options'] as { branches?: readonly Prepared[] } | undefined;
  const branches = options?.branches ?? [];
  const { SchemaField } = registry.fields;
  const data = (formData ?? {}) as Record<string, unknown>;
  const chosen = branches.find(({ schema: one }) => data[tagOf(one).name] === tagOf(one).value) ?? branches[0];
  if (!chosen || !SchemaField) return null;
  const { value } = tagOf(chosen.schema);
  return (
    <Stack gap="xs">
      <Select
        id={`${fieldPathId.$id}__type`}
        {...labels(props)}
        aria-label={schema.title ?? t('type')}
        allowDeselect={false}
        data={branches.map(({ schema: one }) => ({
          value: tagOf(one).value,
          label: t(`values.${tagOf(one).value}`, { defaultValue: tagOf(one).value }),
        }))}
        value={value}
        onChange={(next) => {
          const branch = branches.find(({ schema: one }) => tagOf(one).value === next);
          if (branch) onChange(blank(branch.schema), fieldPathId.path);
        }}
      />
      <Pickers {...props} tag={value} />
      <SchemaField
        {...props}
        required={false}
        schema={chosen.schema}
        uiSchema={{ ...chosen.uiSchema, 'ui:title': '' }}
      />
    </Stack>
  );
}

/** What helps to fill a branch: users to pick, the sound of a text. */
function Pickers({ tag, formData, onChange, fieldPathId, uiSchema }: FieldProps & { readonly tag: string }) {
  const { t } = useTranslation('editor');
  const { users } = useDirectory();
  const data = (formData ?? {}) as { id?: unknown; text?: unknown };
  if (tag === 'text') return <SpeechPreview text={data.text} />;
  if (tag !== 'user' || uiSchema?.['ui:options']?.widget !== 'destination') return null;
  return (
    <Select
      searchable
      label={t('pickUser')}
      data={users.map((user) => ({
        value: user.id,
        label: [`${user.givenName} ${user.familyName}`.trim(), user.extension]
          .filter((part) => part !== '')
          .join(' · '),
      }))}
      value={users.some(({ id }) => id === data.id) ? String(data.id) : null}
      onChange={(id) => id !== null && onChange({ ...data, id }, fieldPathId.path)}
    />
  );
}

/** One text, or one per language; for audio, prompts to pick. */
function Localized(props: FieldProps) {
  const { t, i18n } = useTranslation('editor');
  const { formData, onChange, fieldPathId, uiSchema } = props;
  const { language } = useDraft().document;
  const names = useNames();
  const [adding, setAdding] = useState('');
  const isAudio = (uiSchema?.['ui:options'] as { of?: string } | undefined)?.of === 'name';
  const put = (value: unknown) => onChange(value, fieldPathId.path);
  const many = typeof formData === 'object' && formData !== null;
  const texts = (many ? formData : { [language]: formData ?? '' }) as Record<string, string>;
  const languageName = (tag: string) => new Intl.DisplayNames([i18n.language], { type: 'language' }).of(tag) ?? tag;
  const putOne = (tag: string, text: string) => {
    if (!many) put(text);
    else if (text === '' && Object.keys(texts).length > 1) {
      const { [tag]: _, ...others } = texts;
      put(others);
    } else put({ ...texts, [tag]: text });
  };
  return (
    <Input.Wrapper label={labels(props).label} labelElement="div" error={labels(props).error}>
      <Stack gap={6}>
        {Object.entries(texts).map(([tag, text]) =>
          isAudio ? (
            <PromptPicker
              key={tag}
              label={many ? languageName(tag) : String(labels(props).label)}
              value={text}
              onChange={(name) => putOne(tag, name)}
            />
          ) : (
            <ExpressionInput
              key={tag}
              id={`${fieldPathId.$id}_${tag}`}
              label={many ? languageName(tag) : String(labels(props).label ?? '')}
              hideLabel={!many}
              mode="template"
              names={names}
              value={text}
              onChange={(next) => putOne(tag, next)}
            />
          ),
        )}
        <Group gap={6} wrap="nowrap">
          <Autocomplete
            size="xs"
            flex={1}
            aria-label={t('addLanguage')}
            placeholder={t('addLanguage')}
            leftSection={<IconLanguage size={14} />}
            data={['en', 'fr', 'it', 'es', 'de', 'pt', 'nl'].filter((tag) => !(tag in texts))}
            value={adding}
            onChange={setAdding}
            onOptionSubmit={(tag) => {
              put({ ...texts, [tag]: isAudio ? (texts[language] ?? '') : '' });
              setAdding('');
            }}
          />
        </Group>
      </Stack>
    </Input.Wrapper>
  );
}

/** Days of the week, Monday first. */
function Days(props: FieldProps) {
  const { i18n } = useTranslation('editor');
  const { formData, onChange, fieldPathId } = props;
  // 2024-01-01 was a Monday
  const name = (day: number) =>
    new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, 0, day));
  return (
    <Input.Wrapper label={labels(props).label} labelElement="div" error={labels(props).error}>
      <Chip.Group
        multiple
        value={((formData ?? []) as number[]).map(String)}
        onChange={(days: string[]) =>
          onChange(
            days.map(Number).sort((a, b) => a - b),
            fieldPathId.path,
          )
        }
      >
        <Group gap={4}>
          {[1, 2, 3, 4, 5, 6, 7].map((day) => (
            <Chip key={day} value={String(day)} size="xs">
              {name(day)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Input.Wrapper>
  );
}

function Tags(props: FieldProps) {
  const { formData, onChange, fieldPathId } = props;
  return (
    <TagsInput
      id={fieldPathId.$id}
      {...labels(props)}
      value={(formData ?? []) as string[]}
      onChange={(values) =>
        onChange(values.length === 0 && !props.schema.minItems ? props.schema.default : values, fieldPathId.path)
      }
    />
  );
}

/** Any JSON value, as text. */
function Json(props: FieldProps) {
  const { t } = useTranslation('editor');
  const { formData, onChange, fieldPathId } = props;
  const [text, setText] = useState(() => (formData === undefined ? '' : JSON.stringify(formData, null, 2)));
  return (
    <JsonInput
      id={fieldPathId.$id}
      {...labels(props)}
      aria-label={props.schema.title ?? t('json')}
      autosize
      minRows={2}
      maxRows={12}
      formatOnBlur
      validationError={t('invalidJson')}
      value={text}
      onChange={(next) => {
        setText(next);
        try {
          onChange(JSON.parse(next), fieldPathId.path);
        } catch {
          // half-typed: the field itself says so, the draft keeps the last value
        }
      }}
    />
  );
}

export const FIELDS: RegistryFieldsType = {
  valueOrExpression: ValueOrExpression,
  nullable: Nullable,
  choice: Choice,
  localized: Localized,
  days: Days,
  tags: Tags,
  json: Json,
};
