/** What the failure of an activity means to a runner. */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

export type FailureMeaning =
  /** No worker took it, or none finished it in time: nothing is known (design §4: a suspicion, never a verdict). */
  | { readonly meaning: 'suspicion' }
  /** The other side could not be reached, after its retries. */
  | { readonly meaning: 'transport'; readonly code: string }
  /** The activity said no, for good. */
  | { readonly meaning: 'failed'; readonly code: string; readonly message: string };

export function meaningOf(error: unknown): FailureMeaning {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return { meaning: 'suspicion' };
  if (cause instanceof ApplicationFailure) {
    const code = (cause.type ?? 'failed').slice(0, 60);
    if (!cause.nonRetryable) return { meaning: 'transport', code };
    return { meaning: 'failed', code, message: cause.message.slice(0, 500) };
  }
  return { meaning: 'failed', code: 'failed', message: error instanceof Error ? error.message.slice(0, 500) : '' };
}
