/** The user's last calls (V-016). */
import { minutes } from '../clock.ts';
import { fill, useTexts } from '../language.tsx';
import type { PastCall } from '../seri.ts';

interface Props {
  readonly calls: readonly PastCall[];
  readonly dial: (number: string) => Promise<boolean>;
}

export function History({ calls, dial }: Props) {
  const texts = useTexts();
  return (
    <section className="card" aria-label={texts.history}>
      <h2>{texts.history}</h2>
      {calls.length === 0 && <p className="faint">{texts.noHistory}</p>}
      <ul className="people history">
        {calls.map(({ id, direction, number, name, startedAt, seconds, outcome }) => (
          <li key={id}>
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
        ))}
      </ul>
    </section>
  );
}

/** T8 in words; of what is no code, itself. */
export function outcomeText(texts: ReturnType<typeof useTexts>, outcome: number | string): string {
  return texts[`outcome${outcome}` as keyof typeof texts] ?? String(outcome);
}
