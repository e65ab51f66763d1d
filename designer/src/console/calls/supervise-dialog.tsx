import { routes } from '@callwright/api-contract';
import { Button, Group, Modal, Radio, Select, Stack, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { useSession } from '../../app/session.ts';
import { useChoices } from '../resources/choices.ts';
import { type CallRow, partyText } from './party.ts';

const MODES = ['listen', 'whisper', 'barge', 'end'] as const;
type Mode = (typeof MODES)[number];

interface CallDialogProps {
  readonly call: CallRow;
  readonly onClose: () => void;
}

/** Lets a user hear a call: his phone rings, then he listens, whispers to the user of the call, or speaks to all. */
export function SuperviseDialog({ call, onClose }: CallDialogProps) {
  const { t } = useTranslation(['admin', 'resources']);
  const session = useSession();
  const users = useChoices('users');
  const [userId, setUserId] = useState(session.userId);
  const [mode, setMode] = useState<Mode>('listen');
  const [autoAnswer, setAutoAnswer] = useState(false);
  const tell = useTell(routes.superviseCall, { done: t('call.sent'), onSuccess: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('call.superviseTitle', { name: partyText(call.calling) })}
      closeButtonProps={{ 'aria-label': t('resources:close') }}
    >
      <Stack mih={360}>
        <Text size="sm">{t('call.superviseAbout')}</Text>
        <Select
          label={t('call.who')}
          required
          searchable
          allowDeselect={false}
          nothingFoundMessage={t('resources:nothingFound')}
          data={[...users]}
          value={userId}
          onChange={setUserId}
          comboboxProps={{ withinPortal: false }}
        />
        <Radio.Group label={t('call.how')} value={mode} onChange={(value) => setMode(value as Mode)}>
          <Stack gap="xs" mt="xs">
            {MODES.map((value) => (
              <Radio key={value} value={value} label={t(`call.modes.${value}`)} />
            ))}
          </Stack>
        </Radio.Group>
        <Switch
          label={t('call.autoAnswer')}
          checked={autoAnswer}
          onChange={(event) => setAutoAnswer(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('resources:cancel')}
          </Button>
          <Button
            disabled={userId === null}
            loading={tell.isPending}
            onClick={() => userId && tell.mutate({ params: { id: call.id }, body: { mode, userId, autoAnswer } })}
          >
            {t('call.go')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
