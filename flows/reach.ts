/** What the flows of calls beyond the company share once they have dialled: the outcome is passed on, or said when nobody can be reached. */
import { node, say } from '@callwright/engine';
import { ANNOUNCEMENT_WORDS } from '@callwright/engine/admission';

/** Said of what leads nowhere. */
export const UNREACHABLE = ANNOUNCEMENT_WORDS.unavailable;

/** Where the outcomes of a dial node lead among `ENDINGS`. */
export const PASSED_ON = {
  completed: 'end',
  busy: 'busy',
  'no-answer': 'no-answer',
  rejected: 'rejected',
  unavailable: 'tell',
  failed: 'tell',
} as const;

/** The nodes after dialling. */
export const ENDINGS = {
  tell: node('play', { prompts: [say(UNREACHABLE)], early: true }, { next: 'unavailable' }),
  end: node('hang-up', {}),
  busy: node('hang-up', { cause: 'busy' }),
  'no-answer': node('hang-up', { cause: 'no-answer' }),
  rejected: node('hang-up', { cause: 'rejected' }),
  unavailable: node('hang-up', { cause: 'unavailable' }),
};
