/** Icons of node kinds by the names their definitions use. */
import {
  IconArrowBackUp,
  IconCalendarTime,
  IconClock,
  IconDialpad,
  IconEqual,
  IconFileText,
  IconGitBranch,
  IconList,
  IconMessage,
  IconPercentage,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPhonePlus,
  IconPlayerPlay,
  IconPuzzle,
  IconRepeat,
  IconStack2,
  IconUsers,
  IconVolume,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react';

const ICONS: Readonly<Record<string, TablerIcon>> = {
  calendar: IconCalendarTime,
  clock: IconClock,
  'corner-up-left': IconArrowBackUp,
  equal: IconEqual,
  'file-text': IconFileText,
  'git-branch': IconGitBranch,
  globe: IconWorld,
  keypad: IconDialpad,
  layers: IconStack2,
  list: IconList,
  message: IconMessage,
  percent: IconPercentage,
  'phone-forwarded': IconPhonePlus,
  'phone-off': IconPhoneOff,
  'phone-outgoing': IconPhoneOutgoing,
  'play-circle': IconPlayerPlay,
  repeat: IconRepeat,
  users: IconUsers,
  volume: IconVolume,
};

export const iconOf = (name: string): TablerIcon => ICONS[name] ?? IconPuzzle;

/** Colour of a category, a name of the component library's palette. */
export const CATEGORY_COLOURS: Readonly<Record<string, string>> = {
  start: 'teal',
  speak: 'blue',
  listen: 'violet',
  decide: 'orange',
  connect: 'green',
  data: 'cyan',
  end: 'red',
};
