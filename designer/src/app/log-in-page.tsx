import {
  Alert,
  Anchor,
  Button,
  Card,
  Center,
  Group,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useBrand } from './brand.ts';
import { BrandMark } from './brand-mark.tsx';
import { failureText } from './failure.ts';
import type { Language } from './i18n.ts';
import { LanguageMenu } from './language-menu.tsx';
import { SchemeSwitch } from './scheme-switch.tsx';
import { useLogIn } from './session.ts';

/** Shown in place of any page while nobody is logged in; the address stays, so that log-in leads on to it. */
export function LogInPage() {
  const { t, i18n } = useTranslation();
  const brand = useBrand();
  const language = i18n.language as Language;
  const footer = brand.text('footer', language);
  return (
    <Center component="main" mih="100dvh" p="md">
      <title>{`${t('logIn')} · ${brand.name}`}</title>
      <Stack w="100%" maw={400}>
        <Group justify="space-between">
          <BrandMark brand={brand} />
          <Group gap={4}>
            <LanguageMenu />
            <SchemeSwitch />
          </Group>
        </Group>
        <Card withBorder p="lg">
          <Title order={1} mb="xs">
            {brand.text('logInTitle', language) ?? t('logIn')}
          </Title>
          <Text mb="md">{brand.text('logInText', language) ?? t('logInText')}</Text>
          <LogInForm />
        </Card>
        {brand.links.length > 0 && (
          <Group component="nav" aria-label={t('links')} justify="center">
            {brand.links.map(({ label, url }) => (
              <Anchor key={url} href={url} size="sm" rel="noopener noreferrer">
                {label}
              </Anchor>
            ))}
          </Group>
        )}
        {footer && (
          <Text size="sm" ta="center">
            {footer}
          </Text>
        )}
      </Stack>
    </Center>
  );
}

function LogInForm() {
  const { t } = useTranslation();
  const logIn = useLogIn();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate({ email, password });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {logIn.isError && (
          <Alert color="red" role="alert" variant="outline">
            {failureText(logIn.error)}
          </Alert>
        )}
        <TextInput
          label={t('email')}
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('password')}
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
        />
        <Button type="submit" loading={logIn.isPending}>
          {t('logIn')}
        </Button>
      </Stack>
    </form>
  );
}
