import { useTranslation } from 'react-i18next';

/** `memberRingMs` as `Member ring ms`, for what has no word yet. */
export function humanised(name: string): string {
  const spaced = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[-_.]/g, ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1).toLowerCase();
}

export interface Words {
  /** Of the reader, e.g. `fr`. */
  readonly language: string;
  /** Label of a field. */
  field(name: string): string;
  /** What a field is for, where its label does not say; undefined mostly. */
  help(name: string): string | undefined;
  /** A value of a closed set, e.g. of an enum. */
  value(value: string): string;
}

/** Names of fields and values in the reader's language. */
export function useWords(): Words {
  const { t, i18n } = useTranslation('resources');
  return {
    language: i18n.language,
    field: (name) => t(`fields.${name}`, { defaultValue: humanised(name) }),
    help: (name) => t(`help.${name}`, { defaultValue: '' }) || undefined,
    // what has capitals is a name of its own, e.g. of a codec
    value: (value) => t(`values.${value}`, { defaultValue: /[A-Z]/.test(value) ? value : humanised(value) }),
  };
}
