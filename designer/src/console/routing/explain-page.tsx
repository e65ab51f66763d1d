/** What would become of a call, and why: asked of the routing that real calls go through; nothing is placed. */
import { type ExplainedRouteView, routes } from '@callwright/api-contract';
import { CALLING_ROLES } from '@callwright/engine/routing/terms';
import { Alert, Button, Card, Group, List, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk } from '../../app/ask.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { partyText } from '../calls/party.ts';
import { DestinationName, EntityName } from '../resources/cell.tsx';
import { useChoices } from '../resources/choices.ts';
import { useWords } from '../resources/words.ts';

type Explained = z.infer<typeof ExplainedRouteView>;

interface Question {
  readonly dialled: string;
  readonly role: string;
  readonly user: string | null;
  readonly calling: string;
  readonly trunk: string | null;
  /** Local date and time; empty: now. */
  readonly at: string;
}

const NOTHING: Question = { dialled: '', role: 'user', user: null, calling: '', trunk: null, at: '' };

function queryOf({ at, ...question }: Question): Record<string, string> {
  const all = { ...question, at: at ? new Date(at).toISOString() : '' };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

export function ExplainPage() {
  const { t } = useTranslation('admin');
  const [asked, setAsked] = useState<Question | null>(null);
  return (
    <Page title={t('explain.title')} about={t('explain.about')}>
      <QuestionForm onAsk={setAsked} />
      {asked && <Answer question={asked} />}
    </Page>
  );
}

function QuestionForm({ onAsk }: { readonly onAsk: (question: Question) => void }) {
  const { t } = useTranslation(['admin', 'resources']);
  const words = useWords();
  const [question, setQuestion] = useState(NOTHING);
  const users = useChoices('users');
  const trunks = useChoices('usable-trunks');
  const set = (change: Partial<Question>) => setQuestion({ ...question, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAsk({ ...question, dialled: question.dialled.replaceAll(/[\s().-]/g, '') });
  };
  const select = (key: 'user' | 'trunk', data: typeof users) => (
    <Select
      label={t(`explain.${key}`)}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('resources:clear') }}
      nothingFoundMessage={t('resources:nothingFound')}
      data={[...data]}
      value={question[key]}
      onChange={(value) => set({ [key]: value })}
    />
  );
  return (
    <Card withBorder maw={720} component="form" onSubmit={submit}>
      <Stack>
        <Group grow align="flex-start">
          <TextInput
            label={t('explain.dialled')}
            required
            value={question.dialled}
            onChange={(event) => set({ dialled: event.currentTarget.value })}
          />
          <Select
            label={t('explain.role')}
            allowDeselect={false}
            data={CALLING_ROLES.map((value) => ({ value, label: words.value(value) }))}
            value={question.role}
            onChange={(role) => set({ role: role ?? 'user' })}
          />
        </Group>
        <Group grow align="flex-start">
          {question.role === 'user' ? select('user', users) : select('trunk', trunks)}
          <TextInput
            label={t('explain.calling')}
            value={question.calling}
            onChange={(event) => set({ calling: event.currentTarget.value })}
          />
          <TextInput
            type="datetime-local"
            label={t('explain.at')}
            value={question.at}
            onChange={(event) => set({ at: event.currentTarget.value })}
          />
        </Group>
        <Group justify="flex-end">
          <Button type="submit">{t('explain.ask')}</Button>
        </Group>
      </Stack>
    </Card>
  );
}

function Answer({ question }: { readonly question: Question }) {
  const query = useAsk(routes.explainRoute, { query: queryOf(question) as object });
  return <Awaited query={query}>{query.data && <Explanation route={query.data} />}</Awaited>;
}

function Explanation({ route }: { readonly route: Explained }) {
  const { t, i18n } = useTranslation('admin');
  const words = useWords();
  const { number } = route;
  return (
    <Card withBorder maw={720} component="section" aria-label={t('explain.answer')}>
      <Stack gap="xs">
        <Title order={2}>
          {route.destination ? <DestinationName value={route.destination} /> : t('explain.nowhere')}
        </Title>
        {route.refused && (
          <Alert color="red" variant="outline" title={t('explain.refused')}>
            {`${words.value(route.refused.check)}: ${words.value(route.refused.code)} (${words.value(route.refused.by)})`}
          </Alert>
        )}
        <Text>
          {route.rule
            ? t('explain.byRule', { position: route.rule.position, name: route.rule.name || '–' })
            : t(`explain.reasons.${route.reason}`, { defaultValue: words.value(route.reason) })}
        </Text>
        <Text size="sm">{t('explain.shown', { party: partyText(route.called) })}</Text>
        {route.featureAction && (
          <Text size="sm">{t('explain.feature', { action: words.value(route.featureAction) })}</Text>
        )}
        {number.e164 && (
          <Text size="sm">
            {t('explain.number', {
              number: number.e164,
              kind: words.value(number.kind),
              place: [number.label, number.country].filter(Boolean).join(', ') || '–',
              price: (number.microsPerMinute / 1_000_000).toLocaleString(i18n.language),
            })}
          </Text>
        )}
        {route.trunks.length > 0 && (
          <div>
            <Text size="sm">{t('explain.trunks')}</Text>
            <List type="ordered" size="sm">
              {route.trunks.map((id) => (
                <List.Item key={id}>
                  <EntityName resource="usable-trunks" id={id} />
                </List.Item>
              ))}
            </List>
          </div>
        )}
        {route.passed.length > 0 && (
          <div>
            <Text size="sm">{t('explain.passed')}</Text>
            <List size="sm">
              {route.passed.map(({ id, name, missed }) => (
                <List.Item key={id}>{`${name || id.slice(0, 8)}: ${words.field(missed)}`}</List.Item>
              ))}
            </List>
          </div>
        )}
      </Stack>
    </Card>
  );
}
