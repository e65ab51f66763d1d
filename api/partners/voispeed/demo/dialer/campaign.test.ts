import { describe, expect, it } from 'vitest';
import { type Campaign, figuresOf, type Happening, newCampaign, numbersOf, type Order } from './campaign.ts';
import { step } from './campaign-step.ts';

const PLAN = { gatewayId: '2', shown: '0155', receptionId: '3', waitingId: '4', ratio: 1, patienceMs: 30_000 };
const OPERATORS = [
  { id: '7', extension: '101', name: 'Ada' },
  { id: '8', extension: '102', name: 'Bruno' },
];

/** A campaign with what it has asked for. */
class Run {
  campaign: Campaign;
  orders: Order[] = [];
  at = 0;

  constructor(numbers: readonly string[], operators = OPERATORS, plan = PLAN) {
    this.campaign = newCampaign('r', plan, numbers, operators);
  }

  take(happening: Happening extends infer H ? (H extends { at: number } ? Omit<H, 'at'> : never) : never): Order[] {
    const { campaign, orders } = step(this.campaign, { ...happening, at: this.at } as Happening);
    this.campaign = campaign;
    this.orders.push(...orders);
    return [...orders];
  }

  event(line: string): Order[] {
    return this.take({ type: 'event', query: new URLSearchParams(line) });
  }

  begin(lines = 2): Order[] {
    this.take({ type: 'lines', free: lines });
    return this.take({ type: 'start' });
  }

  accepted(extid: string, call: number, [type, id, local]: readonly [number, number, number]): Order[] {
    return this.event(
      `event_name=call_response&call_id=${call}&local_id=${local}&sender_id=${id}&sender_type=${type}&outcome=1&extid=${extid}`,
    );
  }

  states = () => [this.campaign.leads.map(({ state }) => state), this.campaign.operators.map(({ state }) => state)];
}

const lead = (run: Run, n: number, call: number) => {
  run.accepted(`r-lead-${n}`, call, [2, 2, call * 10]);
  return run.accepted(`r-lead-${n}`, call, [3, 3, call * 10 + 1]);
};
const operator = (run: Run, made: number, id: number, call: number) => {
  run.accepted(`r-operator-${made}`, call, [0, id, call * 10]);
  return run.accepted(`r-operator-${made}`, call, [3, 4, call * 10 + 1]);
};

it('reads numbers as they are pasted', () => {
  expect(numbersOf('06 12 34\n+33 6;0612 34,,x')).toEqual(['061234', '+336']);
});

describe('a campaign', () => {
  it('does what the guide says: a number, an operator, the transfer with the ids that the events told', () => {
    const run = new Run(['0612'], OPERATORS.slice(0, 1));
    expect(run.begin()).toEqual([
      {
        key: 'r-lead-0',
        service: 'call_request_ext',
        params: {
          ...{ calling_id: '2', calling_type: 2, calling_number: '0612' },
          ...{ called_id: '3', called_type: 3, called_number: '0155', extid: 'r-lead-0' },
        },
      },
      {
        key: 'r-operator-1',
        service: 'call_request_ext',
        params: {
          ...{ calling_id: '7', calling_type: 0, called_id: '4', called_type: 3, called_number: '101' },
          ...{ extid: 'r-operator-1', auto_answer: 1 },
        },
      },
    ]);
    expect(lead(run, 0, 10)).toEqual([]);
    expect(operator(run, 1, 7, 20)).toEqual([
      {
        key: 'r-lead-0/join',
        service: 'call_transfer_ext',
        params: {
          ...{ replace_com_id: '10', replace_type: 3, replace_id: '3', replace_local_id: '101' },
          ...{ recipient_com_id: '20', recipient_type: 0, recipient_id: '7', recipient_call_id: '200' },
        },
      },
    ]);
    run.event('event_name=call_transfer&call_id=10&refer_id=20&extid=r-lead-0');
    run.event('event_name=call_terminated&call_id=20&outcome=1&extid=r-operator-1');
    expect(run.states()).toEqual([['talking'], ['talking']]);
    run.event('event_name=call_terminated&call_id=10&outcome=1&extid=r-lead-0');
    expect(run.states()).toEqual([['over'], ['free']]);
    expect(run.campaign.running).toBe(false);
    expect(figuresOf(run.campaign)).toMatchObject({ answered: 1, abandoned: 0, failed: 0, talking: 0 });
  });

  it('calls no more numbers than there are lines, nor than the ratio allows', () => {
    const count = (orders: readonly Order[]) => orders.filter(({ key }) => key.includes('lead')).length;
    const numbers = ['1', '2', '3', '4', '5'];
    expect(count(new Run(numbers).begin(5))).toBe(2);
    expect(count(new Run(numbers).begin(1))).toBe(1);
    expect(count(new Run(numbers, OPERATORS, { ...PLAN, ratio: 2 }).begin(5))).toBe(4);
    const run = new Run(numbers, OPERATORS, { ...PLAN, ratio: 2 });
    run.begin(3);
    // lines that were asked for a moment ago are not free
    expect(count(run.take({ type: 'lines', free: 3 }))).toBe(0);
  });

  it('goes on with the next number when one does not answer, and keeps the operator', () => {
    const run = new Run(['1', '2'], OPERATORS.slice(0, 1));
    run.begin();
    operator(run, 1, 7, 20);
    const next = run.event('event_name=call_terminated&call_id=10&outcome=9&extid=r-lead-0');
    expect(next.map(({ key }) => key)).toEqual(['r-lead-1']);
    expect(run.states()).toEqual([['over', 'calling'], ['ready']]);
    expect(figuresOf(run.campaign).failed).toBe(1);
  });

  it('lets an operator be who does not take the call, and who waited too long go', () => {
    const run = new Run(['1'], OPERATORS.slice(0, 1));
    run.begin();
    lead(run, 0, 10);
    run.event('event_name=call_terminated&call_id=20&outcome=9&extid=r-operator-1');
    expect(run.states()).toEqual([['accepted'], ['away']]);
    run.at = 16_000;
    expect(run.take({ type: 'tick' }).map(({ key }) => key)).toEqual(['r-operator-2']);
    run.at = 31_000;
    expect(run.take({ type: 'tick' })).toEqual([
      { key: 'r-lead-0/end', service: 'call_terminate', params: { call_id: '10' } },
    ]);
    expect(run.take({ type: 'tick' })).toEqual([]);
    run.event('event_name=call_terminated&call_id=10&outcome=1&extid=r-lead-0');
    expect(figuresOf(run.campaign)).toMatchObject({ abandoned: 1 });
  });

  it('brings both back to waiting when a transfer is refused or unheard of', () => {
    const run = new Run(['1'], OPERATORS.slice(0, 1));
    run.begin();
    lead(run, 0, 10);
    operator(run, 1, 7, 20);
    expect(run.take({ type: 'refused', key: 'r-lead-0/join', why: 'call not found' })).toEqual([]);
    expect(run.states()).toEqual([['accepted'], ['ready']]);
    expect(run.take({ type: 'tick' })).toHaveLength(1);
    expect(run.states()).toEqual([['joining'], ['joining']]);
    run.at = 21_000;
    expect(run.take({ type: 'tick' }).map(({ key }) => key)).toEqual(['r-lead-0/join']);
    // the lead hangs up in that moment: the operator waits for another, and there is none
    const orders = run.event('event_name=call_terminated&call_id=10&outcome=1&extid=r-lead-0');
    expect(orders).toEqual([{ key: 'r-operator-1/end', service: 'call_terminate', params: { call_id: '20' } }]);
    run.event('event_name=call_terminated&call_id=20&outcome=1&extid=r-operator-1');
    expect(run.states()).toEqual([['over'], ['free']]);
  });

  it('takes the two ends of a transfer in any order: nothing orders the events of two calls', () => {
    const joining = () => {
      const run = new Run(['1'], OPERATORS.slice(0, 1));
      run.begin();
      lead(run, 0, 10);
      operator(run, 1, 7, 20);
      run.event('event_name=call_terminated&call_id=20&outcome=1&extid=r-operator-1');
      expect(run.states()).toEqual([['joining'], ['joining']]);
      return run;
    };
    const good = joining();
    good.event('event_name=call_transfer&call_id=10&refer_id=20&extid=r-lead-0');
    expect(good.states()).toEqual([['talking'], ['talking']]);
    // he has hung up in that moment
    const bad = joining();
    bad.take({ type: 'refused', key: 'r-lead-0/join', why: 'entity not found' });
    expect(bad.states()).toEqual([['accepted'], ['calling']]);
    const late = joining();
    late.event('event_name=call_terminated&call_id=10&outcome=1&extid=r-lead-0');
    expect(late.states()).toEqual([['over'], ['free']]);
  });

  it('stops: those who talk go on, everybody else is let go', () => {
    const run = new Run(['1', '2', '3']);
    run.begin();
    lead(run, 0, 10);
    operator(run, 1, 7, 20);
    run.event('event_name=call_transfer&call_id=10&refer_id=20&extid=r-lead-0');
    run.event('event_name=call_out&call_id=11&extid=r-lead-1');
    operator(run, 2, 8, 21);
    const orders = run.take({ type: 'stop' });
    expect(orders.map(({ params }) => params)).toEqual([{ call_id: '11' }, { call_id: '21' }]);
    expect(run.states()).toEqual([
      ['talking', 'leaving', 'waiting'],
      ['talking', 'leaving'],
    ]);
    expect(run.take({ type: 'tick' })).toEqual([]);
    // they were over already
    run.take({ type: 'refused', key: 'r-lead-1/end', why: 'call not found' });
    run.take({ type: 'refused', key: 'r-operator-2/end', why: 'call not found' });
    expect(run.states()).toEqual([
      ['talking', 'over', 'waiting'],
      ['talking', 'free'],
    ]);
  });

  it('shows why a number could not be called at all', () => {
    const run = new Run(['1'], OPERATORS.slice(0, 1));
    run.begin();
    run.take({ type: 'refused', key: 'r-lead-0', why: 'entity not found' });
    expect(run.campaign.leads[0]).toMatchObject({ state: 'over', outcome: 'entity not found' });
  });
});
