/** A resource's form, generated from its route's body; what is wrong is said at the field, by us and by the API alike. */
import type { RouteContract } from '@callwright/api-contract';
import { Alert, Button, Group } from '@mantine/core';
import type { IChangeEvent } from '@rjsf/core';
import Form from '@rjsf/mantine';
import type { ErrorSchema, RJSFSchema } from '@rjsf/utils';
import { englishStringTranslator, TranslatableString, toErrorSchema } from '@rjsf/utils';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod';
import { ApiFailure } from '../../api/client.ts';
import { useTell } from '../../app/ask.ts';
import { failureText } from '../../app/failure.ts';
import { bodyForm, bodyOf, defaultsOf, formDataOf } from '../../forms/body-form.ts';
import { validator } from '../../forms/validator.ts';
import { ListTitle, ObjectLayout } from './form-layout.tsx';
import { decorated } from './form-schema.ts';
import { FORM_FIELDS } from './form-widgets.ts';
import type { FieldHint, Row } from './resource.ts';
import { useWords } from './words.ts';

interface ResourceFormProps {
  /** Route that takes the form. */
  readonly route: RouteContract;
  readonly params?: Readonly<Record<string, string>>;
  /** What is changed; without it something new is made. */
  readonly row?: Row;
  readonly hints?: Readonly<Record<string, FieldHint>>;
  /** What a new one starts with. */
  readonly initial?: Readonly<Record<string, unknown>>;
  /** Fields that stand before the rest. */
  readonly first?: readonly string[];
  /** Fields of the body that the form does not ask for. */
  readonly omit?: readonly string[];
  /** Sent along with what the form asks for. */
  readonly keep?: Readonly<Record<string, unknown>>;
  readonly submitLabel: string;
  readonly done: string;
  readonly onDone: (answer: unknown) => void;
  readonly onCancel?: () => void;
}

export function ResourceForm(props: ResourceFormProps) {
  const { route, params, row, hints, initial, first, omit, keep, submitLabel, done, onDone, onCancel } = props;
  const { t } = useTranslation('resources');
  const words = useWords();
  const form = useMemo(() => {
    if (!(route.body instanceof z.ZodType)) throw new Error(`${route.id} takes no form`);
    return bodyForm(route.body, omit);
  }, [route, omit?.join()]);
  const { schema, uiSchema } = decorated(form.schema, words, hints, presentOf(form.schema, first));
  const [data, setData] = useState<Record<string, unknown>>(() =>
    formDataOf(form, row ?? { ...defaultsOf(form.schema), ...initial }),
  );
  const tell = useTell(route, { done, quiet: true, onSuccess: onDone });
  const submit = ({ formData }: IChangeEvent<Record<string, unknown>>) =>
    tell.mutate({ params: params ?? {}, body: { ...keep, ...bodyOf(form, formData ?? {}, row) } } as never);
  const faults = faultsAtFields(tell.error);
  const translate = (text: TranslatableString, params?: string[]) => {
    const key = LIBRARY_TEXTS[text];
    return key ? t(key) : englishStringTranslator(text, params);
  };
  return (
    <Form
      schema={schema}
      uiSchema={uiSchema}
      validator={validator}
      fields={FORM_FIELDS}
      templates={TEMPLATES}
      formData={data}
      formContext={{ data }}
      {...(faults ? { extraErrors: faults } : {})}
      onChange={({ formData }: IChangeEvent<Record<string, unknown>>) => setData(formData ?? {})}
      onSubmit={submit}
      translateString={translate}
      showErrorList={false}
      noHtml5Validate
      focusOnFirstError
      experimental_defaultFormStateBehavior={{ emptyObjectFields: 'populateRequiredDefaults' }}
    >
      {tell.isError && (
        <Alert color="red" variant="outline" role="alert" mb="md">
          {failureText(tell.error)}
        </Alert>
      )}
      <Group justify="flex-end" mt="md">
        {onCancel && (
          <Button variant="default" onClick={onCancel}>
            {t('cancel')}
          </Button>
        )}
        <Button type="submit" loading={tell.isPending}>
          {submitLabel}
        </Button>
      </Group>
    </Form>
  );
}

const TEMPLATES = { ObjectFieldTemplate: ObjectLayout, ArrayFieldTitleTemplate: ListTitle };

/** Texts of the form library that readers meet, by what it calls them. */
const LIBRARY_TEXTS: Partial<Record<TranslatableString, string>> = {
  [TranslatableString.AddButton]: 'add',
  [TranslatableString.AddItemButton]: 'add',
  [TranslatableString.MoveUpButton]: 'moveUp',
  [TranslatableString.MoveDownButton]: 'moveDown',
  [TranslatableString.RemoveButton]: 'remove',
  [TranslatableString.YesLabel]: 'yes',
  [TranslatableString.NoLabel]: 'no',
};

/** Fields of `first` that this form has: a change may not offer all that making something does. */
function presentOf({ properties = {} }: RJSFSchema, first?: readonly string[]): string[] | undefined {
  return first?.filter((name) => name in properties);
}

/** The API's complaints about single fields. */
function faultsAtFields(error: unknown): ErrorSchema | null {
  const errors = error instanceof ApiFailure ? error.problem?.errors : undefined;
  if (!errors) return null;
  return toErrorSchema(
    errors.map(({ path, message }) => ({ property: path.replace(/^body/, ''), message, stack: message })),
  );
}
