import { routes } from '@callwright/api-contract';
import { Button, Group, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useDraft } from '../editor-store.ts';

/** An object URL that is given back when it is no longer shown. */
export function useObjectUrl(blob: Blob | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) {
      setUrl(null);
      return;
    }
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}

/** Lets the author hear a text as callers will; expressions in it are spoken as they stand. */
export function SpeechPreview({ text }: { readonly text: unknown }) {
  const { t } = useTranslation('editor');
  const { language } = useDraft().document;
  const texts = typeof text === 'string' ? { [language]: text } : ((text ?? {}) as Record<string, string>);
  const speak = useMutation({
    mutationFn: (of: { text: string; language: string }) => call(routes.previewSpeech, { query: of }),
  });
  const url = useObjectUrl(speak.data);
  const spoken = Object.entries(texts).filter(([, words]) => words.trim() !== '');
  if (spoken.length === 0) return null;
  return (
    <Group gap="xs">
      {spoken.map(([tag, words]) => (
        <Button
          key={tag}
          size="compact-xs"
          variant="light"
          leftSection={<IconPlayerPlay size={12} />}
          loading={speak.isPending && speak.variables?.language === tag}
          onClick={() => speak.mutate({ text: words, language: tag })}
        >
          {t('listen')} ({tag})
        </Button>
      ))}
      {speak.isError ? (
        <Text size="xs" c="var(--mantine-color-error)">
          {t('notSpoken')}
        </Text>
      ) : null}
      {/* biome-ignore lint/a11y/useMediaCaption: the text stands above */}
      {url ? <audio src={url} autoPlay controls style={{ height: 28, width: '100%' }} /> : null}
    </Group>
  );
}
