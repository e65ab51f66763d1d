/** Prompts: audio uploaded as WAV, or spoken from text. */
import { promptRoutes as routes } from '@callwright/api-contract';
import { toTelephoneWav } from '@callwright/speech';
import { deletePrompt, getPrompt, listPrompts, type PromptRow, putPrompt, readPrompt } from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

const LONGEST_MS = 15 * 60_000;

const prompt = (row: PromptRow) => ({
  id: row.id,
  number: row.number,
  name: row.name,
  text: row.text,
  language: row.language,
  hash: row.content_hash,
  durationMs: row.duration_ms,
  updatedAt: iso(row.updated_at),
});

/** A file as telephones play it. Throws `API_AUDIO_INVALID`, or the speech package's `SPE_AUDIO`. */
export function telephoneWav(bytes: Buffer): { wav: Buffer; durationMs: number } {
  const { wav, durationMs } = toTelephoneWav(bytes);
  if (durationMs === 0) throw new ApiError('API_AUDIO_INVALID', { detail: 'It holds no sound.' });
  if (durationMs > LONGEST_MS) throw new ApiError('API_AUDIO_INVALID', { detail: 'It is longer than 15 minutes.' });
  return { wav, durationMs };
}

export function promptHandlers({ store: { db }, speak }: Services): Implementation[] {
  return [
    implement(routes.listPrompts, async ({ query }, { company }) => {
      const { items, next } = await listPrompts(db, company, numberCursor(query) ?? 0, limitOf(query));
      return { items: items.map(prompt), next };
    }),
    implement(routes.getPrompt, async ({ params }, { company }) =>
      prompt(found(await getPrompt(db, company, params.name))),
    ),
    implement(routes.putPrompt, async ({ params, body }, { company }) => {
      const { wav, durationMs } = await speak(body.text, body.language);
      return prompt(
        await putPrompt(db, company, params.name, { wav, durationMs, text: body.text, language: body.language }),
      );
    }),
    implement(routes.putPromptAudio, async ({ params, body }, { company }) =>
      prompt(await putPrompt(db, company, params.name, { ...telephoneWav(body), text: null, language: null })),
    ),
    implement(routes.getPromptAudio, async ({ params }, { company }) =>
      found(await readPrompt(db, company, params.name)),
    ),
    implement(routes.deletePrompt, async ({ params }, { company, audit }) => {
      if (!(await deletePrompt(db, company, params.name))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'prompt.deleted', entity: { type: 'prompt', id: params.name } });
    }),
  ];
}
