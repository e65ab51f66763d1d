/** Prompts: spoken texts and uploaded sound, heard before a caller does. */
import { type Prompt, routes } from '@callwright/api-contract';
import {
  ActionIcon,
  Button,
  Drawer,
  FileInput,
  Group,
  Select,
  Stack,
  Table,
  Tabs,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { urlOf } from '../../api/client.ts';
import { useAskList, useTell } from '../../app/ask.ts';
import { LANGUAGES } from '../../app/i18n.ts';
import { Awaited, Page } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { UsesButton } from '../../app/uses.tsx';
import { durationText } from '../calls/party.ts';
import { TableHead } from '../table-head.tsx';

type PromptRow = z.infer<typeof Prompt>;

export function PromptsPage() {
  const { t } = useTranslation(['console', 'resources']);
  const may = useMay();
  const [open, setOpen] = useState<PromptRow | 'new' | null>(null);
  const query = useAskList(routes.listPrompts);
  return (
    <Page
      title={t('prompts.title')}
      about={t('prompts.about')}
      actions={
        may('flows') && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setOpen('new')}>
            {t('resources:new')}
          </Button>
        )
      }
    >
      <Awaited query={query}>
        {query.items.length === 0 ? (
          <Text>{t('prompts.empty')}</Text>
        ) : (
          <PromptTable prompts={query.items} onOpen={may('flows') ? setOpen : null} />
        )}
      </Awaited>
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        position="right"
        size="lg"
        title={open === 'new' ? t('prompts.new') : open?.name}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {open && <PromptForm prompt={open === 'new' ? null : open} onDone={() => setOpen(null)} />}
      </Drawer>
    </Page>
  );
}

interface PromptTableProps {
  readonly prompts: readonly PromptRow[];
  readonly onOpen: ((prompt: PromptRow) => void) | null;
}

function PromptTable({ prompts, onOpen }: PromptTableProps) {
  const { t } = useTranslation(['console', 'resources']);
  return (
    <Table.ScrollContainer minWidth={640} type="native">
      <Table aria-label={t('prompts.title')}>
        <TableHead
          columns={[
            t('prompts.name'),
            t('prompts.text'),
            t('prompts.length'),
            t('prompts.listen'),
            t('uses.title', { ns: 'app' }),
          ]}
          actions={onOpen !== undefined}
        />
        <Table.Tbody>
          {prompts.map((prompt) => (
            <Table.Tr key={prompt.id}>
              <Table.Td ff="monospace">{prompt.name}</Table.Td>
              <Table.Td>{prompt.text ? `${prompt.text} (${prompt.language})` : t('prompts.uploaded')}</Table.Td>
              <Table.Td>{durationText(prompt.durationMs)}</Table.Td>
              <Table.Td>
                <Listen prompt={prompt} />
              </Table.Td>
              <Table.Td>
                <UsesButton type="prompt" entity={prompt.name} name={prompt.name} />
              </Table.Td>
              {onOpen && (
                <Table.Td>
                  <PromptActions prompt={prompt} onOpen={onOpen} />
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** A player; the hash in the address makes a changed prompt another sound for the browser. */
function Listen({ prompt }: { readonly prompt: PromptRow }) {
  const { t } = useTranslation('console');
  return (
    // biome-ignore lint/a11y/useMediaCaption: the text of the prompt stands beside it
    <audio
      controls
      preload="none"
      aria-label={t('prompts.listenTo', { name: prompt.name })}
      src={`${urlOf(routes.getPromptAudio, { name: prompt.name })}#${prompt.hash}`}
    />
  );
}

function PromptActions({ prompt, onOpen }: { readonly prompt: PromptRow; readonly onOpen: (p: PromptRow) => void }) {
  const { t } = useTranslation(['console', 'resources']);
  const { name } = prompt;
  const remove = useTell(routes.deletePrompt, { done: t('resources:removed') });
  const confirm = () =>
    modals.openConfirmModal({
      title: t('resources:removeTitle', { name }),
      children: t('prompts.removeAbout'),
      labels: { confirm: t('resources:remove'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: () => remove.mutate({ params: { name } }),
    });
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <ActionIcon variant="default" aria-label={t('resources:editNamed', { name })} onClick={() => onOpen(prompt)}>
        <IconPencil size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" aria-label={t('resources:removeNamed', { name })} onClick={confirm}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

/** Names that the API takes; told at the field before it refuses. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/;

function PromptForm({ prompt, onDone }: { readonly prompt: PromptRow | null; readonly onDone: () => void }) {
  const { t } = useTranslation('console');
  const [name, setName] = useState(prompt?.name ?? '');
  const isNamed = NAME.test(name);
  return (
    <Stack>
      <TextInput
        label={t('prompts.name')}
        description={t('prompts.nameHelp')}
        required
        readOnly={prompt !== null}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={name !== '' && !isNamed ? t('prompts.nameWrong') : null}
      />
      <Tabs defaultValue={prompt && prompt.text === null ? 'upload' : 'speak'}>
        <Tabs.List>
          <Tabs.Tab value="speak">{t('prompts.speak')}</Tabs.Tab>
          <Tabs.Tab value="upload">{t('prompts.upload')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="speak" pt="md">
          <SpeakForm name={isNamed ? name : null} prompt={prompt} onDone={onDone} />
        </Tabs.Panel>
        <Tabs.Panel value="upload" pt="md">
          <UploadForm name={isNamed ? name : null} onDone={onDone} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

interface PartProps {
  /** Null until it is one. */
  readonly name: string | null;
  readonly onDone: () => void;
}

function SpeakForm({ name, prompt, onDone }: PartProps & { readonly prompt: PromptRow | null }) {
  const { t, i18n } = useTranslation(['console', 'resources']);
  const [text, setText] = useState(prompt?.text ?? '');
  const [language, setLanguage] = useState(prompt?.language ?? i18n.language);
  const put = useTell(routes.putPrompt, { done: t('resources:saved'), onSuccess: onDone });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name) put.mutate({ params: { name }, body: { text, language } });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Textarea
          label={t('prompts.text')}
          required
          autosize
          minRows={3}
          maxLength={4000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          label={t('prompts.language')}
          allowDeselect={false}
          data={[...new Set<string>([...LANGUAGES, language])]}
          value={language}
          onChange={(value) => setLanguage(value ?? language)}
          comboboxProps={{ withinPortal: false }}
        />
        <Button type="submit" disabled={!name || text.trim() === ''} loading={put.isPending}>
          {t('resources:save')}
        </Button>
      </Stack>
    </form>
  );
}

function UploadForm({ name, onDone }: PartProps) {
  const { t } = useTranslation(['console', 'resources']);
  const [file, setFile] = useState<File | null>(null);
  const put = useTell(routes.putPromptAudio, { done: t('resources:saved'), onSuccess: onDone });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name && file) put.mutate({ params: { name }, body: file });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <FileInput
          label={t('prompts.file')}
          description={t('prompts.fileHelp')}
          accept="audio/wav,.wav"
          value={file}
          onChange={setFile}
        />
        <Button type="submit" disabled={!name || !file} loading={put.isPending}>
          {t('resources:save')}
        </Button>
      </Stack>
    </form>
  );
}
