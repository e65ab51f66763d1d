/** Extracting the selection to a sub-flow: the new flow is made and published first, then the open one calls it. */

import { routes } from '@callwright/api-contract';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFailure, call } from '../api/client.ts';
import { useEditorStore } from './editor-store.ts';
import { directoryKey } from './form/directory.ts';
import { extract } from './model/extract.ts';
import { placed } from './model/tidy.ts';

const MOST_TRIES = 20;

/** The command; tells the author what came of it. */
export function useExtract(): () => void {
  const store = useEditorStore();
  const client = useQueryClient();
  const { t } = useTranslation('editor');
  return useCallback(() => {
    const run = async () => {
      const { history, selection } = store.getState();
      const base = `${history.draft.document.name}-part`.slice(0, 55);
      for (let count = 1; count <= MOST_TRIES; count += 1) {
        const name = count === 1 ? base : `${base}-${count}`;
        const result = extract(history.draft, selection.nodes, name);
        if (typeof result === 'string') {
          notifications.show({ color: 'yellow', message: t(`extractRefused.${result}`) });
          return;
        }
        try {
          const { document, layout } = placed(result.extracted);
          const made = await call(routes.createFlow, { body: { file: { document, layout } } });
          await call(routes.publishFlow, { params: { id: made.id }, body: {} });
        } catch (error) {
          if (error instanceof ApiFailure && error.code === 'API_NAME_TAKEN') continue;
          throw error;
        }
        store.getState().edit(() => result.draft);
        store.getState().show(result.caller);
        notifications.show({ color: 'teal', message: t('extracted', { name }) });
        await client.invalidateQueries({ queryKey: directoryKey });
        return;
      }
    };
    run().catch((error: unknown) => {
      const code = error instanceof ApiFailure ? error.code : 'offline';
      notifications.show({ color: 'red', message: t(`failures.${code}`, { defaultValue: t('failures.offline') }) });
    });
  }, [store, client, t]);
}
