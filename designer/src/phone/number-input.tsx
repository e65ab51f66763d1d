import { routes } from '@callwright/api-contract';
import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useAskList } from '../app/ask.ts';

/** While somebody still types. */
const TYPING_MS = 250;

interface NumberInputProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** What is dialled: a number as people write it, or the extension before a colleague's name; empty when there is none. */
export function dialledOf(text: string): string {
  return /^\+?[0-9*#][0-9*#\s.()/-]*/.exec(text.trim())?.[0].replaceAll(/[\s.()/-]/g, '') ?? '';
}

/** A number, or a colleague by name. */
export function PhoneNumberInput({ label, value, onChange }: NumberInputProps) {
  const [search] = useDebouncedValue(value.trim(), TYPING_MS);
  const { items } = useAskList(routes.listColleagues, { query: search ? { search, limit: '8' } : { limit: '8' } });
  const shown = items.map(({ extension, givenName, familyName }) =>
    [extension, givenName, familyName].filter(Boolean).join(' '),
  );
  return (
    <Autocomplete
      label={label}
      inputMode="tel"
      autoComplete="off"
      data={[...new Set(shown)]}
      // the API has searched
      filter={({ options }) => options}
      value={value}
      onChange={onChange}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
