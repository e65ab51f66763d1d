/** The user's last calls (V-016). */
import { minutes } from '../clock.ts';
import { fill, useTexts } from '../language.tsx';
import type { PastCall, User } from '../seri.ts';

interface Props {
  readonly calls: readonly PastCall[];
  /** Whose names are known without the phonebook. */
  readonly users: readonly User[];
  readonly dial: (number: string) => Promise<boolean>;
}

export function History({ calls, users, dial }: Props) {
  const texts = useTexts();
  const nameOf = ({ name, number }: PastCall): string =>
    name || (users.find(({ extension }) => extension === number)?.name ?? '');
  return (
    <section className="card" aria-label={texts.history}>
      <h2>{texts.history}</h2>
      {calls.length === 0 && <p className="faint">{texts.noHistory}</p>}
      <ul className="people history">
        {calls.map((call) => (
          <Entry key={call.id} call={call} name={nameOf(call)} dial={dial} />
        ))}
      </ul>
    </section>
  );
}

interface EntryProps {
  readonly call: PastCall;
  /** Empty: nobody knows. */
  readonly name: string;
  readonly dial: (number: string) => Promise<boolean>;
}

function Entry({ call: { direction, number, startedAt, seconds, outcome }, name, dial }: EntryProps) {
  const texts = useTexts();
  return (
    <li>
      <span>
        <span aria-hidden>{direction === 'in' ? '↙' : '↗'}</span>
        <span className="unseen">{direction === 'in' ? texts.incoming : texts.outgoing}</span> {name || number}{' '}
        <span className="faint">{name ? number : ''}</span>
        <br />
        <span className="faint">
          {startedAt} · {seconds > 0 ? minutes(seconds) : outcomeText(texts, outcome)}
        </span>
      </span>
      <button
        type="button"
        className="quiet"
        aria-label={fill(texts.callWho, { name: name || number })}
        onClick={() => void dial(number)}
      >
        {texts.call}
      </button>
    </li>
  );
}

/** T8 in words; of what is no code, itself. */
export function outcomeText(texts: ReturnType<typeof useTexts>, outcome: number | string): string {
  return texts[`outcome${outcome}` as keyof typeof texts] ?? String(outcome);
}
