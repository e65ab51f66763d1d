/** What changed between two flows, in lines for people: `+` added, `-` removed, `~` changed. */
import type { FieldChange, FlowDiff } from '@callwright/engine';

const MOST_OF_A_VALUE = 100;

function shown(value: FieldChange['before']): string {
  if (value === null) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > MOST_OF_A_VALUE ? `${text.slice(0, MOST_OF_A_VALUE)}…` : text;
}

const placeOf = (path: FieldChange['path']): string => (path[0] === 'config' ? path.slice(1) : path).join('.');

const fieldLine = (of: string, { path, before, after }: FieldChange): string =>
  `~ ${of}${placeOf(path)}: ${shown(before)} → ${shown(after)}`;

/** Empty when both mean the same. */
export function describeDiff({ fields, nodes, edges, variables }: FlowDiff): string[] {
  return [
    ...fields.map((change) => fieldLine('flow ', change)),
    ...nodes.removed.map(({ id, kind }) => `- node ${id} (${kind})`),
    ...nodes.added.map(({ id, kind }) => `+ node ${id} (${kind})`),
    ...nodes.changed.flatMap(({ id, fields: changes }) => changes.map((change) => fieldLine(`node ${id} `, change))),
    ...edges.removed.map(({ from, outcome, to }) => `- ${from} "${outcome}" → ${to}`),
    ...edges.added.map(({ from, outcome, to }) => `+ ${from} "${outcome}" → ${to}`),
    ...edges.rewired.map(({ from, outcome, before, after }) => `~ ${from} "${outcome}": ${before} → ${after}`),
    ...variables.removed.map(({ name }) => `- variable ${name}`),
    ...variables.added.map(({ name }) => `+ variable ${name}`),
    ...variables.changed.flatMap(({ name, fields: changes }) =>
      changes.map((change) => fieldLine(`variable ${name} `, change)),
    ),
  ];
}
