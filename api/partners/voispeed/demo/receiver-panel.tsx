/** Whether events come, and the address that they must be sent to. */
import { useState } from 'react';
import { fill, useLanguage, useTexts } from './language.tsx';
import type { Receiver } from './receiver.ts';

/** An address that is to be typed elsewhere. */
export function Address({ url, label }: { readonly url: string; readonly label: string }) {
  const texts = useTexts();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    // without TLS browsers have no clipboard: then it is marked, to be copied by hand
    await navigator.clipboard?.writeText(url);
    setCopied(Boolean(navigator.clipboard));
  };
  return (
    <span className="address">
      <input readOnly value={url} aria-label={label} onFocus={(event) => event.target.select()} />
      <button type="button" className="quiet" onClick={() => void copy().catch(() => {})}>
        {copied ? texts.copied : texts.copy}
      </button>
    </span>
  );
}

interface Props {
  readonly receivers: readonly Receiver[];
  readonly open: boolean;
  /** ISO 8601 of the last line; null: none. */
  readonly last: string | null;
}

export function ReceiverPanel({ receivers, open, last }: Props) {
  const texts = useTexts();
  const language = useLanguage();
  const time = last && new Date(last).toLocaleTimeString(language);
  return (
    <details className="card receiver" open={last === null}>
      <summary>
        {texts.receiver}:{' '}
        <span className={open ? 'good' : 'bad'}>{open ? texts.receiverOpen : texts.receiverClosed}</span>
      </summary>
      <p>{time ? fill(texts.receiverSome, { time }) : texts.receiverNone}</p>
      <Address url={receivers[0]?.url ?? ''} label={texts.receiver} />
    </details>
  );
}
