import { routes } from '@callwright/api-contract';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { DestinationInput, type DestinationValue } from '../resources/form-fields.tsx';
import { type CallRow, partyText } from './party.ts';

interface AddDialogProps {
  readonly call: CallRow;
  readonly onClose: () => void;
}

/** Calls somebody into a conversation. */
export function AddDialog({ call, onClose }: AddDialogProps) {
  const { t } = useTranslation(['admin', 'resources']);
  const [destination, setDestination] = useState<DestinationValue | null>(null);
  const tell = useTell(routes.addToCall, { done: t('call.sent'), onSuccess: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('call.addTitle', { name: partyText(call.calling) })}
      closeButtonProps={{ 'aria-label': t('resources:close') }}
    >
      <Stack mih={260} justify="space-between">
        <Text size="sm">{t('call.addAbout')}</Text>
        <DestinationInput label={t('call.whom')} value={destination} onChange={setDestination} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('resources:cancel')}
          </Button>
          <Button
            disabled={!destination?.id}
            loading={tell.isPending}
            onClick={() => destination && tell.mutate({ params: { id: call.id }, body: { destination } })}
          >
            {t('call.go')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
