/** The form library with the theme, widgets and layout of the editor: a form for any schema. */
import { withTheme } from '@rjsf/core';
import { Theme } from '@rjsf/mantine';
import type { ErrorSchema } from '@rjsf/utils';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { silentValidator } from '../../forms/validator.ts';
import { FIELDS } from './fields.tsx';
import { type FormTexts, prepare } from './prepare.ts';
import { TEMPLATES } from './templates.tsx';
import { WIDGETS } from './widgets.tsx';

const ThemedForm = withTheme(Theme);

export interface SchemaFormProps {
  readonly id: string;
  readonly schema: object;
  readonly value: unknown;
  readonly errors?: ErrorSchema;
  readonly readOnly?: boolean;
  readonly onChange: (value: unknown) => void;
}

/** What a form shows for values that are not there: nothing. Defaults are the engine's business. */
const DEFAULTS = { emptyObjectFields: 'skipDefaults', arrayMinItems: { populate: 'never' } } as const;

export function SchemaForm({ id, schema, value, errors, readOnly = false, onChange }: SchemaFormProps) {
  const { t, i18n } = useTranslation('editor');
  const prepared = useMemo(() => {
    const texts: FormTexts = {
      french: i18n.language.startsWith('fr'),
      field: (name) => t(`fields.${name}`, { defaultValue: name }),
    };
    return prepare(schema, texts);
  }, [schema, t, i18n.language]);
  return (
    <ThemedForm
      idPrefix={id}
      tagName="div"
      schema={prepared.schema}
      uiSchema={prepared.uiSchema}
      formData={value}
      {...(errors ? { extraErrors: errors } : {})}
      validator={silentValidator}
      fields={FIELDS}
      widgets={WIDGETS}
      templates={TEMPLATES}
      noValidate
      noHtml5Validate
      showErrorList={false}
      readonly={readOnly}
      experimental_defaultFormStateBehavior={DEFAULTS}
      onChange={({ formData }) => onChange(formData)}
    >
      {/* no submit button: every change is saved by itself */}
      <span />
    </ThemedForm>
  );
}
