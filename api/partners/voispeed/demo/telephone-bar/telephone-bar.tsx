/** The telephone bar (V-098): dials, holds, retrieves, transfers, hangs up, and shows who is on the line. */
import { type FormEvent, useState } from 'react';
import { fill, useTexts } from '../language.tsx';
import { usePolled } from '../polled.ts';
import { useLines } from '../receiver.ts';
import { ReceiverPanel } from '../receiver-panel.tsx';
import { ask, callsOf, type Params, SeriError, users } from '../seri.ts';
import { Field, Program, type Session } from '../session.tsx';
import { afterHold, type BarCall, type BarState, NO_CALLS, readEvent } from './bar-calls.ts';
import { CallCard } from './call-card.tsx';
import { Colleagues } from './colleagues.tsx';
import { History } from './history.tsx';
import { OwnMode } from './own-mode.tsx';

const POLL_MS = 4_000;
/** An account of a call is there a moment after its end, and that of a call handed over only then. */
const HISTORY_MS = 10_000;
const HISTORY = 20;

export default function TelephoneBar() {
  const texts = useTexts();
  return (
    <Program title={texts.telephoneBar} personal>
      {(session) => <Bar key={session.token + session.extension} session={session} />}
    </Program>
  );
}

function Bar({ session }: { readonly session: Session }) {
  const { token, extension } = session;
  const texts = useTexts();
  const [early, setEarly] = useState<{ query: URLSearchParams; at: number }[]>([]);
  const [state, setState] = useState<BarState>(NO_CALLS);
  const [last, setLast] = useState<string | null>(null);
  const [fault, setFault] = useState('');
  const everybody = usePolled(() => users(token), POLL_MS);
  const history = usePolled(() => callsOf(token, extension, HISTORY), HISTORY_MS);
  const own = everybody.value?.find((one) => one.extension === extension);
  // without the extended level nobody tells our id: holds are shown by our own commands
  const user = { id: own?.id ?? '', extension };

  const read = (query: URLSearchParams, at: number): void => setState((before) => readEvent(before, user, query, at));
  const open = useLines(token, (line) => {
    setLast(line.at);
    const at = Date.parse(line.at);
    if (everybody.value === null && everybody.fault === '')
      setEarly((before) => [...before, { query: line.query, at }]);
    else read(line.query, at);
    everybody.refresh();
    if (line.query.get('event_name') === 'call_terminated') history.refresh();
  });
  if (early.length > 0 && (everybody.value !== null || everybody.fault !== '')) {
    setEarly([]);
    setState(early.reduce((before, { query, at }) => readEvent(before, user, query, at), state));
  }

  const act = async (service: string, params: Params): Promise<boolean> => {
    setFault('');
    try {
      await ask(token, service, { ext: extension, ...params });
      return true;
    } catch (error) {
      setFault(error instanceof SeriError ? error.message : fill(texts.notReached, { why: (error as Error).message }));
      return false;
    }
  };
  const onCall = async (call: BarCall, action: string, more: Params = {}): Promise<boolean> => {
    const done = await act('call_action', { call_id: call.id, action, ...more });
    if (done && (action === 'hold' || action === 'retrieve'))
      setState((before) => afterHold(before, call.id, action === 'hold', Date.now()));
    return done;
  };
  const dial = (number: string): Promise<boolean> => act('call_request', { number });
  return (
    <div className="columns">
      <div>
        <ReceiverPanel receivers={session.receivers} open={open} last={last} />
        <OwnMode
          name={own?.name || extension}
          status={own?.status}
          set={(mode, number) => void act('set_user_mode', { mode, number }).then(everybody.refresh)}
        />
        <section className="card">
          <Dial dial={dial} />
          {fault && <p role="alert">{fault}</p>}
          <Notices state={state} />
        </section>
        <section aria-label={texts.calls}>
          <h2>{texts.calls}</h2>
          {state.calls.length === 0 && <p className="faint">{texts.noCalls}</p>}
          {state.calls.map((call) => (
            <CallCard key={call.id} call={call} token={token} users={everybody.value ?? []} act={onCall} />
          ))}
        </section>
      </div>
      <div>
        <Colleagues users={everybody.value} own={extension} dial={dial} />
        <History calls={history.value ?? []} users={everybody.value ?? []} dial={dial} />
      </div>
    </div>
  );
}

function Dial({ dial }: { readonly dial: (number: string) => Promise<boolean> }) {
  const texts = useTexts();
  const [number, setNumber] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (number.trim() !== '') void dial(number).then((done) => done && setNumber(''));
  };
  return (
    <form className="row" onSubmit={submit}>
      <Field label={texts.number}>
        {(id) => (
          <input
            id={id}
            type="tel"
            autoComplete="off"
            value={number}
            onChange={(event) => setNumber(event.target.value)}
          />
        )}
      </Field>
      <button type="submit">{texts.call}</button>
    </form>
  );
}

function Notices({ state }: { readonly state: BarState }) {
  const texts = useTexts();
  return (
    <ul className="notices" aria-live="polite">
      {state.notices.map(({ at, kind, text }) => (
        <li key={`${at} ${kind} ${text}`} className={kind === 'failed' ? 'bad' : undefined}>
          {fill(texts[kind], { text })}
        </li>
      ))}
    </ul>
  );
}
