/** The two loggers of the guide (V-099): what is sent to the notification URL, and what an IVR script is asked. */
import { useId, useState } from 'react';
import { useTexts } from '../language.tsx';
import { type Line, useLines } from '../receiver.ts';
import { Address } from '../receiver-panel.tsx';
import { Field, Program, type Session } from '../session.tsx';
import { logFile, logLine } from './log-line.ts';
import { ScriptAnswer } from './script-answer.tsx';

const MOST = 1_000;

export default function Loggers() {
  const texts = useTexts();
  return <Program title={texts.loggers}>{(session) => <Desk key={session.token} session={session} />}</Program>;
}

function Desk({ session }: { readonly session: Session }) {
  const { token, receivers } = session;
  const texts = useTexts();
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [answer, setAnswer] = useState('');
  const open = useLines(token, (line) => setLines((before) => [...before, line].slice(-MOST)));
  const url = (name: string): string => receivers.find((one) => one.name === name)?.url ?? '';
  const clear = (name: string): void => setLines((before) => before.filter(({ receiver }) => receiver !== name));
  const of = (name: string): readonly Line[] => lines.filter(({ receiver }) => receiver === name);
  const script = url('logger_ivr.php') + (answer ? `?${new URLSearchParams({ answer })}` : '');
  return (
    <>
      <p role="status" className={open ? 'good' : 'bad'}>
        {open ? texts.receiverOpen : texts.receiverClosed}
      </p>
      <Log
        title={texts.logEvents}
        intro={texts.logEventsIntro}
        file="logger.txt"
        url={url('logger.php')}
        lines={of('logger.php')}
        clear={() => clear('logger.php')}
      />
      <Log
        title={texts.logScript}
        intro={texts.logScriptIntro}
        file="logger_ivr.txt"
        url={script}
        lines={of('logger_ivr.php')}
        clear={() => clear('logger_ivr.php')}
      >
        <ScriptAnswer answer={answer} set={setAnswer} />
      </Log>
    </>
  );
}

interface LogProps {
  readonly title: string;
  readonly intro: string;
  readonly file: string;
  readonly url: string;
  readonly lines: readonly Line[];
  readonly clear: () => void;
  readonly children?: React.ReactNode;
}

function Log({ title, intro, file, url, lines, clear, children }: LogProps) {
  const texts = useTexts();
  const heading = useId();
  const [filter, setFilter] = useState('');
  const [paused, setPaused] = useState<readonly Line[] | null>(null);
  const shown = (paused ?? lines).filter(({ text }) => text.toLowerCase().includes(filter.toLowerCase()));
  const save = (): void => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([logFile(shown)], { type: 'text/plain' }));
    link.download = file;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <section className="card" aria-labelledby={heading}>
      <h2 id={heading}>{title}</h2>
      <p>{intro}</p>
      {children}
      <Address url={url} label={title} />
      <div className="row">
        <Field label={texts.filter}>
          {(id) => <input id={id} type="search" value={filter} onChange={(event) => setFilter(event.target.value)} />}
        </Field>
        <button type="button" aria-pressed={paused !== null} onClick={() => setPaused(paused ? null : lines)}>
          {paused ? texts.goOn : texts.pause}
        </button>
        <button type="button" className="quiet" onClick={clear}>
          {texts.clear}
        </button>
        <button type="button" className="quiet" disabled={shown.length === 0} onClick={save}>
          {texts.download}
        </button>
      </div>
      {shown.length === 0 && <p className="faint">{texts.logNothing}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <ol className="log" tabIndex={0} aria-label={title}>
        {shown.toReversed().map((line) => (
          <li key={`${line.at} ${line.text}`}>
            <strong>{line.query.get('event_name') ?? line.query.get('input')}</strong> {logLine(line)}
          </li>
        ))}
      </ol>
    </section>
  );
}
