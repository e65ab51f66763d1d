import { routes } from '@callwright/api-contract';
import { Combobox, Loader, ScrollArea, Switch, Text, TextInput, useCombobox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { call } from '../../api/client.ts';
import classes from '../canvas/palette.module.css';
import { useWording } from '../canvas/words.ts';
import { useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { useDirectory } from '../form/directory.ts';
import { type Draft, readDraft } from '../model/draft.ts';
import { Dialog } from './dialog.tsx';
import { type Hit, searchFlow } from './search.ts';

/** Hits shown: more than that, and the text should be longer. */
const MOST = 60;

interface Found extends Hit {
  readonly flow: { readonly id: string; readonly title: string } | null;
}

/** Drafts of all other flows; asked for when a search needs them. */
function useOtherFlows(wanted: boolean, own: string) {
  const { flows } = useDirectory();
  return useQuery({
    queryKey: ['all-drafts', flows.map(({ id, draftVersion }) => `${id}@${draftVersion}`)],
    enabled: wanted && flows.length > 0,
    queryFn: async () => {
      const drafts: { id: string; title: string; draft: Draft }[] = [];
      for (const { id, name, title } of flows) {
        if (id === own) continue;
        const flow = await call(routes.getFlow, { params: { id } });
        drafts.push({ id, title: title || name, draft: readDraft(flow.draft) });
      }
      return drafts;
    },
  });
}

/** Finds nodes by any text of theirs, in this flow or in all. */
export function SearchDialog({
  everywhere,
  onEverywhere,
}: {
  readonly everywhere: boolean;
  readonly onEverywhere: (on: boolean) => void;
}) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const navigate = useNavigate();
  const draft = useDraft();
  const { node: nameOf } = useWording();
  const flowId = useEditor((state) => state.flowId);
  const opened = useEditor((state) => state.dialog === 'search');
  const [wanted, setWanted] = useState('');
  const sought = useDeferredValue(wanted);
  const others = useOtherFlows(opened && everywhere, flowId);
  const found = useMemo((): Found[] => {
    const here = searchFlow(draft.document, sought, nameOf).map((hit) => ({ ...hit, flow: null }));
    if (!everywhere) return here.slice(0, MOST);
    const there = (others.data ?? []).flatMap(({ id, title, draft: other }) =>
      searchFlow(other.document, sought, nameOf).map((hit) => ({ ...hit, flow: { id, title } })),
    );
    return [...here, ...there].slice(0, MOST);
  }, [draft, sought, everywhere, others.data, nameOf]);
  const close = () => store.getState().set({ dialog: null });
  // Escape goes to the list, which is the dialog
  const combobox = useCombobox({ opened: true, onDropdownClose: close });
  const { selectFirstOption } = combobox;
  useEffect(() => {
    requestAnimationFrame(() => selectFirstOption());
  }, [found]);
  const go = (index: number) => {
    const hit = found[index];
    if (!hit) return;
    close();
    if (hit.flow) void navigate(`/flows/${hit.flow.id}?node=${hit.node}`);
    else store.getState().show(hit.node);
  };
  return (
    <Dialog opened={opened} onClose={close} title={t('keys.search')} size="lg" yOffset="10vh">
      <Combobox store={combobox} withinPortal={false} onOptionSubmit={(value) => go(Number(value))}>
        <Combobox.EventsTarget>
          <TextInput
            data-autofocus
            aria-label={t('keys.search')}
            placeholder={t('searchPlaceholder')}
            value={wanted}
            // what was sought before gives way to what is typed
            onFocus={(event) => event.currentTarget.select()}
            onChange={(event) => setWanted(event.currentTarget.value)}
            rightSection={others.isFetching ? <Loader size="xs" /> : null}
          />
        </Combobox.EventsTarget>
        <Switch
          my="xs"
          size="xs"
          label={t('searchAllFlows')}
          checked={everywhere}
          onChange={(event) => onEverywhere(event.currentTarget.checked)}
        />
        <ScrollArea.Autosize mah="50vh">
          <Combobox.Options aria-label={t('keys.search')}>
            {found.length === 0 && sought !== '' ? <Combobox.Empty>{t('nothingFound')}</Combobox.Empty> : null}
            {found.map((hit, index) => (
              <Combobox.Option key={`${hit.flow?.id ?? ''}/${hit.node}`} value={String(index)}>
                <Text size="sm" fw={500}>
                  {hit.flow ? `${hit.flow.title} › ` : ''}
                  {hit.node}
                </Text>
                <Text size="xs" className={classes.quiet} lineClamp={1}>
                  {hit.text}
                </Text>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </ScrollArea.Autosize>
      </Combobox>
    </Dialog>
  );
}
