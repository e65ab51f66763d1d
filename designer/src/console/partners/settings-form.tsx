/** Settings of an integration module, as the schema of its contract says. Knows no contract. */
import { routes } from '@callwright/api-contract';
import { Alert, Button, Card, Group } from '@mantine/core';
import Form from '@rjsf/mantine';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { failureText } from '../../app/failure.ts';
import { bodyOf, formDataOf, schemaForm } from '../../forms/body-form.ts';
import { validator } from '../../forms/validator.ts';
import { ListTitle, ObjectLayout } from '../resources/form-layout.tsx';
import { decorated } from '../resources/form-schema.ts';
import { FORM_FIELDS } from '../resources/form-widgets.ts';
import { type SettingsSchema, settingHints, settingWords } from './setting-words.ts';

type Settings = Readonly<Record<string, unknown>>;

interface SettingsFormProps {
  readonly id: string;
  readonly schema: SettingsSchema;
  readonly settings: Settings;
  readonly mayChange: boolean;
}

const TEMPLATES = { ObjectFieldTemplate: ObjectLayout, ArrayFieldTitleTemplate: ListTitle };

export function SettingsForm({ id, schema: told, settings, mayChange }: SettingsFormProps) {
  const { t, i18n } = useTranslation('resources');
  const form = useMemo(() => schemaForm(told as Record<string, unknown>), [told]);
  const { schema, uiSchema } = decorated(form.schema, settingWords(told, i18n.language), settingHints(told));
  const [data, setData] = useState<Record<string, unknown>>(() => formDataOf(form, settings));
  const change = useTell(routes.updatePartnerModule, { done: t('saved'), quiet: true });
  const submit = () =>
    change.mutate({
      params: { id },
      body: { settings: bodyOf(form, withoutEmptyLists(data, form.nullable), settings) },
    });
  return (
    <Card withBorder maw={640}>
      <Form
        schema={schema}
        uiSchema={uiSchema}
        validator={validator}
        fields={FORM_FIELDS}
        templates={TEMPLATES}
        formData={data}
        disabled={!mayChange}
        onChange={({ formData }) => setData((formData ?? {}) as Record<string, unknown>)}
        onSubmit={submit}
        showErrorList={false}
        noHtml5Validate
        focusOnFirstError
      >
        {change.isError && (
          <Alert color="red" variant="outline" role="alert" mb="md">
            {failureText(change.error)}
          </Alert>
        )}
        <Group justify="flex-end" mt="md">
          {mayChange && (
            <Button type="submit" loading={change.isPending}>
              {t('save')}
            </Button>
          )}
        </Group>
      </Form>
    </Card>
  );
}

/** A list that may be null means all while it is empty. */
function withoutEmptyLists(data: Settings, nullable: ReadonlySet<string>): Settings {
  const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
  return Object.fromEntries(Object.entries(data).filter(([name, value]) => !(nullable.has(name) && isEmpty(value))));
}
