/** What a partner contract's schema says of its settings, in the reader's language. */
import type { FieldHint } from '../resources/resource.ts';
import { humanised, type Words } from '../resources/words.ts';

/** JSON Schema of a contract's settings, as the API shows it. */
export interface SettingsSchema {
  readonly properties?: Readonly<Record<string, SettingSchema>>;
}

interface Labels {
  readonly title?: string;
  readonly description?: string;
}

interface SettingSchema extends Labels {
  /** By language. */
  readonly translations?: Readonly<Record<string, Labels>>;
  /** Entities whose values are offered for a list of texts. */
  readonly choose?: string;
}

/** Words of the schema; values are the partner's own names and stay as they are. */
export function settingWords({ properties = {} }: SettingsSchema, language: string): Words {
  const labels = (name: string): Labels => ({ ...properties[name], ...properties[name]?.translations?.[language] });
  return {
    field: (name) => labels(name).title ?? humanised(name),
    help: (name) => labels(name).description,
    value: (value) => value,
    description: (text) => text,
  };
}

/** Widgets for lists that choose among entities. */
export function settingHints({ properties = {} }: SettingsSchema): Readonly<Record<string, FieldHint>> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, { choose }]) =>
      choose === undefined ? [] : [[name, { field: 'tags', resource: choose } as const]],
    ),
  );
}
