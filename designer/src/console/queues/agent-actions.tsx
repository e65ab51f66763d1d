import { routes } from '@callwright/api-contract';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useAsk, useTell } from '../../app/ask.ts';
import type { AgentRow } from './queue-live.tsx';

interface AgentActionsProps {
  readonly queueId: string;
  readonly agent: AgentRow;
}

/** What a supervisor may do for an agent. */
export function AgentActions({ queueId, agent }: AgentActionsProps) {
  const { t } = useTranslation('admin');
  const reasons = useAsk(routes.getPauseReasons).data?.items ?? [];
  const tell = useTell(routes.commandAgent, { done: t('queue.commandSent'), refresh: ['queues'] });
  const command = (what: 'log-in' | 'log-out' | 'pause' | 'resume' | 'ready', reason = '') =>
    tell.mutate({
      params: { id: agent.userId },
      body: { do: what, queueId: what.startsWith('log') ? queueId : null, reason },
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="default"
          loading={tell.isPending}
          aria-label={t('queue.actionsOf', { name: agent.name })}
          ml="auto"
          display="flex"
        >
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {agent.loggedIn ? (
          <Menu.Item onClick={() => command('log-out')}>{t('queue.logOut')}</Menu.Item>
        ) : (
          <Menu.Item onClick={() => command('log-in')}>{t('queue.logIn')}</Menu.Item>
        )}
        {agent.state === 'wrap-up' && <Menu.Item onClick={() => command('ready')}>{t('queue.ready')}</Menu.Item>}
        {agent.pause ? (
          <Menu.Item onClick={() => command('resume')}>{t('queue.resume')}</Menu.Item>
        ) : (
          agent.loggedIn && (
            <>
              <Menu.Item onClick={() => command('pause')}>{t('queue.pause')}</Menu.Item>
              {reasons.map((reason) => (
                <Menu.Item key={reason} onClick={() => command('pause', reason)}>
                  {t('queue.pauseFor', { reason })}
                </Menu.Item>
              ))}
            </>
          )
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
