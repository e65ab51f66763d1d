/** A campaign under way: its figures, each number and each operator. */
import { minutes, useNow } from '../clock.ts';
import { useTexts } from '../language.tsx';
import { outcomeText } from '../telephone-bar/history.tsx';
import { type Campaign, figuresOf } from './campaign.ts';

interface Props {
  readonly campaign: Campaign;
  readonly start: () => void;
  readonly stop: () => void;
  readonly drop: () => void;
}

export function CampaignView({ campaign, start, stop, drop }: Props) {
  const texts = useTexts();
  const { running, leads } = campaign;
  const finished = leads.every(({ state }) => state === 'over');
  const quiet = !running && leads.every(({ state }) => state === 'over' || state === 'waiting');
  const state = running ? texts.running : finished ? texts.finished : texts.stopped;
  return (
    <>
      <section className="card">
        <div className="row centred">
          <strong role="status">{state}</strong>
          {running ? (
            <button type="button" className="end" onClick={stop}>
              {texts.stop}
            </button>
          ) : (
            !finished && (
              <button type="button" onClick={start}>
                {texts.start}
              </button>
            )
          )}
          {quiet && (
            <button type="button" className="quiet" onClick={drop}>
              {texts.newList}
            </button>
          )}
        </div>
        <FigureList campaign={campaign} />
      </section>
      <div className="columns">
        <Leads campaign={campaign} />
        <Operators campaign={campaign} />
      </div>
    </>
  );
}

function FigureList({ campaign }: { readonly campaign: Campaign }) {
  const texts = useTexts();
  const figures = figuresOf(campaign);
  const shown = [
    [texts.figureWaiting, figures.waiting],
    [texts.figureOpen, figures.open],
    [texts.figureTalking, figures.talking],
    [texts.figureAnswered, figures.answered],
    [texts.figureAbandoned, figures.abandoned],
    [texts.figureFailed, figures.failed],
    [texts.figureWait, `${(figures.averageWaitMs / 1000).toFixed(1)} s`],
  ] as const;
  return (
    <dl className="figures" aria-label={texts.figures}>
      {shown.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Leads({ campaign }: { readonly campaign: Campaign }) {
  const texts = useTexts();
  const now = useNow(true);
  return (
    <table aria-label={texts.numbers}>
      <thead>
        <tr>
          <th scope="col">{texts.number}</th>
          <th scope="col">{texts.communication}</th>
          <th scope="col">{texts.state}</th>
          <th scope="col">{texts.operator}</th>
          <th scope="col">{texts.time}</th>
        </tr>
      </thead>
      <tbody>
        {campaign.leads.map(({ extid, number, com, state, operator, outcome, since }) => (
          <tr key={extid} data-state={state}>
            <th scope="row">{number}</th>
            <td className="faint">{com}</td>
            <td>{state === 'over' ? outcomeText(texts, outcome) : texts[`lead${state}`]}</td>
            <td>{operator}</td>
            <td>{state === 'waiting' || state === 'over' ? '' : minutes((now - since) / 1000)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Operators({ campaign }: { readonly campaign: Campaign }) {
  const texts = useTexts();
  return (
    <table aria-label={texts.operators}>
      <thead>
        <tr>
          <th scope="col">{texts.operator}</th>
          <th scope="col">{texts.communication}</th>
          <th scope="col">{texts.state}</th>
        </tr>
      </thead>
      <tbody>
        {campaign.operators.map(({ id, name, extension, com, state }) => (
          <tr key={id} data-state={state}>
            <th scope="row">
              {name} <span className="faint">{extension}</span>
            </th>
            <td className="faint">{com}</td>
            <td>{texts[`operator${state}`]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
