/** What may be done to a running call. */
import { routes } from '@callwright/api-contract';
import { ActionIcon, Button, Group, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowForwardUp, IconPhoneOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { useMay } from '../../app/session.ts';
import { DestinationInput, type DestinationValue } from '../resources/form-fields.tsx';
import { CallMenu } from './call-menu.tsx';
import { type CallRow, partyText } from './party.ts';

/** Transfer, hang up, and a menu of what is rarer; nothing for who may not, and for a call that has ended. */
export function CallActions({ call }: { readonly call: CallRow }) {
  const { t } = useTranslation('console');
  const may = useMay();
  const [isTransferring, transfer] = useDisclosure(false);
  const hangUp = useTell(routes.hangUpCall, { done: t('calls.hangUpSent') });
  if (!may('calls') || call.state === 'ended' || call.state === 'refused') return null;
  const name = partyText(call.calling);
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <ActionIcon variant="default" aria-label={t('calls.transferNamed', { name })} onClick={transfer.open}>
        <IconArrowForwardUp size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="default"
        aria-label={t('calls.hangUpNamed', { name })}
        loading={hangUp.isPending}
        onClick={() => hangUp.mutate({ params: { id: call.id }, body: {} })}
      >
        <IconPhoneOff size={16} aria-hidden />
      </ActionIcon>
      <CallMenu call={call} />
      {isTransferring && <TransferDialog call={call} onClose={transfer.close} />}
    </Group>
  );
}

function TransferDialog({ call, onClose }: { readonly call: CallRow; readonly onClose: () => void }) {
  const { t } = useTranslation('console');
  const [destination, setDestination] = useState<DestinationValue | null>(null);
  const redirect = useTell(routes.redirectCall, { done: t('calls.transferSent'), onSuccess: onClose });
  const isWhole = destination !== null && destination.id !== '';
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('calls.transferTitle', { name: partyText(call.calling) })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack mih={260} justify="space-between">
        <DestinationInput label={t('calls.transferTo')} value={destination} onChange={setDestination} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button
            disabled={!isWhole}
            loading={redirect.isPending}
            onClick={() => destination && redirect.mutate({ params: { id: call.id }, body: { destination } })}
          >
            {t('calls.transfer')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
