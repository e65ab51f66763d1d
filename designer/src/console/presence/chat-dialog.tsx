import { CHAT_STATES, routes } from '@callwright/api-contract';
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { useWords } from '../resources/words.ts';
import type { PresenceRow } from './presence-page.tsx';

type Status = (typeof CHAT_STATES)[number];

interface ChatDialogProps {
  readonly user: PresenceRow;
  readonly onClose: () => void;
}

/** What a user says of himself, set for him. */
export function ChatDialog({ user, onClose }: ChatDialogProps) {
  const { t } = useTranslation(['admin', 'resources']);
  const words = useWords();
  const [status, setStatus] = useState<Status | null>(user.chat?.status ?? null);
  const [note, setNote] = useState(user.chat?.note ?? '');
  const put = useTell(routes.putChatPresence, { done: t('resources:saved'), onSuccess: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('presence.setTitle', { name: user.name || user.extension })}
      closeButtonProps={{ 'aria-label': t('resources:close') }}
    >
      <Stack mih={260}>
        <Select
          label={t('presence.says')}
          placeholder={t('presence.nothing')}
          clearable
          clearButtonProps={{ 'aria-label': t('resources:clear') }}
          data={CHAT_STATES.map((value) => ({ value, label: words.value(value) }))}
          value={status}
          onChange={(value) => setStatus(value as Status | null)}
          comboboxProps={{ withinPortal: false }}
        />
        <TextInput
          label={t('presence.note')}
          maxLength={200}
          disabled={status === null}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('resources:cancel')}
          </Button>
          <Button
            loading={put.isPending}
            onClick={() =>
              put.mutate({ params: { id: user.userId }, body: { chat: status ? { status, note } : null } })
            }
          >
            {t('resources:save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
