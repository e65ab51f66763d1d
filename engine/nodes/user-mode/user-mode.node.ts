/** Sets how a user wishes to be reached, or branches by it. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import {
  durationField,
  entityReference,
  numberReference,
  Template,
  templateReference,
} from '../../src/define/fields.ts';
import { UserMode } from '../../src/protocol/index.ts';

const DAY_MS = 86_400_000;
const MIN_MS = 60_000;
const MAX_MS = 365 * DAY_MS;

const config = z.strictObject({
  user: Template.max(400).default('').meta({
    title: 'User',
    titleFr: 'Utilisateur',
    widget: 'text',
    order: 1,
    description: 'Id or extension; empty: the user who calls.',
  }),
  mode: z
    .enum(['as-it-is', ...UserMode.options])
    .default('as-it-is')
    .meta({ title: 'Mode', titleFr: 'Mode', widget: 'select', order: 2 }),
  toggle: z.boolean().default(false).meta({
    title: 'Back to normal when it is set already',
    titleFr: 'Revenir au mode normal s’il est déjà actif',
    widget: 'switch',
    order: 3,
  }),
  number: Template.max(200).default('').meta({
    title: 'Number to divert to',
    titleFr: 'Numéro de renvoi',
    widget: 'text',
    order: 4,
    description: 'For the mode divert; empty: the one the user has.',
  }),
  forMs: durationField(MIN_MS, MAX_MS)
    .nullable()
    .default(null)
    .meta({ title: 'For how long', titleFr: 'Durée', widget: 'duration', unit: 'ms', order: 5, advanced: true }),
  note: Template.max(200)
    .default('')
    .meta({ title: 'Note', titleFr: 'Note', widget: 'text', order: 6, advanced: true }),
});
type Config = z.infer<typeof config>;

type After<C, M> = M extends UserMode ? M | (C extends { readonly toggle: true } ? 'normal' : never) : UserMode;
export type Outcomes<C> = (C extends { readonly mode: infer M } ? After<C, M> : UserMode) | 'not-found' | 'failed';

function modesAfter({ mode, toggle }: Config): readonly UserMode[] {
  if (mode === 'as-it-is') return UserMode.options;
  return toggle && mode !== 'normal' ? ['normal', mode] : [mode];
}

export default defineNode({
  kind: 'user-mode',
  version: 1,
  title: { en: 'User mode', fr: 'Mode de l’utilisateur' },
  description: {
    en: 'Sets how a user wishes to be reached, or branches by it.',
    fr: 'Règle comment un utilisateur souhaite être joint, ou choisit la suite selon son mode.',
  },
  icon: 'user-check',
  category: 'data',
  config,
  summary: (c) => ({ en: `${c.user} ${c.mode}`.trim(), fr: `${c.user} ${c.mode}`.trim() }),
  outcomes: (c) => [...modesAfter(c), 'not-found', 'failed'],
  references: (c) => [
    ...(c.user === '' ? [] : entityReference(['user'], 'user', c.user)),
    ...templateReference(['number'], c.number),
    ...templateReference(['note'], c.note),
    ...numberReference(['forMs'], c.forMs),
  ],
  behaviour: (c) => ({
    initial: 'asking',
    stages: {
      asking: {
        asks: (scope) => {
          const named = scope.text(c.user).trim().slice(0, 64);
          const caller = scope.caller.type === 'user' ? (scope.caller.id ?? '') : '';
          const number = scope.text(c.number).trim().slice(0, 64);
          return [
            {
              ask: 'lookup',
              lookup: {
                what: 'user-mode',
                // a switch is thrown once a visit, however often it is asked
                key: `${scope.node.id.slice(0, 100)}/${scope.at}`,
                user: c.user === '' ? caller.slice(0, 64) : named,
                mode: c.mode === 'as-it-is' ? null : c.mode,
                toggle: c.toggle,
                forMs: c.forMs === null ? null : Math.round(scope.number(c.forMs, MIN_MS, MAX_MS)),
                number: number === '' ? null : number,
                note: scope.text(c.note).slice(0, 200),
              },
            },
          ];
        },
        on: {
          io: ({ result }) => {
            if (result.status === 'not-found') return { outcome: 'not-found', reason: 'not-found' };
            const mode = result.status === 'user-mode' && modesAfter(c).includes(result.mode) ? result.mode : null;
            return mode === null ? { outcome: 'failed', reason: result.status } : { outcome: mode, reason: mode };
          },
        },
      },
    },
  }),
  example: { mode: 'away', toggle: true },
  variants: [
    { user: '101' },
    { user: '${entry}', mode: 'divert', number: '${entry}', forMs: { expr: '3600000' }, note: 'x' },
    { mode: 'dnd', forMs: 3_600_000 },
    { mode: 'normal', toggle: true },
  ],
  migrations: [],
});
