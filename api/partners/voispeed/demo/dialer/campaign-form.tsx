/** Whom to call through which gateway, who talks, and how fast (steps 2 to 6 of V-064). */
import { type FormEvent, useState } from 'react';
import { fill, useTexts } from '../language.tsx';
import { AVAILABLE, type Gateway, type Named, type User } from '../seri.ts';
import { Field } from '../session.tsx';
import { Status } from '../telephone-bar/status.tsx';
import { numbersOf } from './campaign.ts';
import type { Running } from './use-campaign.ts';

interface Props {
  readonly gateways: readonly Gateway[];
  readonly users: readonly User[];
  readonly responders: readonly Named[];
  readonly begin: Running['begin'];
}

interface Chosen {
  readonly gatewayId: string;
  readonly receptionId: string;
  readonly waitingId: string;
  readonly numbers: string;
  readonly shown: string;
  readonly ratio: string;
  readonly patience: string;
  readonly operators: readonly string[];
}

const NOTHING: Chosen = {
  gatewayId: '',
  receptionId: '',
  waitingId: '',
  numbers: '',
  shown: '',
  ratio: '1',
  patience: '30',
  operators: [],
};

export function CampaignForm({ gateways, users, responders, begin }: Props) {
  const texts = useTexts();
  const [chosen, setChosen] = useState(NOTHING);
  const change = (part: Partial<Chosen>): void => setChosen({ ...chosen, ...part });
  // the first that has a line, until another is chosen
  const gatewayId = chosen.gatewayId || (gateways.find(({ free }) => free > 0)?.id ?? '');
  const { receptionId, waitingId } = chosen;
  const numbers = numbersOf(chosen.numbers);
  const operators = users.filter(({ id }) => chosen.operators.includes(id));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const plan = {
      ...{ gatewayId, receptionId, waitingId },
      shown: chosen.shown || (operators[0]?.extension ?? ''),
      ratio: Number(chosen.ratio),
      patienceMs: Number(chosen.patience) * 1000,
    };
    begin(plan, numbers, operators);
  };
  return (
    <form className="columns" onSubmit={submit}>
      <div className="card">
        <Choice
          label={texts.gateway}
          none={texts.noGateway}
          options={gateways.map(({ id, name, free }) => ({ id, name: fill(texts.gatewayLines, { name, free }) }))}
          value={gatewayId}
          choose={(id) => change({ gatewayId: id })}
        />
        <Choice
          label={texts.reception}
          none={texts.noResponder}
          options={responders}
          value={receptionId}
          choose={(id) => change({ receptionId: id })}
        />
        <Choice
          label={texts.waiting}
          none={texts.noResponder}
          options={responders}
          value={waitingId}
          choose={(id) => change({ waitingId: id })}
        />
        <Field label={`${texts.numbers} (${numbers.length})`}>
          {(id) => (
            <textarea
              id={id}
              required
              rows={8}
              spellCheck={false}
              value={chosen.numbers}
              onChange={(event) => change({ numbers: event.target.value })}
            />
          )}
        </Field>
      </div>
      <div className="card">
        <Operators users={users} chosen={chosen.operators} choose={(ids) => change({ operators: ids })} />
        <Field label={texts.shownNumber}>
          {(id) => (
            <input
              id={id}
              type="tel"
              value={chosen.shown}
              placeholder={operators[0]?.extension}
              onChange={(event) => change({ shown: event.target.value })}
            />
          )}
        </Field>
        <Figure
          label={texts.ratio}
          min={1}
          max={5}
          step={0.1}
          value={chosen.ratio}
          set={(ratio) => change({ ratio })}
        />
        <Figure
          label={texts.patience}
          min={5}
          max={300}
          step={1}
          value={chosen.patience}
          set={(patience) => change({ patience })}
        />
        <button type="submit" disabled={numbers.length === 0 || operators.length === 0}>
          {texts.start}
        </button>
      </div>
    </form>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly none: string;
  readonly options: readonly Named[];
  readonly value: string;
  readonly choose: (id: string) => void;
}

function Choice({ label, none, options, value, choose }: ChoiceProps) {
  const texts = useTexts();
  if (options.length === 0) return <p className="bad">{none}</p>;
  return (
    <Field label={label}>
      {(id) => (
        <select id={id} required value={value} onChange={(event) => choose(event.target.value)}>
          <option value="">{texts.choose}</option>
          {options.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface FigureProps {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: string;
  readonly set: (value: string) => void;
}

function Figure({ label, value, set, ...limits }: FigureProps) {
  return (
    <Field label={label}>
      {(id) => (
        <input id={id} type="number" required {...limits} value={value} onChange={(event) => set(event.target.value)} />
      )}
    </Field>
  );
}

interface OperatorsProps {
  readonly users: readonly User[];
  readonly chosen: readonly string[];
  readonly choose: (ids: readonly string[]) => void;
}

/** Those who are free come first (step 6). */
function Operators({ users, chosen, choose }: OperatorsProps) {
  const texts = useTexts();
  const sorted = [...users].sort((a, b) => Number(b.status === AVAILABLE) - Number(a.status === AVAILABLE));
  return (
    <fieldset>
      <legend>{texts.operators}</legend>
      {users.length === 0 && <p className="faint">{texts.noOperators}</p>}
      {sorted.map(({ id, name, extension, status }) => (
        <label key={id} className="check">
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            onChange={(event) => choose(event.target.checked ? [...chosen, id] : chosen.filter((one) => one !== id))}
          />
          <span>
            {name} <span className="faint">{extension}</span>
          </span>
          <Status code={status} />
        </label>
      ))}
    </fieldset>
  );
}
