import { Button, Code, CopyButton, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

/** Shows what is shown this once. */
export function showSecret(title: string, ...lines: readonly string[]): void {
  modals.open({
    title,
    children: <Secret lines={lines} />,
    closeOnClickOutside: false,
    closeButtonProps: { 'aria-label': i18next.t('resources:close') },
  });
}

function Secret({ lines }: { readonly lines: readonly string[] }) {
  const { t } = useTranslation('resources');
  return (
    <Stack>
      <Text>{t('secretAbout')}</Text>
      {lines.map((line) => (
        <Code key={line} block>
          {line}
        </Code>
      ))}
      <CopyButton value={lines.join('\n')}>
        {({ copied, copy }) => <Button onClick={copy}>{t(copied ? 'copied' : 'copy')}</Button>}
      </CopyButton>
    </Stack>
  );
}
