import { routes } from '@callwright/api-contract';
import {
  ActionIcon,
  Button,
  FileButton,
  Group,
  Popover,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconMicrophone, IconPlayerPlay, IconPlayerStop, IconPlus, IconUpload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFailure, call } from '../../api/client.ts';
import { useDraft } from '../editor-store.ts';
import { directoryKey, useDirectory } from './directory.ts';
import { canRecord, type Recording, startRecording, toWav } from './recording.ts';
import { useObjectUrl } from './speech-preview.tsx';

interface PickerProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (name: string) => void;
}

/** Picks a prompt by name, plays it, makes a new one: from a file, a microphone or a text. */
export function PromptPicker({ label, value, onChange }: PickerProps) {
  const { t } = useTranslation('editor');
  const { prompts } = useDirectory();
  const [making, setMaking] = useState(false);
  const play = useMutation({ mutationFn: (name: string) => call(routes.getPromptAudio, { params: { name } }) });
  const url = useObjectUrl(play.data);
  const known = prompts.some(({ name }) => name === value);
  const data = prompts.map(({ name, text }) => ({ value: name, label: text ? `${name}: ${text.slice(0, 60)}` : name }));
  return (
    <Stack gap={6}>
      <Group gap={6} align="end" wrap="nowrap">
        <Select
          flex={1}
          label={label}
          searchable
          data={known || value === '' ? data : [...data, { value, label: `${value} (${t('missing')})` }]}
          value={value === '' ? null : value}
          onChange={(name) => name !== null && onChange(name)}
        />
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t('listen')}
          disabled={!known}
          loading={play.isPending}
          onClick={() => play.mutate(value)}
        >
          <IconPlayerPlay size={16} />
        </ActionIcon>
        <Popover opened={making} onChange={setMaking} width={320} position="left" trapFocus withArrow>
          <Popover.Target>
            <ActionIcon variant="default" size={30} aria-label={t('newPrompt')} onClick={() => setMaking(!making)}>
              <IconPlus size={16} />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <NewPrompt
              suggested={known ? '' : value}
              onMade={(name) => {
                setMaking(false);
                onChange(name);
              }}
            />
          </Popover.Dropdown>
        </Popover>
      </Group>
      {/* biome-ignore lint/a11y/useMediaCaption: a telephone prompt is sound only */}
      {url ? <audio src={url} autoPlay controls style={{ height: 28, width: '100%' }} /> : null}
    </Stack>
  );
}

interface NewPromptProps {
  readonly suggested: string;
  readonly onMade: (name: string) => void;
}

function NewPrompt({ suggested, onMade }: NewPromptProps) {
  const { t } = useTranslation('editor');
  const { language } = useDraft().document;
  const client = useQueryClient();
  const [name, setName] = useState(suggested);
  const [text, setText] = useState('');
  const [recording, setRecording] = useState<Recording | null>(null);
  const make = useMutation({
    mutationFn: async (from: Blob | string) => {
      const params = { name };
      if (typeof from === 'string') await call(routes.putPrompt, { params, body: { text: from, language } });
      else await call(routes.putPromptAudio, { params, body: await toWav(from) });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: directoryKey });
      onMade(name);
    },
  });
  const named = /^[a-z0-9][a-z0-9._-]{0,99}$/.test(name);
  const record = async () => {
    if (!recording) setRecording(await startRecording());
    else {
      setRecording(null);
      make.mutate(await recording.stop());
    }
  };
  return (
    <Stack gap="xs">
      <TextInput
        label={t('promptName')}
        description={t('promptNameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={name !== '' && !named ? t('promptNameWrong') : undefined}
      />
      <Textarea
        label={t('promptText')}
        autosize
        minRows={2}
        maxRows={6}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button
        size="xs"
        disabled={!named || text.trim() === ''}
        loading={make.isPending}
        onClick={() => make.mutate(text)}
      >
        {t('speakText')}
      </Button>
      <Group gap="xs" grow>
        <FileButton accept="audio/*" onChange={(file) => file && make.mutate(file)} disabled={!named}>
          {(props) => (
            <Button {...props} size="xs" variant="default" leftSection={<IconUpload size={14} />} disabled={!named}>
              {t('uploadAudio')}
            </Button>
          )}
        </FileButton>
        {canRecord() ? (
          <Button
            size="xs"
            variant={recording ? 'filled' : 'default'}
            color={recording ? 'red.8' : undefined}
            leftSection={recording ? <IconPlayerStop size={14} /> : <IconMicrophone size={14} />}
            disabled={!named}
            onClick={() => void record()}
          >
            {t(recording ? 'stopRecording' : 'record')}
          </Button>
        ) : null}
      </Group>
      {make.isError ? (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {make.error instanceof ApiFailure ? (make.error.problem?.detail ?? make.error.message) : t('audioUnreadable')}
        </Text>
      ) : null}
    </Stack>
  );
}
