import type { NodeDefinition } from '@callwright/engine';
import { Combobox, ScrollArea, Text, TextInput, useCombobox } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../dialogs/dialog.tsx';
import { useEditor, useEditorStore } from '../editor-store.ts';
import { CATEGORY_COLOURS, iconOf } from './icons.ts';
import classes from './palette.module.css';
import { insertableKinds, insertKind, looseOutcome, PALETTE_TYPE } from './palette-insert.ts';
import { useWording } from './words.ts';

const ORDER = ['speak', 'listen', 'decide', 'connect', 'data', 'end'];

const plain = (text: string) => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');

/** How well a kind fits what is typed, 0 best; null when it does not. A title that begins with it comes before a description. */
function rank({ kind }: NodeDefinition, title: string, description: string, wanted: string): number | null {
  const sought = plain(wanted.trim());
  if (sought === '') return 0;
  if (plain(title).startsWith(sought) || kind.startsWith(sought)) return 0;
  if (plain(title).includes(sought)) return 1;
  return plain(description).includes(sought) ? 2 : null;
}

/** Kinds by category, those that match a text; the best match is the first. */
function useKinds(wanted: string) {
  const { words } = useWording();
  return useMemo(() => {
    const ranked = insertableKinds.flatMap((definition) => {
      const found = rank(definition, words(definition.title), words(definition.description), wanted);
      return found === null ? [] : [{ definition, rank: found }];
    });
    return ORDER.map((category) => {
      const kinds = ranked.filter(({ definition }) => definition.category === category).sort((x, y) => x.rank - y.rank);
      return { category, best: kinds[0]?.rank ?? 9, kinds: kinds.map(({ definition }) => definition) };
    })
      .filter(({ kinds }) => kinds.length > 0)
      .sort((x, y) => x.best - y.best);
  }, [wanted, words]);
}

function KindRow({ definition }: { readonly definition: NodeDefinition }) {
  const { words } = useWording();
  const Icon = iconOf(definition.icon);
  const colour = CATEGORY_COLOURS[definition.category];
  return (
    <div className={classes.row}>
      <Icon size={18} aria-hidden color={`var(--mantine-color-${colour}-filled)`} />
      <div>
        <Text size="sm" fw={500}>
          {words(definition.title)}
        </Text>
        <Text size="xs" className={classes.quiet} lineClamp={2}>
          {words(definition.description)}
        </Text>
      </div>
    </div>
  );
}

/** The list at the left: drag a kind onto the canvas, or click it. */
export function PaletteList() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const [wanted, setWanted] = useState('');
  const groups = useKinds(wanted);
  const { words } = useWording();
  const insert = (kind: string) => {
    const { history, selection } = store.getState();
    const chosen = selection.nodes.length === 1 ? selection.nodes[0] : undefined;
    insertKind(store, kind, { after: looseOutcome(history.draft, chosen), at: null });
  };
  return (
    <nav className={classes.list} aria-label={t('palette')}>
      <TextInput
        size="xs"
        m="xs"
        placeholder={t('paletteSearch')}
        aria-label={t('paletteSearch')}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      <ScrollArea flex={1} type="auto" offsetScrollbars="y">
        {groups.map(({ category, kinds }) => (
          <section key={category}>
            <Text component="h2" size="xs" fw={700} c="dimmed" px="sm" pt="xs" tt="uppercase">
              {t(`categories.${category}`)}
            </Text>
            {kinds.map((definition) => (
              <button
                key={definition.kind}
                type="button"
                className={classes.item}
                draggable
                title={words(definition.description)}
                onDragStart={(event) => {
                  event.dataTransfer.setData(PALETTE_TYPE, definition.kind);
                  event.dataTransfer.effectAllowed = 'copy';
                }}
                onClick={() => insert(definition.kind)}
              >
                <KindRow definition={definition} />
              </button>
            ))}
          </section>
        ))}
      </ScrollArea>
    </nav>
  );
}

/** The palette by keyboard: type, arrows, Enter. */
export function PaletteDialog() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const request = useEditor((state) => state.palette);
  const [wanted, setWanted] = useState('');
  const groups = useKinds(wanted);
  const close = () => {
    setWanted('');
    store.getState().set({ palette: null });
  };
  // Escape goes to the list, which is the dialog
  const combobox = useCombobox({ opened: true, onDropdownClose: close });
  const { selectFirstOption } = combobox;
  useEffect(() => {
    if (request) requestAnimationFrame(() => selectFirstOption());
  }, [request, groups]);
  return (
    <Dialog opened={request !== null} onClose={close} title={t('addNode')} size="md" yOffset="10vh">
      <Combobox
        store={combobox}
        withinPortal={false}
        onOptionSubmit={(kind) => {
          if (request) insertKind(store, kind, request);
          setWanted('');
        }}
      >
        <Combobox.EventsTarget>
          <TextInput
            data-autofocus
            placeholder={t('paletteSearch')}
            aria-label={t('paletteSearch')}
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        </Combobox.EventsTarget>
        <ScrollArea.Autosize mah="60vh" mt="xs">
          <Combobox.Options aria-label={t('palette')}>
            {groups.length === 0 ? <Combobox.Empty>{t('nothingFound')}</Combobox.Empty> : null}
            {groups.map(({ category, kinds }) => (
              <Combobox.Group key={category} label={t(`categories.${category}`)}>
                {kinds.map((definition) => (
                  <Combobox.Option key={definition.kind} value={definition.kind}>
                    <KindRow definition={definition} />
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            ))}
          </Combobox.Options>
        </ScrollArea.Autosize>
      </Combobox>
    </Dialog>
  );
}
