/** All entities of a resource as CSV: saved, and read back after a look at what that would change. */
import type { ImportReport, Problem, RouteContract } from '@callwright/api-contract';
import { Button, FileButton, List, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { ApiFailure, urlOf } from '../../api/client.ts';
import { useCompanyId } from '../../app/company.tsx';
import { tellDone, tellFailure } from '../../app/failure.ts';
import type { Resource } from './resource.ts';

type Report = z.infer<typeof ImportReport>;

interface CsvButtonsProps {
  readonly csv: NonNullable<Resource['csv']>;
  readonly mayImport: boolean;
}

export function CsvButtons({ csv, mayImport }: CsvButtonsProps) {
  const { t } = useTranslation('resources');
  // another company is another file
  useCompanyId();
  return (
    <>
      <Button
        component="a"
        href={urlOf(csv.out)}
        download
        variant="default"
        leftSection={<IconDownload size={18} aria-hidden />}
      >
        {t('csv.export')}
      </Button>
      {mayImport && <ImportButton route={csv.in} />}
    </>
  );
}

/** Sends a file; with `dryRun` nothing is kept. Throws `ApiFailure`. */
async function send(route: RouteContract, file: File, dryRun: boolean): Promise<Report> {
  const answer = await fetch(urlOf(route, {}, { dryRun: String(dryRun) }), {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: file,
  }).catch((cause: unknown) => {
    throw new ApiFailure('offline', null, { cause });
  });
  const body = (await answer.json().catch(() => null)) as Report | Problem | null;
  if (answer.ok && body) return body as Report;
  const problem = body as Problem | null;
  throw new ApiFailure(problem?.code ?? 'offline', problem);
}

function ImportButton({ route }: { readonly route: RouteContract }) {
  const { t } = useTranslation('resources');
  const client = useQueryClient();
  const keep = useMutation({
    mutationFn: (file: File) => send(route, file, false),
    onSuccess: () => {
      tellDone(t('csv.done'));
      void client.invalidateQueries();
    },
    onError: tellFailure,
  });
  const check = useMutation({
    mutationFn: (file: File) => send(route, file, true),
    onError: tellFailure,
    onSuccess: (report, file) =>
      modals.openConfirmModal({
        title: t('csv.check', { name: file.name }),
        children: <ReportText report={report} />,
        labels: { confirm: t('csv.import'), cancel: t('cancel') },
        confirmProps: { disabled: report.errors.length > 0 },
        closeButtonProps: { 'aria-label': t('close') },
        onConfirm: () => keep.mutate(file),
      }),
  });
  return (
    <FileButton accept="text/csv,.csv" onChange={(file) => file && check.mutate(file)}>
      {(props) => (
        <Button
          {...props}
          variant="default"
          loading={check.isPending || keep.isPending}
          leftSection={<IconUpload size={18} aria-hidden />}
        >
          {t('csv.import')}
        </Button>
      )}
    </FileButton>
  );
}

/** Wrong lines shown at once; more are seen after these are mended. */
const SHOWN = 20;

function ReportText({ report }: { readonly report: Report }) {
  const { t } = useTranslation('resources');
  if (report.errors.length === 0) return <Text>{t('csv.fine', { ...report })}</Text>;
  return (
    <Stack gap="xs">
      <Text>{t('csv.wrong')}</Text>
      <List size="sm">
        {report.errors.slice(0, SHOWN).map(({ line, column, message }) => (
          <List.Item key={`${line} ${column}`}>{t('csv.line', { line, column: column ?? '', message })}</List.Item>
        ))}
      </List>
    </Stack>
  );
}
