import { routes } from '@callwright/api-contract';
import { Button, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { ApiFailure } from '../../api/client.ts';
import { useAsk } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';

interface TranscriptButtonProps {
  readonly id: string;
  /** Of the recording, for those who do not see its row. */
  readonly name: string;
}

/** What was said in a recording, where the company has that written down. */
export function TranscriptButton({ id, name }: TranscriptButtonProps) {
  const { t } = useTranslation(['admin', 'resources']);
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button size="compact-xs" variant="default" aria-label={t('recordings.readNamed', { name })} onClick={open}>
        {t('recordings.read')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={t('recordings.readNamed', { name })}
        closeButtonProps={{ 'aria-label': t('resources:close') }}
      >
        {isOpen && <Transcript id={id} />}
      </Modal>
    </>
  );
}

function Transcript({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const query = useAsk(routes.getRecordingTranscript, { params: { id } });
  if (query.error instanceof ApiFailure && query.error.code === 'API_NOT_FOUND')
    return <Text>{t('recordings.noTranscript')}</Text>;
  const { state, text } = query.data ?? { state: 'waiting', text: null };
  return <Awaited query={query}>{text === null ? t(`box.transcript.${state}`) : text}</Awaited>;
}
