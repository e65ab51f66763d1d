/** Every field of generated forms that is ours, by the names that `FieldHint` uses. */
import type { RegistryFieldsType } from '@rjsf/utils';
import {
  DestinationField,
  EntitiesField,
  EntityField,
  LanguageField,
  TimeField,
  TimeZoneField,
} from './form-fields.tsx';
import {
  EntityOfField,
  FlagField,
  LevelsField,
  MoneyField,
  PairsField,
  SecondsField,
  TagsField,
} from './form-values.tsx';
import { HolidaysField } from './holidays-field.tsx';
import { HoursField } from './hours-field.tsx';

export const FORM_FIELDS: RegistryFieldsType = {
  entity: EntityField,
  entityOf: EntityOfField,
  entities: EntitiesField,
  destination: DestinationField,
  flag: FlagField,
  holidays: HolidaysField,
  hours: HoursField,
  language: LanguageField,
  levels: LevelsField,
  money: MoneyField,
  pairs: PairsField,
  seconds: SecondsField,
  tags: TagsField,
  time: TimeField,
  timeZone: TimeZoneField,
};
