/** The activities of this media instance, as `MediaActivities` of the contract names them. */
import { LEG_RESEND, type MediaActivities } from '@callwright/contract';
import type { OperationRunner } from './operations/run.ts';

export function createActivities({ run, resend }: OperationRunner): MediaActivities {
  return {
    'leg.ring': run,
    'leg.answer': run,
    'leg.dial': run,
    'leg.hangup': run,
    'leg.refer': run,
    'leg.release': run,
    'leg.take': run,
    'media.play': run,
    'media.collect': run,
    'media.record': run,
    'media.tap': run,
    'media.background': run,
    'media.stop': run,
    'media.bridge': run,
    'media.unbridge': run,
    'media.keys': run,
    'media.conference': run,
    'media.supervise': run,
    [LEG_RESEND]: async (input) => resend(input),
  };
}
