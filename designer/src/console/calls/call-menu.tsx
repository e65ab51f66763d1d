/** What else may be done to a running call: hear it, record it, hold it, call somebody in. Each is a command that the call answers by facts. */
import { routes } from '@callwright/api-contract';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { AddDialog } from './add-dialog.tsx';
import { type CallRow, partyText } from './party.ts';
import { SuperviseDialog } from './supervise-dialog.tsx';

type Open = 'supervise' | 'add' | null;

export function CallMenu({ call }: { readonly call: CallRow }) {
  const { t } = useTranslation('admin');
  const [open, setOpen] = useState<Open>(null);
  const record = useTell(routes.recordCall, { done: t('call.sent'), refresh: ['recordings'] });
  const hold = useTell(routes.holdCall, { done: t('call.sent') });
  const retrieve = useTell(routes.retrieveCall, { done: t('call.sent') });
  const goOn = useTell(routes.continueCall, { done: t('call.sent') });
  const params = { id: call.id };
  const recording = (act: 'start' | 'pause' | 'resume' | 'stop') => (
    <Menu.Item key={act} onClick={() => record.mutate({ params, body: { act } })}>
      {t(`call.record.${act}`)}
    </Menu.Item>
  );
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" aria-label={t('call.moreNamed', { name: partyText(call.calling) })}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('supervise')}>{t('call.supervise')}</Menu.Item>
          <Menu.Item onClick={() => setOpen('add')}>{t('call.add')}</Menu.Item>
          <Menu.Item onClick={() => hold.mutate({ params, body: {} })}>{t('call.hold')}</Menu.Item>
          <Menu.Item onClick={() => retrieve.mutate({ params, body: {} })}>{t('call.retrieve')}</Menu.Item>
          <Menu.Item onClick={() => goOn.mutate({ params, body: {} })}>{t('call.goOn')}</Menu.Item>
          <Menu.Divider />
          {(['start', 'pause', 'resume', 'stop'] as const).map(recording)}
        </Menu.Dropdown>
      </Menu>
      {open === 'supervise' && <SuperviseDialog call={call} onClose={() => setOpen(null)} />}
      {open === 'add' && <AddDialog call={call} onClose={() => setOpen(null)} />}
    </>
  );
}
