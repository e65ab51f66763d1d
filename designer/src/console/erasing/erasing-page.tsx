/** Erasing a person from the company: first what it would change, then for good. */
import { type Erasure, routes } from '@callwright/api-contract';
import { Alert, Button, Card, Group, SegmentedControl, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk, useTell } from '../../app/ask.ts';
import { Page } from '../../app/page.tsx';
import { askFirst } from '../ask-first.ts';
import { useChoices } from '../resources/choices.ts';
import { TableHead } from '../table-head.tsx';

type Report = z.infer<typeof Erasure>;
const KINDS = ['user', 'contact', 'number'] as const;
type Kind = (typeof KINDS)[number];
type Subject = z.input<typeof routes.erase.body>['subject'];

export function ErasingPage() {
  const { t } = useTranslation('admin');
  const [kind, setKind] = useState<Kind>('user');
  const [value, setValue] = useState('');
  const [report, setReport] = useState<{ readonly of: Subject; readonly found: Report } | null>(null);
  const erase = useTell(routes.erase, { refresh: ['users', 'contacts', 'calls', 'history', 'recordings', 'audit'] });
  const subject: Subject = kind === 'number' ? { type: kind, number: value.trim() } : { type: kind, id: value };
  const run = (of: Subject, dryRun: boolean) =>
    erase.mutate({ body: { subject: of, dryRun } }, { onSuccess: (found) => setReport({ of, found }) });
  const look = (event: FormEvent) => {
    event.preventDefault();
    run(subject, true);
  };
  const forGood = (of: Subject) =>
    askFirst({ title: t('erasing.sure'), about: t('erasing.sureAbout'), action: t('erasing.erase') }, () =>
      run(of, false),
    );
  return (
    <Page title={t('erasing.title')} about={t('erasing.about')}>
      <Card withBorder maw={640} component="form" onSubmit={look}>
        <Stack>
          <SegmentedControl
            aria-label={t('erasing.kind')}
            value={kind}
            onChange={(next) => {
              setKind(next as Kind);
              setValue('');
              setReport(null);
            }}
            data={KINDS.map((one) => ({ value: one, label: t(`erasing.kinds.${one}`) }))}
          />
          <WhoInput key={kind} kind={kind} value={value} onChange={setValue} />
          <Group justify="flex-end">
            <Button type="submit" variant="default" disabled={value.trim() === ''} loading={erase.isPending}>
              {t('erasing.look')}
            </Button>
          </Group>
        </Stack>
      </Card>
      {report && (
        <Stack maw={640}>
          <Progress first={report.found} />
          {report.found.dryRun && (
            <Group justify="flex-end">
              <Button color="red" loading={erase.isPending} onClick={() => forGood(report.of)}>
                {t('erasing.erase')}
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </Page>
  );
}

interface WhoInputProps {
  readonly kind: Kind;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function WhoInput({ kind, value, onChange }: WhoInputProps) {
  const { t } = useTranslation(['admin', 'resources']);
  const choices = useChoices(kind === 'number' ? null : `${kind}s`);
  if (kind === 'number')
    return (
      <TextInput
        label={t('erasing.who')}
        placeholder="+33123456789"
        required
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return (
    <Select
      label={t('erasing.who')}
      required
      searchable
      nothingFoundMessage={t('resources:nothingFound')}
      data={[...choices]}
      value={value || null}
      onChange={(id) => onChange(id ?? '')}
    />
  );
}

/** A large erasure goes on after the answer. */
const REFRESH_MS = 1000;

function Progress({ first }: { readonly first: Report }) {
  const query = useAsk(
    routes.getErasure,
    { params: { id: first.id } },
    { enabled: first.state === 'running', refetchInterval: REFRESH_MS },
  );
  return <ReportTable report={query.data ?? first} />;
}

function ReportTable({ report }: { readonly report: Report }) {
  const { t } = useTranslation('admin');
  const rows = report.tables.filter(({ deleted, changed, kept }) => deleted + changed + kept > 0);
  return (
    <>
      <Alert variant="outline" color={report.dryRun ? 'gray' : 'teal'} role="status">
        {t(`erasing.${report.dryRun ? 'would' : report.state}`, { recordings: report.recordings })}
        {report.liveCalls > 0 && ` ${t('erasing.liveCalls', { count: report.liveCalls })}`}
      </Alert>
      {rows.length === 0 ? (
        <Text>{t('erasing.nothing')}</Text>
      ) : (
        <Table aria-label={t('erasing.report')}>
          <TableHead columns={['table', 'deleted', 'changed', 'kept'].map((key) => t(`erasing.${key}`))} />
          <Table.Tbody>
            {rows.map(({ table, deleted, changed, kept }) => (
              <Table.Tr key={table}>
                <Table.Td ff="monospace">{table}</Table.Td>
                <Table.Td>{deleted}</Table.Td>
                <Table.Td>{changed}</Table.Td>
                <Table.Td>{kept}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </>
  );
}
