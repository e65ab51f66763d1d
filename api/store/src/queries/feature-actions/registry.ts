/** The registry of feature actions. A feature adds its file and one entry; the table of codes names actions by it. */
import { agentLogIn, agentPause } from './agent.ts';
import { callBack } from './call-back.ts';
import { directory } from './directory.ts';
import { doNotDisturb } from './do-not-disturb.ts';
import { echoTest } from './echo-test.ts';
import type { FeatureAction } from './feature-action.ts';
import { intercom } from './intercom.ts';
import { peer } from './peer.ts';
import { pickUp } from './pick-up.ts';
import { redial } from './redial.ts';
import { speakingClock } from './speaking-clock.ts';
import { supervise } from './supervise.ts';
import { tryDraft } from './try-draft.ts';
import { voicemail } from './voicemail.ts';

const ACTIONS: readonly FeatureAction[] = [
  redial,
  echoTest,
  speakingClock,
  directory,
  callBack,
  peer,
  pickUp,
  intercom,
  voicemail,
  agentLogIn,
  agentPause,
  doNotDisturb,
  tryDraft,
  supervise,
];

const byName: ReadonlyMap<string, FeatureAction> = new Map(ACTIONS.map((one) => [one.action, one]));

/** Null when there is none; the name may come from outside. */
export const featureAction = (name: string): FeatureAction | null => byName.get(name) ?? null;

/** All actions, with the codes companies have them under by default. */
export const featureActions = (): readonly FeatureAction[] => ACTIONS;
