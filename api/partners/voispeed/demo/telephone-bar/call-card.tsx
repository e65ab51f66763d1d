/** One call of the user: who it is, how long it lasts, what can be done with it. */
import { type FormEvent, useEffect, useState } from 'react';
import { minutes, useNow } from '../clock.ts';
import { useTexts } from '../language.tsx';
import { type Contact, contactOf, type Params, type User } from '../seri.ts';
import { Field } from '../session.tsx';
import type { BarCall } from './bar-calls.ts';

interface Props {
  readonly call: BarCall;
  readonly token: string;
  readonly users: readonly User[];
  readonly act: (call: BarCall, action: string, more?: Params) => Promise<boolean>;
}

export function CallCard({ call, token, users, act }: Props) {
  const texts = useTexts();
  const now = useNow(true);
  const [transferring, setTransferring] = useState(false);
  const contact = useContact(token, call.number);
  const colleague = users.find(({ extension }) => extension === call.number);
  const name = contact?.name || contact?.company || colleague?.name || call.number;
  const talks = call.state === 'active' || call.state === 'held';
  const held = call.state === 'held';
  const rings = call.state === 'ringing';
  return (
    <article className="card call" data-state={call.state} aria-label={name}>
      <div className="who">
        <strong>{name}</strong>
        <span>{name === call.number ? '' : call.number}</span>
        <span className="state">{texts[call.state]}</span>
        <span className="timer">{minutes((now - call.since) / 1000)}</span>
      </div>
      {rings && <p className="faint">{texts.answerHint}</p>}
      <div className="row">
        {rings && (
          <button type="button" onClick={() => void act(call, 'answer')}>
            {texts.answer}
          </button>
        )}
        {talks && (
          <button type="button" onClick={() => void act(call, held ? 'retrieve' : 'hold')}>
            {held ? texts.retrieve : texts.hold}
          </button>
        )}
        {(talks || rings) && (
          <button type="button" aria-expanded={transferring} onClick={() => setTransferring(!transferring)}>
            {texts.transfer}
          </button>
        )}
        <button type="button" className="end" onClick={() => void act(call, 'disconnect')}>
          {rings ? texts.reject : texts.hangUp}
        </button>
      </div>
      {transferring && (
        <Transfer
          users={users}
          cancel={() => setTransferring(false)}
          send={(number, note) =>
            void act(call, 'divert', { number, note }).then((done) => done && setTransferring(false))
          }
        />
      )}
      <ContactCard contact={contact} known={colleague !== undefined} />
    </article>
  );
}

/** Undefined until the phonebook has answered. */
function useContact(token: string, number: string): Contact | null | undefined {
  const [contact, setContact] = useState<Contact | null | undefined>(undefined);
  useEffect(() => {
    let gone = false;
    setContact(undefined);
    contactOf(token, number).then(
      (found) => gone || setContact(found),
      () => gone || setContact(null),
    );
    return () => {
      gone = true;
    };
  }, [token, number]);
  return contact;
}

function ContactCard({ contact, known }: { readonly contact: Contact | null | undefined; readonly known: boolean }) {
  const texts = useTexts();
  if (contact === undefined || (contact === null && known)) return null;
  if (contact === null) return <p className="faint">{texts.unknownContact}</p>;
  return (
    <dl className="contact" aria-label={texts.contact}>
      {contact.company && contact.name && <dd>{contact.company}</dd>}
      {contact.email && (
        <dd>
          <a href={`mailto:${contact.email}`}>{contact.email}</a>
        </dd>
      )}
      {contact.numbers.map(([kind, number]) => (
        <div key={kind}>
          <dt>{texts[kind as 'office' | 'home' | 'mobile' | 'other']}</dt>
          <dd>{number}</dd>
        </div>
      ))}
      {contact.more.map(([caption, value]) => (
        <div key={caption}>
          <dt>{caption}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface TransferProps {
  readonly users: readonly User[];
  readonly send: (number: string, note: string) => void;
  readonly cancel: () => void;
}

function Transfer({ users, send, cancel }: TransferProps) {
  const texts = useTexts();
  const [number, setNumber] = useState('');
  const [note, setNote] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    send(number, note);
  };
  return (
    <form className="row" onSubmit={submit}>
      <Field label={texts.transferTo}>
        {(id) => (
          <>
            <input
              id={id}
              required
              autoComplete="off"
              // biome-ignore lint/a11y/noAutofocus: it has just been asked for
              autoFocus
              list={`${id}-users`}
              value={number}
              onChange={(event) => setNumber(event.target.value)}
            />
            <datalist id={`${id}-users`}>
              {users.map(({ extension, name }) => (
                <option key={extension} value={extension}>
                  {name}
                </option>
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label={texts.note}>
        {(id) => <input id={id} value={note} onChange={(event) => setNote(event.target.value)} />}
      </Field>
      <button type="submit">{texts.send}</button>
      <button type="button" className="quiet" onClick={cancel}>
        {texts.cancel}
      </button>
    </form>
  );
}
