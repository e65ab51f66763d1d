/** The account that is logged in: who it is, and its password. */
import { routes } from '@callwright/api-contract';
import { Alert, Button, Card, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTell } from '../../app/ask.ts';
import { failureText } from '../../app/failure.ts';
import { Page } from '../../app/page.tsx';
import { useSession } from '../../app/session.ts';

const SHORTEST = 12;

export function AccountPage() {
  const { t } = useTranslation(['own', 'app']);
  const { name, email, role } = useSession();
  return (
    <Page title={t('account.title')} about={[name, email, t(`app:roles.${role}`)].filter(Boolean).join(' · ')}>
      <section aria-labelledby="password">
        <Title order={2} id="password">
          {t('account.password')}
        </Title>
        <Text size="sm" mb="xs">
          {t('account.passwordAbout')}
        </Text>
        <PasswordForm />
      </section>
    </Page>
  );
}

function PasswordForm() {
  const { t } = useTranslation(['own', 'app', 'resources']);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const change = useTell(routes.changePassword, {
    done: t('account.changed'),
    quiet: true,
    onSuccess: () => {
      setCurrent('');
      setPassword('');
      setAgain('');
    },
  });
  const differs = again !== '' && again !== password;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ body: { current, password } });
  };
  const toggle = { visibilityToggleButtonProps: { 'aria-label': t('app:showPassword') } };
  return (
    <Card withBorder maw={480}>
      <form onSubmit={submit}>
        <Stack>
          {change.isError && (
            <Alert color="red" variant="outline" role="alert">
              {failureText(change.error)}
            </Alert>
          )}
          <PasswordInput
            {...toggle}
            label={t('account.current')}
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordInput
            {...toggle}
            label={t('account.new')}
            description={t('account.newHelp', { length: SHORTEST })}
            autoComplete="new-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <PasswordInput
            {...toggle}
            label={t('account.again')}
            autoComplete="new-password"
            required
            value={again}
            error={differs ? t('account.differs') : undefined}
            onChange={(event) => setAgain(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button
              type="submit"
              disabled={current === '' || password.length < SHORTEST || again !== password}
              loading={change.isPending}
            >
              {t('account.change')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
