/** What the navigation offers, by section; each item is shown to those whose scopes allow it. */
import type { Scope } from '@callwright/api-contract';
import {
  type Icon,
  IconActivity,
  IconAddressBook,
  IconArrowsSplit2,
  IconClockPlay,
  IconCoins,
  IconDeviceLandlinePhone,
  IconDialpad,
  IconEraser,
  IconHeartbeat,
  IconHelpHexagon,
  IconHistory,
  IconHome,
  IconLayoutDashboard,
  IconListDetails,
  IconMailbox,
  IconMessage2,
  IconMicrophone,
  IconPhoneCall,
  IconSettings,
  IconSitemap,
  IconUserCheck,
  IconUserCircle,
} from '@tabler/icons-react';
import { RESOURCES } from '../console/resources/registry.ts';
import type { Resource } from '../console/resources/resource.ts';

export interface NavItem {
  /** Names its text `pages.<key>`. */
  readonly key: string;
  readonly path: string;
  readonly icon: Icon;
  /** Null: everybody. */
  readonly scope: Scope | null;
  /** Only for accounts that are a user of the directory. */
  readonly ofUser?: boolean;
}

export interface NavSection {
  readonly key: string;
  readonly items: readonly NavItem[];
}

const item = (resource: Resource): NavItem => ({
  key: resource.key,
  path: `/${resource.key}`,
  icon: resource.icon,
  scope: resource.scope,
});

const inSection = (section: string): NavItem[] =>
  RESOURCES.filter((resource) => resource.section === section).map(item);

const ofUser = { scope: 'self', ofUser: true } as const;

export const NAVIGATION: readonly NavSection[] = [
  {
    key: 'calls',
    items: [
      { key: 'home', path: '/', icon: IconHome, scope: null },
      { key: 'live', path: '/live', icon: IconActivity, scope: 'read' },
      { key: 'wallboard', path: '/wallboard', icon: IconLayoutDashboard, scope: 'read' },
      { key: 'presence', path: '/presence', icon: IconUserCheck, scope: 'read' },
      { key: 'calls', path: '/calls', icon: IconHistory, scope: 'read' },
      { key: 'recordings', path: '/recordings', icon: IconMicrophone, scope: 'calls' },
      { key: 'scheduled-calls', path: '/scheduled-calls', icon: IconClockPlay, scope: 'read' },
    ],
  },
  {
    key: 'mine',
    items: [
      { key: 'me', path: '/me', icon: IconUserCircle, ...ofUser },
      { key: 'my-history', path: '/my-calls', icon: IconPhoneCall, ...ofUser },
      { key: 'my-messages', path: '/my-messages', icon: IconMailbox, ...ofUser },
      { key: 'my-reach', path: '/my-reach', icon: IconArrowsSplit2, ...ofUser },
      { key: 'my-phones', path: '/my-phones', icon: IconDeviceLandlinePhone, ...ofUser },
    ],
  },
  {
    key: 'flows',
    items: [
      { key: 'flows', path: '/flows', icon: IconSitemap, scope: 'read' },
      { key: 'prompts', path: '/prompts', icon: IconMessage2, scope: 'read' },
      ...inSection('flows'),
    ],
  },
  { key: 'directory', items: inSection('directory') },
  {
    key: 'routing',
    items: [
      ...inSection('routing'),
      { key: 'spend-caps', path: '/spend-caps', icon: IconCoins, scope: 'read' },
      { key: 'call-keys', path: '/call-keys', icon: IconDialpad, scope: 'read' },
      { key: 'routing-settings', path: '/routing-settings', icon: IconSettings, scope: 'directory' },
      { key: 'explain', path: '/explain', icon: IconHelpHexagon, scope: 'read' },
    ],
  },
  {
    key: 'system',
    items: [
      ...inSection('system'),
      { key: 'phone-directory', path: '/phone-directory', icon: IconAddressBook, scope: 'directory' },
      { key: 'erasing', path: '/erasing', icon: IconEraser, scope: 'admin' },
      { key: 'audit', path: '/audit', icon: IconListDetails, scope: 'admin' },
      { key: 'health', path: '/health', icon: IconHeartbeat, scope: 'read' },
    ],
  },
];
