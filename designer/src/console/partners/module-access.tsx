/** What a partner's program is set up with: the addresses of the contract, and the module's token. */
import { routes } from '@callwright/api-contract';
import { Anchor, Button, Code, CopyButton, Group, List, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useTell } from '../../app/ask.ts';
import { tellFailure } from '../../app/failure.ts';
import { useMay } from '../../app/session.ts';
import { askFirst } from '../ask-first.ts';

interface ModuleAccessProps {
  readonly id: string;
  readonly paths: readonly string[];
  /** Pages by which a token can be tried. */
  readonly programs: readonly { readonly title: string; readonly path: string }[];
}

export function ModuleAccess({ id, paths, programs }: ModuleAccessProps) {
  const { t } = useTranslation('admin');
  const may = useMay();
  return (
    <Stack align="flex-start" maw={640}>
      <Text size="sm">{t('partnerModule.accessAbout')}</Text>
      <Text fw={600}>{t('partnerModule.addresses')}</Text>
      {paths.map((path) => (
        <Copied key={path} text={`${window.location.origin}${path}`} />
      ))}
      {may('secrets') && <Token id={id} />}
      {programs.length > 0 && (
        <>
          <Text fw={600}>{t('partnerModule.programs')}</Text>
          <List>
            {programs.map(({ title, path }) => (
              <List.Item key={path}>
                <Anchor href={path} target="_blank" rel="noopener">
                  {title}
                </Anchor>
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  );
}

/** Shown when it is asked for, which is audited. */
function Token({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const [token, setToken] = useState<string | null>(null);
  const show = () =>
    call(routes.getPartnerToken, { params: { id } }).then((shown) => setToken(shown.token), tellFailure);
  const replace = useTell(routes.replacePartnerToken, {
    done: t('partnerModule.replaced'),
    onSuccess: (shown) => setToken(shown.token),
  });
  return (
    <>
      <Text fw={600}>{t('partnerModule.token')}</Text>
      {token && <Copied text={token} />}
      <Group>
        {!token && (
          <Button variant="default" onClick={() => void show()}>
            {t('partnerModule.show')}
          </Button>
        )}
        <Button
          variant="default"
          loading={replace.isPending}
          onClick={() =>
            askFirst(
              {
                title: t('partnerModule.replaceTitle'),
                about: t('partnerModule.replaceAbout'),
                action: t('partnerModule.replace'),
              },
              () => replace.mutate({ params: { id } }),
            )
          }
        >
          {t('partnerModule.replace')}
        </Button>
      </Group>
    </>
  );
}

function Copied({ text }: { readonly text: string }) {
  const { t } = useTranslation('resources');
  return (
    <Group gap="xs">
      <Code>{text}</Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button size="compact-xs" variant="default" onClick={copy} aria-label={`${t('copy')}: ${text}`}>
            {t(copied ? 'copied' : 'copy')}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
