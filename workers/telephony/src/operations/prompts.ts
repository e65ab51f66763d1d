/** Prompts of a command as what is played: neighbours that a key may cut, or may not, become one playback without a gap. */
import type { Prompt } from '@callwright/engine';
import { codeOf, TelephonyError } from '../errors.ts';
import type { RunningOperation } from './context.ts';

export interface ResolvedPrompt {
  readonly files: readonly string[];
  readonly bargeIn: boolean;
}

/** Rejects with `TEL_PROMPT` when an item cannot be spoken or found. */
export async function resolveRuns(operation: RunningOperation, prompts: readonly Prompt[]): Promise<ResolvedPrompt[]> {
  const { context, input } = operation;
  const speech = { companyId: input.companyId, ...input.locale };
  const resolved = await Promise.all(
    prompts.map(async ({ items, bargeIn }) => ({ files: await context.resolvePrompts(items, speech), bargeIn })),
  ).catch((error: unknown) => {
    throw new TelephonyError('TEL_PROMPT', codeOf(error) ?? '');
  });
  const runs: { files: string[]; bargeIn: boolean }[] = [];
  for (const { files, bargeIn } of resolved) {
    const last = runs.at(-1);
    if (last && last.bargeIn === bargeIn) last.files.push(...files);
    else runs.push({ files: [...files], bargeIn });
  }
  return runs.filter((run) => run.files.length > 0);
}
