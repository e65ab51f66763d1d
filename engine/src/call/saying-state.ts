/** What is being said to a party by command (`saying.ts`). */
import type { JsonValue, Prompt } from '../protocol/index.ts';

/** Something that a command lets a leg's party hear. */
export interface Saying {
  /** The command, which is answered when it was heard. */
  control: string;
  leg: string;
  prompts: Prompt[];
  /** Who hears it above a conversation; null = there is none. */
  hearers: 'leg' | 'both' | null;
  /** Operations whose results are still to come before it begins. */
  waiting: string[];
  /** Asks of the flow that were stopped for it, and what their operations answered. */
  held: { ask: string; result: JsonValue | null }[];
  /** What plays it. */
  op?: string;
  /** It is to end. */
  cut?: boolean;
}
