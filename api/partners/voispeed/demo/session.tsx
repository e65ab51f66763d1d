/** Who uses a program: a token, and where it is about one user his extension. Kept for this tab only. */
import { type FormEvent, type ReactNode, useEffect, useId, useState } from 'react';
import { fill, LanguageChoice, useTexts } from './language.tsx';
import { type Receiver, receiversOf } from './receiver.ts';
import { callsOf, SeriError } from './seri.ts';

export interface Session {
  readonly token: string;
  /** Empty where the program is about nobody. */
  readonly extension: string;
  readonly receivers: readonly Receiver[];
}

const KEPT = 'demo-session';

interface Typed {
  readonly token: string;
  readonly extension: string;
}

function kept(): Typed {
  try {
    const { token = '', extension = '' } = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as Partial<Typed>;
    return { token, extension };
  } catch {
    return { token: '', extension: '' };
  }
}

interface Props {
  readonly title: string;
  /** The program acts for one user. */
  readonly personal?: boolean;
  readonly children: (session: Session) => ReactNode;
}

/** The frame of a program: its title, the way out, and the program itself once a token has let somebody in. */
export function Program({ title, personal = false, children }: Props) {
  const texts = useTexts();
  const [typed, setTyped] = useState(kept);
  const [session, setSession] = useState<Session | null>(null);
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${title} · Callwright`;
  }, [title]);

  const enter = async ({ token, extension }: Typed): Promise<void> => {
    setBusy(true);
    setFault('');
    try {
      const receivers = await receiversOf(token);
      if (receivers === null) return setFault(texts.wrongToken);
      if (personal) await callsOf(token, extension, 1);
      sessionStorage.setItem(KEPT, JSON.stringify({ token, extension }));
      setSession({ token, extension, receivers });
    } catch (error) {
      const why = (error as Error).message;
      const isUser = error instanceof SeriError && why.startsWith('extension');
      setFault(isUser ? texts.wrongExtension : fill(texts.notReached, { why }));
    } finally {
      setBusy(false);
    }
  };
  // a page that is loaded anew goes on where it was
  useEffect(() => {
    if (typed.token && (!personal || typed.extension)) void enter(typed);
  }, []);

  const leave = (): void => {
    sessionStorage.removeItem(KEPT);
    setTyped({ token: '', extension: '' });
    setSession(null);
  };
  return (
    <>
      <header className="top">
        <h1>{title}</h1>
        <a href="./">{texts.programs}</a>
        <LanguageChoice />
        {session && (
          <button type="button" className="quiet" onClick={leave}>
            {texts.leave}
          </button>
        )}
      </header>
      <main>
        {session ? (
          children(session)
        ) : (
          <LogIn typed={typed} change={setTyped} personal={personal} busy={busy} fault={fault} enter={enter} />
        )}
      </main>
    </>
  );
}

interface LogInProps {
  readonly typed: Typed;
  readonly change: (typed: Typed) => void;
  readonly personal: boolean;
  readonly busy: boolean;
  readonly fault: string;
  readonly enter: (typed: Typed) => Promise<void>;
}

function LogIn({ typed, change, personal, busy, fault, enter }: LogInProps) {
  const texts = useTexts();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void enter(typed);
  };
  return (
    <form className="card log-in" onSubmit={submit}>
      <Field label={texts.token}>
        {(id) => (
          <input
            id={id}
            required
            autoComplete="off"
            spellCheck={false}
            value={typed.token}
            onChange={(event) => change({ ...typed, token: event.target.value.trim() })}
          />
        )}
      </Field>
      {personal && (
        <Field label={texts.extension}>
          {(id) => (
            <input
              id={id}
              required
              autoComplete="off"
              value={typed.extension}
              onChange={(event) => change({ ...typed, extension: event.target.value.trim() })}
            />
          )}
        </Field>
      )}
      {fault && <p role="alert">{fault}</p>}
      <button type="submit" disabled={busy}>
        {busy ? texts.opening : texts.open}
      </button>
    </form>
  );
}

/** A control with its label. */
export function Field({ label, children }: { readonly label: string; readonly children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}
