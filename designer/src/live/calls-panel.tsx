/** The calls of the moment as a list: the canvas for those who do not see it. */
import { Alert, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { failureText } from '../app/failure.ts';
import { durationText } from '../console/calls/party.ts';
import type { CallHere } from './flow-calls.ts';
import classes from './live.module.css';
import { type ShownRevision, useNodeNames } from './revisions.ts';
import type { FollowedCalls } from './use-flow-calls.ts';

interface CallsPanelProps {
  readonly revision: ShownRevision;
  readonly followed: FollowedCalls;
  readonly onChoose: (id: string) => void;
}

export function CallsPanel({ revision, followed, onChoose }: CallsPanelProps) {
  const { t } = useTranslation('live');
  const all = [...followed.calls.calls.values()];
  const here = all.filter((call) => call.revision === revision.hash);
  const elsewhere = all.length - here.length;
  return (
    <Stack p="md" gap="sm">
      <Title order={2} size="h4">
        {t('callsHere', { count: here.length })}
      </Title>
      {followed.error !== null && <Alert color="red">{failureText(followed.error)}</Alert>}
      {here.length === 0 && <Text size="sm">{t('noCalls')}</Text>}
      <ul className={classes.steps}>
        {here.map((call) => (
          <li key={call.id}>
            <CallRow call={call} revision={revision} onChoose={onChoose} />
          </li>
        ))}
      </ul>
      {elsewhere > 0 && <Text size="sm">{t('elsewhere', { count: elsewhere })}</Text>}
      {followed.more && <Text size="sm">{t('more')}</Text>}
    </Stack>
  );
}

interface CallRowProps {
  readonly call: CallHere;
  readonly revision: ShownRevision;
  readonly onChoose: (id: string) => void;
}

function CallRow({ call, revision, onChoose }: CallRowProps) {
  const { t } = useTranslation('live');
  const nameOf = useNodeNames(revision.draft);
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true });
  return (
    <UnstyledButton className={classes.step} data-call={call.id} onClick={() => onChoose(call.id)}>
      <Text size="sm" fw={600}>
        {call.label}
      </Text>
      <Text size="sm">
        {call.node === null ? t('betweenNodes') : nameOf(call.node)}
        {' · '}
        {t('for', { duration: durationText(now - Date.parse(call.since ?? call.startedAt)) })}
      </Text>
    </UnstyledButton>
  );
}
