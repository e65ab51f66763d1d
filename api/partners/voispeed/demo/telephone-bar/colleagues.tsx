/** The other users and whether they can be called. */
import { useState } from 'react';
import { fill, useTexts } from '../language.tsx';
import type { User } from '../seri.ts';
import { Field } from '../session.tsx';
import { Status } from './status.tsx';

const MOST = 200;

interface Props {
  /** Null: they are not told. */
  readonly users: readonly User[] | null;
  readonly own: string;
  readonly dial: (number: string) => Promise<boolean>;
}

export function Colleagues({ users, own, dial }: Props) {
  const texts = useTexts();
  const [search, setSearch] = useState('');
  const wanted = search.toLowerCase();
  const others = (users ?? [])
    .filter(({ extension }) => extension !== own)
    .filter(({ name, extension }) => `${name} ${extension}`.toLowerCase().includes(wanted))
    .slice(0, MOST);
  return (
    <section className="card" aria-label={texts.colleagues}>
      <h2>{texts.colleagues}</h2>
      {users === null ? (
        <p className="faint">{texts.noColleagues}</p>
      ) : (
        <Field label={texts.search}>
          {(id) => <input id={id} type="search" value={search} onChange={(event) => setSearch(event.target.value)} />}
        </Field>
      )}
      <ul className="people">
        {others.map(({ extension, name, status }) => (
          <li key={extension}>
            <span>
              {name} <span className="faint">{extension}</span>
            </span>
            <Status code={status} />
            <button
              type="button"
              className="quiet"
              aria-label={fill(texts.callWho, { name: name || extension })}
              onClick={() => void dial(extension)}
            >
              {texts.call}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
