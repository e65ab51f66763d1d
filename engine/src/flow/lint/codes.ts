/** Diagnostics of lint: code → severity and message in every language. `{detail}` is filled in; it never holds a personal value. */
import type { Words } from '../../define/meta.ts';

export interface DiagnosticEntry {
  /** An error refuses publishing; a warning does not. */
  readonly severity: 'error' | 'warning';
  readonly message: Words;
}

const error = (en: string, fr: string): DiagnosticEntry => ({ severity: 'error', message: { en, fr } });
const warning = (en: string, fr: string): DiagnosticEntry => ({ severity: 'warning', message: { en, fr } });

export const DIAGNOSTICS = {
  FLW_BAD_DOCUMENT: error(
    'This is not a valid flow document: {detail}',
    'Ce document de scénario n’est pas valide : {detail}',
  ),
  FLW_TOO_LARGE: error('The flow is larger than {detail} characters', 'Le scénario dépasse {detail} caractères'),
  FLW_UNKNOWN_KIND: error('The kind {detail} does not exist', 'Le type {detail} n’existe pas'),
  FLW_NEWER_NODE: error('The node was written by a newer version', 'Le nœud vient d’une version plus récente'),
  FLW_BAD_CONFIG: error('A setting is not valid: {detail}', 'Un réglage n’est pas valide : {detail}'),
  FLW_DUPLICATE_NODE: error('Two nodes have the id {detail}', 'Deux nœuds portent l’identifiant {detail}'),
  FLW_DUPLICATE_NUMBER: error('Two nodes have the number {detail}', 'Deux nœuds portent le numéro {detail}'),
  FLW_DUPLICATE_VARIABLE: error(
    'The variable {detail} is declared twice',
    'La variable {detail} est déclarée deux fois',
  ),
  FLW_RESERVED_NAME: error('The name {detail} is taken by the system', 'Le nom {detail} est réservé au système'),
  FLW_INITIAL_VALUE: error(
    'The initial value of {detail} does not fit its type',
    'La valeur initiale de {detail} ne convient pas à son type',
  ),
  FLW_NO_ENTRY: error(
    'The entry {detail} is not a node of the flow',
    'L’entrée {detail} n’est pas un nœud du scénario',
  ),
  FLW_ENTRY_NUMBER: error('The entry must have the number 0', 'L’entrée doit porter le numéro 0'),
  FLW_UNKNOWN_NODE: error(
    'The connection names a node that does not exist: {detail}',
    'Le lien nomme un nœud inexistant : {detail}',
  ),
  FLW_UNKNOWN_OUTCOME: error('The node has no outcome {detail}', 'Le nœud n’a pas d’issue {detail}'),
  FLW_DUPLICATE_EDGE: error('The outcome {detail} is connected twice', 'L’issue {detail} est reliée deux fois'),
  FLW_UNWIRED: error('The outcome {detail} leads nowhere', 'L’issue {detail} ne mène nulle part'),
  FLW_UNREACHABLE: warning('No call ever reaches this node', 'Aucun appel n’atteint ce nœud'),
  FLW_DEAD_END: error(
    'From here no call ever ends: the caller stays on the line',
    'À partir d’ici aucun appel ne finit : l’appelant reste en ligne',
  ),
  FLW_LOOP: error(
    'A circle without a choice of the caller, a counter or a command from outside: {detail}',
    'Un cercle sans choix de l’appelant, sans compteur ni commande extérieure : {detail}',
  ),
  FLW_DIAL_LOOP: error(
    'The same destination is rung again and again: {detail}',
    'La même destination sonne sans fin : {detail}',
  ),
  FLW_EXPRESSION_SYNTAX: error('The expression cannot be read: {detail}', 'L’expression est illisible : {detail}'),
  FLW_UNKNOWN_NAME: error(
    'The expression uses an unknown name: {detail}',
    'L’expression utilise un nom inconnu : {detail}',
  ),
  FLW_FORBIDDEN_FUNCTION: error(
    'The expression uses what is not allowed: {detail}',
    'L’expression utilise ce qui n’est pas admis : {detail}',
  ),
  FLW_WRONG_TYPE: error('The expression has the wrong type: {detail}', 'L’expression n’a pas le bon type : {detail}'),
  FLW_TEMPLATE: error('A ${ of the text is not closed', 'Un ${ du texte n’est pas fermé'),
  FLW_UNKNOWN_VARIABLE: error('The variable {detail} is not declared', 'La variable {detail} n’est pas déclarée'),
  FLW_MISSING_LANGUAGE: warning(
    'There is no text in the language of the flow, {detail}',
    'Il manque un texte dans la langue du scénario, {detail}',
  ),
  FLW_UNKNOWN_TIME_ZONE: error('The time zone {detail} does not exist', 'Le fuseau horaire {detail} n’existe pas'),
  FLW_NO_AUDIO: error('There is no audio named {detail}', 'Il n’y a pas de message audio nommé {detail}'),
  FLW_NO_ENTITY: warning('There is no {detail} at the moment', 'Il n’existe pas de {detail} pour le moment'),
  FLW_NO_FLOW: error('There is no published flow named {detail}', 'Il n’y a pas de scénario publié nommé {detail}'),
  FLW_FLOW_OUTCOME: error(
    'The flow called ends by an outcome that is not listed: {detail}',
    'Le scénario appelé finit par une issue absente de la liste : {detail}',
  ),
  FLW_FLOW_VARIABLE: error(
    'The flow called has no variable {detail}',
    'Le scénario appelé n’a pas de variable {detail}',
  ),
  FLW_RECURSION: error('The flow calls itself through {detail}', 'Le scénario s’appelle lui-même par {detail}'),
  FLW_TOO_DEEP: error(
    'Flows call each other more than {detail} deep',
    'Les scénarios s’appellent sur plus de {detail} niveaux',
  ),
  FLW_DUPLICATE_OUTCOME: error('The outcome is used twice or is reserved', 'L’issue sert deux fois ou est réservée'),
  FLW_DUPLICATE_KEY: error('The key is used twice', 'La touche sert deux fois'),
  FLW_SHARES: error('The shares do not add up to 100 %', 'La somme des parts ne fait pas 100 %'),
  FLW_RANGE: error('The lower limit is above the upper one', 'La limite basse dépasse la limite haute'),
  FLW_LACKS: error('The action needs this field', 'L’action a besoin de ce champ'),
  FLW_HOURS: error('Opening and closing time are the same', 'L’ouverture et la fermeture sont à la même heure'),
  FLW_UNTESTED: error(
    'No test takes the outcome {detail}: calls reach the node, but none leaves it this way',
    'Aucun test ne prend l’issue {detail} : des appels passent par le nœud, mais aucun n’en sort ainsi',
  ),
  FLW_UNTESTED_NODE: error(
    'No test takes the outcome {detail}: no call reaches the node',
    'Aucun test ne prend l’issue {detail} : aucun appel n’arrive au nœud',
  ),
  FLW_UNTESTED_YET: error(
    'No test takes the outcome {detail} so far: the search was stopped; keep a simulated call that takes it',
    'Aucun test ne prend encore l’issue {detail} : la recherche s’est arrêtée ; gardez un appel simulé qui la prend',
  ),
  FLW_TEST_FAILED: error(
    'The kept test {detail} takes another way now',
    'Le test gardé {detail} prend maintenant un autre chemin',
  ),
} as const satisfies Record<string, DiagnosticEntry>;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;

/** What an editor can offer to do about a diagnostic. */
export type Fix =
  | { readonly action: 'wire'; readonly node: string; readonly outcome: string }
  | { readonly action: 'remove-edge'; readonly from: string; readonly outcome: string; readonly to: string }
  | { readonly action: 'remove-node'; readonly node: string }
  | { readonly action: 'declare-variable'; readonly name: string };

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  /** Place in the document, e.g. ['nodes', 3, 'config', 'url']. */
  readonly path: readonly (string | number)[];
  readonly node?: string;
  /** The outcome of the node that it is about, where it is about an arrow of the flow itself. */
  readonly outcome?: string;
  readonly message: Words;
  readonly fix?: Fix;
}

/** Make a diagnostic from its code. */
export function diagnose(
  code: DiagnosticCode,
  path: readonly (string | number)[],
  options: { readonly node?: string; readonly outcome?: string; readonly detail?: string; readonly fix?: Fix } = {},
): Diagnostic {
  const entry = DIAGNOSTICS[code];
  const detail = (options.detail ?? '').slice(0, 300);
  const fill = (text: string) => text.replace('{detail}', () => detail);
  return {
    code,
    severity: entry.severity,
    path,
    ...(options.node === undefined ? {} : { node: options.node }),
    ...(options.outcome === undefined ? {} : { outcome: options.outcome }),
    message: { en: fill(entry.message.en), fr: fill(entry.message.fr) },
    ...(options.fix ? { fix: options.fix } : {}),
  };
}
