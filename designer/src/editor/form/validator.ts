/**
 * Which branch of a schema a value belongs to, for the form library. It interprets schemas: the library's usual validator compiles
 * them to functions, which the page's security policy forbids. What is wrong with settings is told by the engine's lint instead.
 */
import { type Schema, Validator } from '@cfworker/json-schema';
import type { RJSFSchema, ValidatorType } from '@rjsf/utils';

const compiled = new WeakMap<object, Validator>();

function validatorOf(schema: RJSFSchema): Validator {
  const known = compiled.get(schema);
  if (known) return known;
  const made = new Validator(schema as Schema, '2020-12');
  compiled.set(schema, made);
  return made;
}

export const validator: ValidatorType = {
  isValid: (schema, formData) => validatorOf(schema).validate(formData ?? null).valid,
  rawValidation: () => ({}),
  validateFormData: () => ({ errors: [], errorSchema: {} }),
};
