/** One step of the dialer: what has happened is taken, then those who wait are brought together and whoever is free is called. Pure. */
import { ACCEPTED, ENTITY, type Params } from '../seri.ts';
import { type Campaign, type Happening, isOpen, type Lead, type Operator, type Order, type Step } from './campaign.ts';

/** An operator who did not answer is left alone for a while. */
const AWAY_MS = 15_000;
/** A transfer of which nothing is heard is given up. */
const JOIN_MS = 20_000;

class Work {
  leads: Lead[];
  operators: Operator[];
  made: number;
  lines: number;
  running: boolean;
  readonly orders: Order[] = [];
  readonly campaign: Campaign;
  readonly at: number;

  constructor(campaign: Campaign, at: number) {
    this.campaign = campaign;
    this.at = at;
    this.leads = [...campaign.leads];
    this.operators = [...campaign.operators];
    this.made = campaign.made;
    this.lines = campaign.freeLines;
    this.running = campaign.running;
  }

  lead(extid: string, change: Partial<Lead>): void {
    this.leads = this.leads.map((one) => (one.extid === extid ? { ...one, since: this.at, ...change } : one));
  }

  operator(id: string, change: Partial<Operator>): void {
    this.operators = this.operators.map((one) => (one.id === id ? { ...one, since: this.at, ...change } : one));
  }

  order(key: string, service: string, params: Params): void {
    this.orders.push({ key, service, params });
  }
}

/** Step 8: gateway → reception. */
function callLead(work: Work, lead: Lead): void {
  const { gatewayId, shown, receptionId } = work.campaign.plan;
  work.lead(lead.extid, { state: 'calling' });
  work.order(lead.extid, 'call_request_ext', {
    calling_id: gatewayId,
    calling_type: ENTITY.gateway,
    calling_number: lead.number,
    called_id: receptionId,
    called_type: ENTITY.ivr,
    called_number: shown,
    extid: lead.extid,
  });
}

/** Step 9: operator → the responder where he waits. */
function callOperator(work: Work, operator: Operator): void {
  work.made += 1;
  const extid = `${work.campaign.run}-operator-${work.made}`;
  work.operator(operator.id, { state: 'calling', extid, com: '', call: '' });
  work.order(extid, 'call_request_ext', {
    calling_id: operator.id,
    calling_type: ENTITY.user,
    called_id: work.campaign.plan.waitingId,
    called_type: ENTITY.ivr,
    called_number: operator.extension,
    extid,
    auto_answer: 1,
  });
}

/** Step 10: the operator takes the responder's place in the lead's communication. */
function join(work: Work, lead: Lead, operator: Operator): void {
  work.lead(lead.extid, { state: 'joining', operator: operator.extension, waitedMs: work.at - lead.since });
  work.operator(operator.id, { state: 'joining' });
  work.order(`${lead.extid}/join`, 'call_transfer_ext', {
    replace_com_id: lead.com,
    replace_type: ENTITY.ivr,
    replace_id: lead.ivrId,
    replace_local_id: lead.ivrCall,
    recipient_com_id: operator.com,
    recipient_type: ENTITY.user,
    recipient_id: operator.id,
    recipient_call_id: operator.call,
  });
}

const operatorOf = (work: Work, { operator }: Lead): Operator | undefined =>
  work.operators.find(({ extension }) => extension === operator);

/** He was to be brought together with somebody, and was not. */
function waitsAgain(work: Work, { id, call }: Operator): void {
  work.operator(id, call === '' ? { state: 'free', com: '' } : { state: 'ready' });
}

function leadEvent(work: Work, lead: Lead, query: URLSearchParams): void {
  if (lead.com === '')
    work.leads = work.leads.map((one) => (one === lead ? { ...one, com: query.get('call_id') ?? '' } : one));
  const accepted = query.get('event_name') === 'call_response' && query.get('outcome') === ACCEPTED;
  switch (query.get('event_name')) {
    case 'call_response':
      if (accepted && lead.state === 'calling' && query.get('sender_type') === String(ENTITY.ivr))
        work.lead(lead.extid, {
          state: 'accepted',
          ivrId: query.get('sender_id') ?? '',
          ivrCall: query.get('local_id') ?? '',
        });
      return;
    case 'call_transfer': {
      const operator = operatorOf(work, lead);
      work.lead(lead.extid, { state: 'talking' });
      if (operator) work.operator(operator.id, { state: 'talking', com: lead.com });
      return;
    }
    case 'call_terminated': {
      work.lead(lead.extid, { state: 'over', outcome: query.get('outcome') ?? '' });
      const operator = operatorOf(work, lead);
      if (operator?.state === 'talking') work.operator(operator.id, { state: 'free', com: '', call: '' });
      if (operator?.state === 'joining') waitsAgain(work, operator);
      return;
    }
    default:
  }
}

function operatorEvent(work: Work, operator: Operator, query: URLSearchParams): void {
  switch (query.get('event_name')) {
    case 'call_response':
      if (query.get('outcome') !== ACCEPTED) return;
      if (query.get('sender_type') === String(ENTITY.user))
        work.operator(operator.id, { com: query.get('call_id') ?? '', call: query.get('local_id') ?? '' });
      else if (operator.state === 'calling') work.operator(operator.id, { state: 'ready' });
      return;
    case 'call_terminated':
      if (operator.state === 'talking' || operator.state === 'free') return;
      // his leg has gone over to the lead's communication, which may tell so a moment later
      if (operator.state === 'joining') {
        work.operator(operator.id, { call: '' });
        return;
      }
      work.operator(operator.id, { state: operator.state === 'calling' ? 'away' : 'free', com: '', call: '' });
      return;
    default:
  }
}

function refused(work: Work, key: string, why: string): void {
  if (key.endsWith('/join')) {
    const lead = work.leads.find(({ extid }) => `${extid}/join` === key);
    if (lead) unjoin(work, lead);
    return;
  }
  // it has ended by itself
  const ending = key.endsWith('/end');
  const extid = key.replace(/\/end$/, '');
  work.lead(extid, { state: 'over', outcome: ending ? ACCEPTED : why });
  const operator = work.operators.find((one) => one.extid === extid);
  if (operator) work.operator(operator.id, { state: ending ? 'free' : 'away', com: '', call: '' });
}

/** Both wait again. */
function unjoin(work: Work, lead: Lead): void {
  if (lead.state !== 'joining') return;
  const operator = operatorOf(work, lead);
  work.lead(lead.extid, { state: 'accepted', operator: '' });
  if (operator?.state === 'joining') waitsAgain(work, operator);
}

/** Ends a communication, once; what is said of it later settles the rest. */
function end(work: Work, com: string, key: string): void {
  work.order(`${key}/end`, 'call_terminate', { call_id: com });
}

function endLead(work: Work, lead: Lead): void {
  work.lead(lead.extid, { state: 'leaving' });
  end(work, lead.com, lead.extid);
}

/** Those who wait on both sides are brought together; who has waited too long is let go. */
function match(work: Work): void {
  for (const lead of work.leads) if (lead.state === 'joining' && work.at - lead.since > JOIN_MS) unjoin(work, lead);
  for (const lead of work.leads) {
    const operator = work.operators.find(({ state, call }) => state === 'ready' && call !== '');
    if (lead.state === 'accepted' && operator) join(work, lead, operator);
  }
  const { patienceMs } = work.campaign.plan;
  for (const lead of work.leads)
    if (lead.state === 'accepted' && work.at - lead.since > patienceMs) endLead(work, lead);
}

/** Steps 5 to 9: as many numbers as there are lines and the ratio allows, and an operator for each. */
function pace(work: Work): void {
  const able = work.operators.filter(({ state }) => ABLE.has(state)).length;
  let room = Math.floor(able * work.campaign.plan.ratio) - work.leads.filter(isOpen).length;
  for (const lead of work.leads) {
    if (lead.state !== 'waiting' || room < 1 || work.lines < 1) continue;
    callLead(work, lead);
    room -= 1;
    work.lines -= 1;
  }
  let wanted = work.leads.filter(({ state }) => state === 'calling' || state === 'accepted').length;
  for (const { state } of work.operators) if (state === 'calling' || state === 'ready') wanted -= 1;
  for (const one of work.operators) {
    if (one.state !== 'free' || wanted < 1) continue;
    callOperator(work, one);
    wanted -= 1;
  }
}

const ABLE: ReadonlySet<Operator['state']> = new Set(['free', 'calling', 'ready', 'joining']);

/** Nobody is called any more: who talks goes on, who waits is let go. */
function release(work: Work): void {
  for (const lead of work.leads)
    if ((lead.state === 'calling' || lead.state === 'accepted') && lead.com !== '') endLead(work, lead);
  for (const one of work.operators) {
    if (one.state !== 'ready' || one.com === '') continue;
    work.operator(one.id, { state: 'leaving' });
    end(work, one.com, one.extid);
  }
}

function advance(work: Work, refusal: boolean): void {
  for (const one of work.operators)
    if (one.state === 'away' && work.at - one.since > AWAY_MS) work.operator(one.id, { state: 'free' });
  // what was refused is tried again a little later
  if (!refusal) match(work);
  const left = work.leads.some((lead) => lead.state === 'waiting' || isOpen(lead));
  if (work.running && left) pace(work);
  else release(work);
  if (!left && work.leads.every(({ state }) => state === 'over')) work.running = false;
}

/** Polled lines may not know yet of the calls that were just asked for. */
const FRESH_MS = 2_000;

function take(work: Work, happening: Happening): void {
  switch (happening.type) {
    case 'start':
      work.running = true;
      return;
    case 'stop':
      work.running = false;
      return;
    case 'lines': {
      const fresh = work.leads.filter(({ state, since }) => state === 'calling' && work.at - since < FRESH_MS).length;
      work.lines = Math.max(0, happening.free - fresh);
      return;
    }
    case 'event': {
      const extid = happening.query.get('extid');
      const lead = work.leads.find((one) => one.extid === extid);
      const operator = work.operators.find((one) => one.extid === extid && extid !== '');
      if (lead) leadEvent(work, lead, happening.query);
      if (operator) operatorEvent(work, operator, happening.query);
      return;
    }
    case 'refused':
      refused(work, happening.key, happening.why);
      return;
    default:
  }
}

/** What follows from what has happened. */
export function step(campaign: Campaign, happening: Happening): Step {
  const work = new Work(campaign, happening.at);
  take(work, happening);
  advance(work, happening.type === 'refused');
  const { leads, operators, made, lines, running, orders } = work;
  return { campaign: { ...campaign, leads, operators, made, running, freeLines: lines }, orders };
}
