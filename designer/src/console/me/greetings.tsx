/** Greetings of the own box: heard, recorded in the browser, uploaded, removed. */
import { type OwnBox, OwnGreeting, routes } from '@callwright/api-contract';
import { ActionIcon, Button, Card, FileButton, Group, Stack, Text, Title } from '@mantine/core';
import { IconMicrophone, IconPlayerStop, IconTrash, IconUpload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { call, urlOf } from '../../api/client.ts';
import { useTell } from '../../app/ask.ts';
import { tellDone, tellFailure } from '../../app/failure.ts';
import { canRecord, type Recording, startRecording, toWav } from '../../editor/form/recording.ts';
import { durationText } from '../calls/party.ts';
import { Sound } from '../sound.tsx';

type Box = z.infer<typeof OwnBox>;
type Kind = z.infer<typeof OwnGreeting>;

export function Greetings({ box }: { readonly box: Box }) {
  const { t } = useTranslation('own');
  return (
    <section aria-labelledby="greetings">
      <Title order={2} id="greetings">
        {t('greetings.title')}
      </Title>
      <Text size="sm" mb="xs">
        {t(box.mayEditGreetings ? 'greetings.about' : 'greetings.fixed')}
      </Text>
      <Card withBorder maw={760}>
        <Stack gap="sm">
          {OwnGreeting.options.map((kind) => (
            <GreetingRow key={kind} kind={kind} box={box} />
          ))}
        </Stack>
      </Card>
    </section>
  );
}

interface RowProps {
  readonly kind: Kind;
  readonly box: Box;
}

function GreetingRow({ kind, box }: RowProps) {
  const { t } = useTranslation(['own', 'resources']);
  const kept = box.greetings.find((one) => one.kind === kind);
  const name = t(`greetings.kinds.${kind}`);
  return (
    <Group justify="space-between" data-greeting={kind}>
      <div>
        <Text fw={500}>{name}</Text>
        <Text size="sm" c="dimmed">
          {kept ? durationText(kept.durationMs) : t('greetings.none')}
        </Text>
      </div>
      <Group gap={6}>
        {kept && (
          // a new sound has the same address: its length tells the player that it is another
          <Sound
            key={kept.durationMs}
            src={urlOf(routes.getMyGreeting, { kind }, { length: kept.durationMs })}
            name={name}
          />
        )}
        {box.mayEditGreetings && <GreetingActions kind={kind} name={name} isKept={kept !== undefined} />}
      </Group>
    </Group>
  );
}

function GreetingActions({
  kind,
  name,
  isKept,
}: {
  readonly kind: Kind;
  readonly name: string;
  readonly isKept: boolean;
}) {
  const { t } = useTranslation(['own', 'resources']);
  const client = useQueryClient();
  const [recording, setRecording] = useState<Recording | null>(null);
  const put = useMutation({
    mutationFn: async (sound: Blob) => call(routes.putMyGreeting, { params: { kind }, body: await toWav(sound) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [routes.getMyBox.tag] });
      tellDone(t('resources:saved'));
    },
    onError: tellFailure,
  });
  const remove = useTell(routes.deleteMyGreeting, { done: t('resources:removed') });
  const record = async () => {
    if (!recording) return setRecording(await startRecording());
    setRecording(null);
    put.mutate(await recording.stop());
  };
  return (
    <>
      {canRecord() && (
        <Button
          size="xs"
          variant={recording ? 'filled' : 'default'}
          color={recording ? 'red.8' : undefined}
          leftSection={recording ? <IconPlayerStop size={14} aria-hidden /> : <IconMicrophone size={14} aria-hidden />}
          aria-label={t(recording ? 'greetings.stopNamed' : 'greetings.recordNamed', { name })}
          loading={put.isPending}
          onClick={() => void record().catch(tellFailure)}
        >
          {t(recording ? 'greetings.stop' : 'greetings.record')}
        </Button>
      )}
      <FileButton accept="audio/*" onChange={(file) => file && put.mutate(file)} inputProps={{ 'aria-label': name }}>
        {(props) => (
          <Button
            {...props}
            size="xs"
            variant="default"
            leftSection={<IconUpload size={14} aria-hidden />}
            aria-label={t('greetings.uploadNamed', { name })}
          >
            {t('greetings.upload')}
          </Button>
        )}
      </FileButton>
      {isKept && (
        <ActionIcon
          variant="default"
          aria-label={t('resources:removeNamed', { name })}
          loading={remove.isPending}
          onClick={() => remove.mutate({ params: { kind } })}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </>
  );
}
