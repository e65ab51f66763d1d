import { Group, Kbd, SimpleGrid, Text, Title } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditor, useEditorStore } from '../editor-store.ts';
import { KEY_MAP, shown } from '../keys.ts';
import { Dialog } from './dialog.tsx';

const SECTIONS = ['edit', 'select', 'view', 'flow'] as const;

/** Every key, on screen. */
export function KeysDialog() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const opened = useEditor((state) => state.dialog === 'keys');
  return (
    <Dialog opened={opened} onClose={() => store.getState().set({ dialog: null })} title={t('keyboard')} size="xl">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        {SECTIONS.map((section) => (
          <section key={section}>
            <Title order={3} size="h6" mb={4}>
              {t(`keySections.${section}`)}
            </Title>
            {KEY_MAP.filter((binding) => binding.section === section).map(({ command, keys }) => (
              <Group key={command} justify="space-between" wrap="nowrap" py={2}>
                <Text size="sm">{t(`keys.${command}`)}</Text>
                <Group gap={4} wrap="nowrap">
                  {shown(keys[0]!).map((key) => (
                    <Fragment key={key}>
                      <Kbd size="xs">{key}</Kbd>
                    </Fragment>
                  ))}
                </Group>
              </Group>
            ))}
          </section>
        ))}
      </SimpleGrid>
    </Dialog>
  );
}
