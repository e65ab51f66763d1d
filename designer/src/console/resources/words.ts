import type { i18n } from 'i18next';
import { useTranslation } from 'react-i18next';

/** `memberRingMs` as `Member ring ms`, for what has no word yet. */
export function humanised(name: string): string {
  const spaced = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[-_.]/g, ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1).toLowerCase();
}

export interface Words {
  /** What the contract says of a field, as the reader is told it: it is written in English and for programs. */
  description(text: string): string;
  /** Label of a field. */
  field(name: string): string;
  /** What a field is for, where its label does not say; undefined mostly. */
  help(name: string): string | undefined;
  /** A value of a closed set, e.g. of an enum. */
  value(value: string): string;
}

/** Sentences of the contract with what stands for them; whole sentences are no keys that a catalogue could be asked for. */
const descriptionsOf = (i18n: i18n): Readonly<Record<string, string>> =>
  (i18n.getResourceBundle(i18n.language, 'descriptions') as Readonly<Record<string, string>> | undefined) ?? {};

/** Names of fields and values in the reader's language. */
export function useWords(): Words {
  const { t, i18n } = useTranslation(['resources', 'descriptions']);
  return {
    description: (text) => descriptionsOf(i18n)[text] ?? text,
    field: (name) => t(`fields.${name}`, { defaultValue: humanised(name) }),
    help: (name) => t(`help.${name}`, { defaultValue: '' }) || undefined,
    // what has capitals is a name of its own, e.g. of a codec
    value: (value) => t(`values.${value}`, { defaultValue: /[A-Z]/.test(value) ? value : humanised(value) }),
  };
}
