/** Checks a form's data by its JSON Schema. An interpreter: validators that compile schemas to code are refused by the page's policy. */
import { type Schema, Validator } from '@cfworker/json-schema';
import type { RJSFSchema, RJSFValidationError, ValidationData, ValidatorType } from '@rjsf/utils';
import { toErrorSchema } from '@rjsf/utils';
import i18next from 'i18next';

interface Fault {
  readonly keyword: string;
  readonly instanceLocation: string;
  readonly error: string;
}

/** `#/a/0/b` as `.a.0.b`. */
const pathOf = (location: string): string => location.slice(1).replaceAll('/', '.');

const interpreters = new WeakMap<object, Validator>();

function interpreterOf(schema: RJSFSchema): Validator {
  const known = interpreters.get(schema) ?? new Validator(schema as unknown as Schema, '2020-12', false);
  interpreters.set(schema, known);
  return known;
}

function faultsOf(schema: RJSFSchema, data: unknown): Fault[] {
  const { valid, errors } = interpreterOf(schema).validate(data ?? null);
  if (valid) return [];
  // the fault itself, not the objects around it that are wrong because of it
  return errors.filter(({ keyword }) => !['properties', 'items', 'additionalProperties', '$ref'].includes(keyword));
}

function describe({ keyword, instanceLocation, error }: Fault): RJSFValidationError {
  if (keyword === 'required') {
    const missing = /"([^"]+)"/.exec(error)?.[1] ?? '';
    return fault(`${pathOf(instanceLocation)}.${missing}`, 'required');
  }
  return fault(pathOf(instanceLocation), keyword);
}

function fault(property: string, name: string): RJSFValidationError {
  const message = i18next.t(`app:form.${name}`, { defaultValue: i18next.t('app:form.invalid') });
  return { name, message, property, stack: message };
}

/** For `<Form validator>`; messages in the reader's language. */
export const validator: ValidatorType = {
  isValid: (schema, data, root) => {
    const whole = root.$defs ? { ...schema, $defs: root.$defs } : schema;
    return faultsOf(whole as RJSFSchema, data).length === 0;
  },
  rawValidation: <Result>(schema: RJSFSchema, data?: unknown) => ({ errors: faultsOf(schema, data) as Result[] }),
  validateFormData: (data, schema): ValidationData<unknown> => {
    const errors = faultsOf(schema, data).map(describe);
    return { errors, errorSchema: toErrorSchema(errors) };
  },
};

/**
 * For forms whose settings are judged elsewhere, as a node's are by the engine's lint: it only tells which branch of a schema a value
 * belongs to.
 */
export const silentValidator: ValidatorType = {
  isValid: validator.isValid,
  rawValidation: () => ({}),
  validateFormData: () => ({ errors: [], errorSchema: {} }),
};

export { validator as default };
