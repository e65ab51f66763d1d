/** How the user may be reached (V-015). */
import { type FormEvent, useState } from 'react';
import { useTexts } from '../language.tsx';
import { Field } from '../session.tsx';
import { Status } from './status.tsx';

const MODES = ['1', '2', '3', '4'] as const;
const DIVERT = '4';
/** The mode behind a state (T2). */
const OF_STATUS: Readonly<Record<number, string>> = { 5: '2', 7: '3', 8: DIVERT };

interface Props {
  readonly name: string;
  /** T2; undefined: it is not told. */
  readonly status: number | undefined;
  readonly set: (mode: string, number: string) => void;
}

export function OwnMode({ name, status, set }: Props) {
  const texts = useTexts();
  const [chosen, setChosen] = useState<string | null>(null);
  const mode = chosen ?? OF_STATUS[status ?? 0] ?? MODES[0];
  const [number, setNumber] = useState('');
  const choose = (next: string): void => {
    setChosen(next);
    // where to is asked first
    if (next !== DIVERT) set(next, '');
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    set(mode, mode === DIVERT ? number : '');
  };
  return (
    <form className="card row own" onSubmit={submit}>
      <div className="who">
        <strong>{name}</strong>
        {status !== undefined && <Status code={status} />}
      </div>
      <Field label={texts.mode}>
        {(id) => (
          <select id={id} value={mode} onChange={(event) => choose(event.target.value)}>
            {MODES.map((one) => (
              <option key={one} value={one}>
                {texts[`mode${one}`]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {mode === DIVERT && (
        <>
          <Field label={texts.divertTo}>
            {(id) => <input id={id} type="tel" value={number} onChange={(event) => setNumber(event.target.value)} />}
          </Field>
          <button type="submit">{texts.set}</button>
        </>
      )}
    </form>
  );
}
