import {
  ActionIcon,
  Alert,
  AppShell,
  Burger,
  Group,
  Menu,
  NavLink,
  ScrollArea,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure, useMediaQuery, useNetwork } from '@mantine/hooks';
import { IconLogout, IconUser, IconWifiOff } from '@tabler/icons-react';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, NavLink as RouterLink, useLocation } from 'react-router';
import { useBrand } from './brand.ts';
import { BrandMark } from './brand-mark.tsx';
import { CompanyPicker } from './company.tsx';
import { LanguageMenu } from './language-menu.tsx';
import { NAVIGATION, type NavSection } from './navigation.ts';
import { SchemeSwitch } from './scheme-switch.tsx';
import { useLogOut, useMay, useSession } from './session.ts';

/** Below the library's breakpoint `sm`, where the navigation folds. */
const NARROW = '(max-width: 47.99em)';

/** Header, navigation by role, and the page. */
export function Shell() {
  const { t } = useTranslation();
  const brand = useBrand();
  const [isOpen, { toggle, close }] = useDisclosure(false);
  // folded away, it is no stop of the keyboard
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 240, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <AppShell.Header component="header">
        <a href="#content" className="skip-link">
          {t('skip')}
        </a>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap" miw={0}>
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('menu')} />
            <Link to="/" className="plain-link" onClick={close}>
              <BrandMark brand={brand} />
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            <CompanyPicker />
            <LanguageMenu />
            <SchemeSwitch />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar component="nav" aria-label={t('navigation')} inert={isNarrow && !isOpen}>
        <ScrollArea p="xs" type="auto" scrollbarSize={6}>
          {NAVIGATION.map((section) => (
            <Section key={section.key} section={section} onFollow={close} />
          ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <OfflineNotice />
        <Suspense fallback={<VisuallyHidden>{t('loading')}</VisuallyHidden>}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

function Section({ section, onFollow }: { readonly section: NavSection; readonly onFollow: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const { pathname } = useLocation();
  const { userId } = useSession();
  const items = section.items.filter(
    ({ scope, ofUser }) => (scope === null || may(scope)) && (!ofUser || userId !== null),
  );
  if (items.length === 0) return null;
  return (
    <>
      <Text size="xs" fw={600} mt="sm" mb={4} px="xs" tt="uppercase">
        {t(`sections.${section.key}`)}
      </Text>
      {items.map(({ path, icon: Icon, key }) => (
        <NavLink
          key={path}
          component={RouterLink}
          to={path}
          end={path === '/'}
          active={path === '/' ? pathname === '/' : pathname.startsWith(path)}
          label={t(`pages.${key}`)}
          leftSection={<Icon size={18} aria-hidden />}
          onClick={onFollow}
          py={6}
          variant="light"
          color="gray"
          autoContrast
          fw={pathname.startsWith(path) && path !== '/' ? 600 : 400}
        />
      ))}
    </>
  );
}

function AccountMenu() {
  const { t } = useTranslation();
  const session = useSession();
  const logOut = useLogOut();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('account')}>
          <IconUser size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session.name || session.email || ''}
          <br />
          {t(`roles.${session.role}`)}
        </Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} aria-hidden />}>
          {t('pages.my-account')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => logOut.mutate()}>
          {t('logOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** What is shown may be old while the machine has no network. */
function OfflineNotice() {
  const { t } = useTranslation();
  const { online } = useNetwork();
  if (online) return null;
  return (
    <Alert
      color="orange"
      variant="outline"
      role="status"
      mb="md"
      icon={<IconWifiOff aria-hidden />}
      title={t('offline')}
    >
      {t('offlineAbout')}
    </Alert>
  );
}
