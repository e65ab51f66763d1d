/** Widgets of single values, for the form library. */
import { Autocomplete, Select } from '@mantine/core';
import { TimeInput } from '@mantine/dates';
import type { RegistryWidgetsType, WidgetProps } from '@rjsf/utils';
import { createContext, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { useDraft } from '../editor-store.ts';
import { useDirectory } from './directory.ts';
import { ExpressionInput } from './expression-input.tsx';

/** Names an expression of the node being edited sees beside the variables, e.g. the answer of a request. */
export const ExtraNames = createContext<readonly string[]>([]);

export function useNames(): readonly string[] {
  const extra = useContext(ExtraNames);
  const { variables } = useDraft().document;
  return [...variables.map(({ name }) => name), ...extra];
}

const common = ({ id, label, hideLabel, required, readonly, disabled, rawErrors, schema }: WidgetProps) => ({
  id,
  label: hideLabel ? undefined : label,
  'aria-label': hideLabel ? label : undefined,
  required: required ?? false,
  disabled: readonly || disabled || false,
  description: schema.description,
  error: rawErrors?.join(' · '),
});

function Code({ mode, ...props }: WidgetProps & { readonly mode: 'expression' | 'template' }) {
  const names = useNames();
  const { id, label, hideLabel, required, readonly, rawErrors, schema, value, onChange, options } = props;
  return (
    <ExpressionInput
      id={id}
      label={label}
      hideLabel={hideLabel ?? false}
      description={schema.description}
      required={required}
      readOnly={readonly}
      errors={rawErrors}
      mode={mode}
      names={names}
      value={typeof value === 'string' ? value : ''}
      onChange={(text) => onChange(text === '' ? (options.emptyValue as string | undefined) : text)}
    />
  );
}

/** Text with suggestions: a template may stand there as well as a name. */
function suggesting(suggestions: () => readonly { readonly value: string; readonly label: string }[]) {
  return function Suggesting(props: WidgetProps) {
    const data = suggestions();
    return (
      <Autocomplete
        {...common(props)}
        data={[...new Set(data.map(({ value }) => value))]}
        renderOption={({ option }) => data.find(({ value }) => value === option.value)?.label ?? option.value}
        value={typeof props.value === 'string' ? props.value : ''}
        onChange={(text) => props.onChange(text === '' ? props.options.emptyValue : text)}
      />
    );
  };
}

const named = (entries: readonly { readonly name: string }[]) =>
  entries.map(({ name }) => ({ value: name, label: name }));

const useVariables = () => named(useDraft().document.variables);
const useGroups = () => named(useDirectory().groups);
const useCalendars = () => named(useDirectory().calendars);
const useFlows = () =>
  useDirectory().flows.map(({ name, title }) => ({ value: name, label: title ? `${title} (${name})` : name }));
const useTimeZones = () => Intl.supportedValuesOf('timeZone').map((zone) => ({ value: zone, label: zone }));

function ChoiceSelect(props: WidgetProps) {
  const { t } = useTranslation('editor');
  const options = (props.schema.enum ?? []) as string[];
  return (
    <Select
      {...common(props)}
      data={options.map((value) => ({ value, label: t(`values.${value}`, { defaultValue: value }) }))}
      value={typeof props.value === 'string' ? props.value : null}
      allowDeselect={!props.required}
      onChange={(value) => props.onChange(value ?? props.schema.default)}
    />
  );
}

/** Minutes of a day, as a clock time. 24:00 is shown as 00:00. */
function TimeOfDay(props: WidgetProps) {
  const minutes = typeof props.value === 'number' ? props.value % 1440 : 0;
  const text = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return (
    <TimeInput
      {...common(props)}
      value={text}
      onChange={(event) => {
        const [hours, rest] = event.currentTarget.value.split(':').map(Number);
        if (hours !== undefined && rest !== undefined && Number.isFinite(hours + rest))
          props.onChange(hours * 60 + rest);
      }}
    />
  );
}

export const WIDGETS: RegistryWidgetsType = {
  expression: (props: WidgetProps) => <Code {...props} mode="expression" />,
  template: (props: WidgetProps) => <Code {...props} mode="template" />,
  variable: suggesting(useVariables),
  ringGroup: suggesting(useGroups),
  calendar: suggesting(useCalendars),
  flow: suggesting(useFlows),
  timeZone: suggesting(useTimeZones),
  choiceSelect: ChoiceSelect,
  timeOfDay: TimeOfDay,
};
