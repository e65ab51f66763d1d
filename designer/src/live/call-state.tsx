/** Where a running call stands, and the commands that lead it on. */
import { type CallStateView, routes } from '@callwright/api-contract';
import {
  ActionIcon,
  Badge,
  Button,
  Card,
  Checkbox,
  Group,
  Select,
  Stack,
  Table,
  Text,
  Textarea,
  Title,
} from '@mantine/core';
import { IconMessage2, IconPhoneOff, IconPlayerTrackNext } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useTell } from '../app/ask.ts';
import { useMay } from '../app/session.ts';
import { type CallRow, partyText } from '../console/calls/party.ts';
import { useWording } from '../editor/canvas/words.ts';
import { type ShownRevision, useNodeNames } from './revisions.ts';

type State = z.output<typeof CallStateView>;

interface CallStateProps {
  readonly call: CallRow;
  readonly state: State;
  readonly revision: ShownRevision;
}

export function CallState({ call, state, revision }: CallStateProps) {
  const { t } = useTranslation('live');
  const nameOf = useNodeNames(revision.draft);
  const may = useMay();
  const { flow, parties } = state;
  return (
    <>
      <section aria-label={t('state')}>
        <Text size="sm" data-state-node={flow?.node ?? ''}>
          {flow ? `${t('nodeIs')} ` : t('noFlow')}
          {flow && <b>{nameOf(flow.node)}</b>}
        </Text>
      </section>
      {may('calls') && (
        <Card withBorder p="sm">
          <Title order={3} size="h5" mb="xs">
            {t('steer')}
          </Title>
          <Stack gap="sm">
            {flow && <Skip key={flow.node} id={call.id} node={flow.node} outcomes={flow.outcomes} />}
            <Say id={call.id} />
          </Stack>
        </Card>
      )}
      {flow && <Variables variables={flow.variables} />}
      <Parties call={call} parties={parties} />
    </>
  );
}

interface SkipProps {
  readonly id: string;
  readonly node: string;
  readonly outcomes: readonly string[];
}

function Skip({ id, node, outcomes }: SkipProps) {
  const { t } = useTranslation('live');
  const wording = useWording();
  const [outcome, setOutcome] = useState(outcomes[0] ?? null);
  const skip = useTell(routes.skipNode, { done: t('skipSent') });
  if (outcomes.length === 0) return null;
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <Select
        flex={1}
        label={t('skipBy')}
        allowDeselect={false}
        data={outcomes.map((value) => ({ value, label: wording.outcome(value) }))}
        value={outcome}
        onChange={setOutcome}
      />
      <Button
        leftSection={<IconPlayerTrackNext size={16} aria-hidden />}
        loading={skip.isPending}
        onClick={() => skip.mutate({ params: { id }, body: { node, outcome } })}
      >
        {t('skip')}
      </Button>
    </Group>
  );
}

function Say({ id }: { readonly id: string }) {
  const { t, i18n } = useTranslation('live');
  const [text, setText] = useState('');
  const [both, setBoth] = useState(false);
  const say = useTell(routes.sayToCall, { done: t('saySent'), onSuccess: () => setText('') });
  const said = text.trim();
  const language = i18n.language.slice(0, 2);
  return (
    <Stack gap="xs" role="group" aria-label={t('say')}>
      <Textarea
        label={t('say')}
        autosize
        minRows={1}
        maxRows={4}
        maxLength={1000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group justify="space-between">
        <Checkbox
          size="sm"
          label={t('sayBoth')}
          checked={both}
          onChange={(event) => setBoth(event.currentTarget.checked)}
        />
        <Button
          variant="default"
          leftSection={<IconMessage2 size={16} aria-hidden />}
          disabled={said === ''}
          loading={say.isPending}
          onClick={() => say.mutate({ params: { id }, body: { both, say: { type: 'text', text: said, language } } })}
        >
          {t('sayDo')}
        </Button>
      </Group>
    </Stack>
  );
}

type Variable = NonNullable<State['flow']>['variables'][number];

function Variables({ variables }: { readonly variables: readonly Variable[] }) {
  const { t } = useTranslation('live');
  const flows = new Set(variables.map(({ flow }) => flow));
  return (
    <section>
      <Title order={3} size="h5">
        {t('variables')}
      </Title>
      {variables.length === 0 ? (
        <Text size="sm">{t('noVariables')}</Text>
      ) : (
        <Table aria-label={t('variables')} layout="fixed" verticalSpacing={4}>
          <Table.Tbody>
            {variables.map(({ flow, name, value, masked }) => (
              <Table.Tr key={`${flow} ${name}`}>
                <Table.Th scope="row" fw={600} style={{ overflowWrap: 'anywhere' }}>
                  {name}
                  {flows.size > 1 && (
                    <Text size="xs" fw={400}>
                      {t('inFlow', { flow })}
                    </Text>
                  )}
                </Table.Th>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  {masked ? (
                    <Badge variant="default" tt="none">
                      {t('masked')}
                    </Badge>
                  ) : (
                    <Text span size="sm" ff="monospace">
                      {typeof value === 'string' ? value : JSON.stringify(value)}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  );
}

function Parties({ call, parties }: { readonly call: CallRow; readonly parties: State['parties'] }) {
  const { t } = useTranslation('live');
  const may = useMay();
  const hangUp = useTell(routes.hangUpCall);
  return (
    <section>
      <Title order={3} size="h5">
        {t('parties')}
      </Title>
      <Stack gap={6} mt={4}>
        {parties.map(({ number, role, coordinates, left, leg }) => (
          <Group key={number} justify="space-between" wrap="nowrap">
            <Text size="sm">
              {partyText(coordinates)} · {t(`roles.${role}`)}
              {left ? ` · ${t('left')}` : leg ? ` · ${t(`legs.${leg.state}`)}` : ''}
              {!left && leg?.holds ? ` · ${t('holds')}` : ''}
            </Text>
            {may('calls') && leg && !left && (
              <ActionIcon
                variant="default"
                aria-label={t('hangUpLeg', { name: partyText(coordinates) })}
                onClick={() => hangUp.mutate({ params: { id: call.id }, body: { leg: leg.id } })}
              >
                <IconPhoneOff size={16} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        ))}
      </Stack>
    </section>
  );
}
