import { Group, Modal, type ModalRootProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface DialogProps extends Pick<ModalRootProps, 'opened' | 'onClose' | 'size' | 'yOffset'> {
  readonly title: string;
  readonly children: ReactNode;
}

/** A dialog of the editor: the library's, with a head that is no second banner of the page and a close button that has a name. */
export function Dialog({ title, children, ...root }: DialogProps) {
  const { t } = useTranslation('editor');
  return (
    <Modal.Root {...root}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          <Group justify="space-between" mb="md" wrap="nowrap">
            <Modal.Title fw={600}>{title}</Modal.Title>
            <Modal.CloseButton aria-label={t('close')} ms={0} />
          </Group>
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
