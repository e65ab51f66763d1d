/**
 * Presentation data that rides on a node's config schema (style D6): the designer's form, the docs and the redaction list are
 * derived from it. The keys are typed by augmenting zod's `GlobalMeta`, so that an unknown widget does not compile, and they
 * survive into the JSON Schema.
 */
import 'zod';

/** A text in every language the product is shown in. */
export interface Words {
  readonly en: string;
  readonly fr: string;
}

/** How a form shows a field. Widgets live in the designer; a new one is a change of its own. */
export type Widget =
  | 'text'
  | 'text-area'
  | 'template'
  | 'expression'
  | 'number'
  | 'switch'
  | 'select'
  | 'duration'
  | 'prompt-list'
  | 'choice-list'
  | 'assignment-list'
  | 'branch-list'
  | 'share-list'
  | 'variable'
  | 'destination'
  | 'ring-group'
  | 'calendar'
  | 'hours'
  | 'flow'
  | 'outcome-list'
  | 'header-list'
  | 'json';

declare module 'zod' {
  interface GlobalMeta {
    /** French title; the English one is `title`, as JSON Schema has it. */
    titleFr?: string;
    descriptionFr?: string;
    widget?: Widget;
    /** Place in the form, ascending. */
    order?: number;
    /** The value is personal: encrypted at rest, masked in every view, never logged. */
    pii?: boolean;
    /** Unit shown beside the field. */
    unit?: 'ms' | '%';
    /** Shown only when the form's advanced part is open. */
    advanced?: boolean;
  }
}
