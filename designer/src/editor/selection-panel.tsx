import { Button, ColorSwatch, Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { copySelection, deleteSelection } from './commands.ts';
import { useDraft, useEditor, useEditorStore } from './editor-store.ts';
import { changeGroup, changeNote, groupNodes, ungroup } from './model/edit.ts';

const COLOURS = ['yellow', 'blue', 'green', 'pink', 'grey'] as const;
const shade = (colour: string) => `var(--mantine-color-${colour === 'grey' ? 'gray' : colour}-4)`;

/** Several nodes, a note or a group: what can be done with them. */
export function SelectionPanel() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const draft = useDraft();
  const { nodes, notes, groups } = useEditor((state) => state.selection);
  const edit = store.getState().edit;
  const note = notes.length === 1 && nodes.length === 0 ? notes[0] : undefined;
  const shown = (draft.layout.groups ?? []).filter(({ id }) => groups.includes(id));
  return (
    <Stack p="md">
      <Title order={2} size="h5">
        {note === undefined ? t('selectedCount', { count: nodes.length + notes.length + groups.length }) : t('note')}
      </Title>
      {note === undefined ? null : (
        <>
          <Textarea
            label={t('note')}
            autosize
            minRows={3}
            maxRows={16}
            maxLength={4000}
            value={draft.layout.notes[note]?.text ?? ''}
            onChange={(event) => {
              const text = event.currentTarget.value;
              edit((now) => changeNote(now, note, { text }), `note ${note}`);
            }}
          />
          <Group gap={6} role="group" aria-label={t('colour')}>
            {COLOURS.map((colour) => (
              <ColorSwatch
                key={colour}
                component="button"
                color={shade(colour)}
                aria-label={t(`colours.${colour}`)}
                onClick={() => edit((now) => changeNote(now, note, { colour }))}
              />
            ))}
          </Group>
        </>
      )}
      {shown.map(({ id, title, collapsed = false }) => (
        <Stack key={id} gap={6}>
          <TextInput
            label={t('groupName')}
            maxLength={120}
            value={title}
            onChange={(event) => {
              const name = event.currentTarget.value;
              edit((now) => changeGroup(now, id, { title: name }), `group ${id}`);
            }}
          />
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              onClick={() => edit((now) => changeGroup(now, id, { collapsed: !collapsed }))}
            >
              {t(collapsed ? 'expand' : 'collapse')}
            </Button>
            <Button size="xs" variant="default" onClick={() => edit((now) => ungroup(now, id))}>
              {t('ungroup')}
            </Button>
          </Group>
        </Stack>
      ))}
      {nodes.length > 1 ? (
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => edit((now) => groupNodes(now, nodes, t('newGroup')))}>
            {t('keys.group')}
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={!navigator.clipboard}
            onClick={() => void navigator.clipboard.writeText(copySelection(store))}
          >
            {t('copyAsText')}
          </Button>
        </Group>
      ) : null}
      <Text size="xs" c="dimmed">
        {t('selectionHint')}
      </Text>
      <Button size="xs" color="red" variant="light" onClick={() => deleteSelection(store)}>
        {t('keys.delete')}
      </Button>
    </Stack>
  );
}
