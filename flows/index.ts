/** The built-in catalogue: every flow that comes with Callwright, as documents. */
import type { FlowDocument } from '@callwright/engine';
import direct from './direct/direct.ts';
import directGroup from './direct-group/direct-group.ts';
import echoTest from './echo-test/echo-test.ts';
import frontDesk from './front-desk/front-desk.ts';
import toneMenu from './tone-menu/tone-menu.ts';
import unavailable from './unavailable/unavailable.ts';
import welcome from './welcome/welcome.ts';

export { type CatalogueRevision, pinTogether } from './revisions.ts';

/** Flows by their unique names. */
export const catalogue: Readonly<Record<string, FlowDocument>> = {
  direct,
  'direct-group': directGroup,
  'echo-test': echoTest,
  'front-desk': frontDesk,
  'tone-menu': toneMenu,
  unavailable,
  welcome,
};
