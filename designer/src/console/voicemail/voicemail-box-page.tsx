/** One voicemail box: its messages with a player, its greetings, recordings it lists, its settings. */
import { routes } from '@callwright/api-contract';
import { Badge, Button, Card, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsk, useAskList } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { RecordingTable } from '../recordings/recording-table.tsx';
import { EntityPage, type EntityTab } from '../resources/entity-page.tsx';
import type { FieldHint } from '../resources/resource.ts';
import { ResourceForm } from '../resources/resource-form.tsx';
import { Messages } from './messages.tsx';

export function VoicemailBoxPage() {
  const { t } = useTranslation('admin');
  const may = useMay();
  const tabs: EntityTab[] = [];
  if (may('directory')) {
    tabs.push({ key: 'messages', label: t('box.messages'), panel: ({ id }) => <Messages boxId={id} /> });
    tabs.push({ key: 'greetings', label: t('box.greetings'), panel: ({ id }) => <Greetings id={id} /> });
  }
  if (may('calls'))
    tabs.push({ key: 'recordings', label: t('box.recordings'), panel: ({ id }) => <BoxRecordings id={id} /> });
  return (
    <EntityPage
      of="voicemail-boxes"
      get={routes.getVoicemailBox}
      tabs={tabs}
      actions={({ id }) => <Counts id={id} />}
    />
  );
}

/** What a box holds, also for those who may not hear it. */
function Counts({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const { data } = useAsk(routes.countBox, { params: { id } });
  return data ? <Badge variant="default">{t('box.counts', { ...data })}</Badge> : null;
}

const PROMPT: FieldHint = { field: 'entity', resource: 'prompts' };
const GREETINGS: Readonly<Record<string, FieldHint>> = Object.fromEntries(
  ['default', 'busy', 'no-answer', 'dnd', 'away', 'closed', 'name'].map((state) => [state, PROMPT]),
);

function Greetings({ id }: { readonly id: string }) {
  const { t } = useTranslation(['admin', 'resources']);
  const query = useAsk(routes.getGreetings, { params: { id } });
  return (
    <Awaited query={query}>
      <Text size="sm" mb="xs" maw={640}>
        {t('box.greetingsAbout')}
      </Text>
      <Card withBorder maw={640}>
        {query.data && (
          <ResourceForm
            key={JSON.stringify(query.data)}
            route={routes.putGreetings}
            params={{ id }}
            initial={query.data}
            hints={GREETINGS}
            submitLabel={t('resources:save')}
            done={t('resources:saved')}
            onDone={() => {}}
          />
        )}
      </Card>
    </Awaited>
  );
}

function BoxRecordings({ id }: { readonly id: string }) {
  const { t } = useTranslation(['admin', 'console']);
  const query = useAskList(routes.listBoxRecordings, { params: { id } });
  return (
    <Awaited query={query}>
      {query.items.length === 0 ? <Text>{t('box.noRecordings')}</Text> : <RecordingTable recordings={query.items} />}
      {query.hasNextPage && (
        <Button mt="sm" variant="default" onClick={() => void query.fetchNextPage()}>
          {t('console:more')}
        </Button>
      )}
    </Awaited>
  );
}
