/** Scripts of responders: what one is asked (V-066) and the lines it answers (V-067…V-073). */
import type { ScriptChange, ScriptInstruction, ScriptQuestion, ScriptRecipient } from '../src/contract.ts';
import type { Settings } from './settings.ts';
import { ACTION, entityOf, INPUT } from './tables.ts';
import { dialable } from './voispeed.codec.ts';

/** V-066: everything in the query, in the printed order, behind what the address has of its own. */
export function scriptUrl(settings: Settings, question: ScriptQuestion): string {
  const { address, company, flow, node, call, calling, called, input, tag } = question;
  const query = new URLSearchParams([
    ['license_id', settings.licenseId || String(company)],
    ['domain', settings.domain],
    ['ivrid', flow === null ? '' : String(flow)],
    ['nodeid', String(node)],
    ['callid', String(call)],
    ['calling', calling],
    ['called', called],
    ['input', input],
    ['tag', String(tag)],
  ]);
  const bare = address.split('#')[0]!;
  return `${bare}${bare.includes('?') ? (/[?&]$/.test(bare) ? '' : '&') : '?'}${query}`;
}

type Lines = ReadonlyMap<string, string>;

/** `name=value` in lines; names without regard to case, blanks and one pair of quotes around a value taken away. */
function linesOf(body: string): Lines {
  const lines = new Map<string, string>();
  for (const line of body.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    const [, name, value] = /^\s*([a-z_]+)\s*=(.*)$/i.exec(line) ?? [];
    if (name === undefined || value === undefined || lines.has(name.toLowerCase())) continue;
    const bare = value.trim();
    lines.set(name.toLowerCase(), /^(['"]).*\1$/.test(bare) && bare.length > 1 ? bare.slice(1, -1).trim() : bare);
  }
  return lines;
}

/** What the text wants; null when it is no instruction, or a wrong one: then the call ends (V-068). */
export function readScript(body: string): ScriptInstruction | null {
  if (/^\s*</.test(body.replace(/^\ufeff/, ''))) return null;
  const lines = linesOf(body);
  switch (lines.get('command')) {
    case '0':
      return { do: 'end' };
    case '1': {
      const key = lines.get('node_key') ?? '';
      return /^[0-9*#]{1,12}$/.test(key) ? { do: 'next', key } : null;
    }
    case '2': {
      const number = dialable(lines.get('recipient_number') ?? '');
      return number === '' ? null : { do: 'transfer', to: { number }, shown: null };
    }
    case '3':
      return sendTo(lines);
    case '4':
    // so numbered before (F6)
    case '5':
      return again(lines);
    default:
      return null;
  }
}

function recipient(lines: Lines, type: string, id: string, number: string): ScriptRecipient | null {
  const entity = lines.get(id) ?? '';
  const found = /^\d{1,9}$/.test(entity) ? entityOf(Number(lines.get(type) || Number.NaN), Number(entity)) : null;
  return found && { ...found, dialled: number };
}

/** V-072b. */
function sendTo(lines: Lines): ScriptInstruction | null {
  const shown = dialable(lines.get('recipient_number') ?? '');
  const to = recipient(lines, 'recipient_type', 'recipient_id', shown);
  return to && { do: 'transfer', to, shown: shown === '' ? null : shown };
}

/** A value of the lines: absent, read, or wrong. */
type Read<T> = { readonly value?: T } | 'wrong';

function read<T>(lines: Lines, names: readonly string[], take: (text: string) => T | null): Read<T> {
  const text = names.map((name) => lines.get(name)).find((one) => one !== undefined && one !== '');
  if (text === undefined) return {};
  const value = take(text);
  return value === null ? 'wrong' : { value };
}

const within = (min: number, max: number, factor: number) => (text: string) => {
  const value = Number(text);
  return /^\d{1,9}(\.\d{1,3})?$/.test(text) && value >= min && value <= max ? Math.round(value * factor) : null;
};
const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['0', false],
  ['1', true],
]);

/** V-073; what is not named stays. */
function again(lines: Lines): ScriptInstruction | null {
  const external = dialable(lines.get('called_external_number') ?? '');
  const target: Read<ScriptRecipient> =
    external !== ''
      ? { value: { number: external } }
      : lines.get('called_type') || lines.get('called_id')
        ? { value: recipient(lines, 'called_type', 'called_id', '') ?? undefined }
        : {};
  const fields = {
    message: read(lines, ['audio_message'], (text) => (text.length <= 200 ? text : null)),
    loop: read(lines, ['audio_loop'], (text) => SWITCH.get(text) ?? null),
    input: read(lines, ['input_type'], (text) => INPUT[Number(text)] ?? null),
    inputLength: read(lines, ['input_length'], within(1, 64, 1)),
    terminator: read(lines, ['term_char'], (text) => (/^[0-9*#]$/.test(text) ? text : null)),
    pauseMs: read(lines, ['timeout_last_digit'], within(0.1, 60, 1000)),
    waitMs: read(lines, ['input_timeout', 'waiting_input_time'], within(0, 600, 1000)),
    action: read(lines, ['node_action'], (text) => ACTION[Number(text)] ?? null),
    target: 'value' in target && target.value === undefined ? ('wrong' as const) : target,
    script: read(lines, ['script_url'], (text) => (text.length <= 2000 && !/\s/.test(text) ? text : null)),
    tag: read(lines, ['tag'], (text) => (/^-?\d{1,9}$/.test(text) ? Number(text) : null)),
  };
  const change: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (field === 'wrong') return null;
    if (field.value !== undefined) change[name] = field.value;
  }
  return { do: 'again', change: change as ScriptChange };
}
