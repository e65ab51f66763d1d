import { ActionIcon, Anchor, Badge, Button, Group, Text, Tooltip } from '@mantine/core';
import {
  IconActivity,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowLeft,
  IconHierarchy2,
  IconKeyboard,
  IconLayoutSidebarRightCollapse,
  IconLayoutSidebarRightExpand,
  IconNote,
  IconPlus,
  IconRocket,
  IconSearch,
  type TablerIcon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Commands } from './commands.ts';
import classes from './editor.module.css';
import { type SaveStatus, useDraft, useEditor, useEditorStore } from './editor-store.ts';
import { type Command, KEY_MAP, shown } from './keys.ts';

const STATUS_COLOURS: Readonly<Record<SaveStatus, string>> = {
  saved: 'teal.9',
  unsaved: 'gray.8',
  saving: 'gray.8',
  offline: 'yellow.9',
  conflict: 'yellow.9',
  refused: 'red.8',
};

const keysOf = (command: Command): string =>
  shown(KEY_MAP.find((one) => one.command === command)?.keys[0] ?? '').join(' ');

interface ToolProps {
  readonly command: Command;
  readonly icon: TablerIcon;
  readonly commands: Commands;
  readonly disabled?: boolean;
}

function Tool({ command, icon: Icon, commands, disabled = false }: ToolProps) {
  const { t } = useTranslation('editor');
  const name = t(`keys.${command}`);
  return (
    <Tooltip label={`${name} (${keysOf(command)})`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={name}
        aria-keyshortcuts={KEY_MAP.find((one) => one.command === command)?.keys[0]}
        disabled={disabled}
        onClick={commands[command]}
      >
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

/** Name of the flow, how saving goes, and the commands one reaches for. */
export function Header({ commands }: { readonly commands: Commands }) {
  const { t } = useTranslation('editor');
  const { title, name } = useDraft().document;
  const status = useEditor((state) => state.saveStatus);
  const canUndo = useEditor((state) => state.history.past.length > 0);
  const canRedo = useEditor((state) => state.history.future.length > 0);
  const readOnly = useEditor((state) => state.readOnly);
  return (
    <header className={classes.header}>
      <Group gap="xs" wrap="nowrap" className={classes.name}>
        <Anchor component={Link} to="/flows" aria-label={t('backToFlows')} className={classes.back}>
          <IconArrowLeft size={20} />
        </Anchor>
        <Text component="h1" fw={600} truncate>
          {title || name}
        </Text>
        <Badge variant="dot" color={STATUS_COLOURS[status]} role="status" tt="none" fw={500} style={{ flex: 'none' }}>
          {readOnly ? t('readOnly') : t(`saveStatus.${status}`)}
        </Badge>
      </Group>
      <Group gap={2} wrap="nowrap" role="toolbar" aria-label={t('tools')}>
        <Tool command="palette" icon={IconPlus} commands={commands} disabled={readOnly} />
        <Tool command="undo" icon={IconArrowBackUp} commands={commands} disabled={!canUndo} />
        <Tool command="redo" icon={IconArrowForwardUp} commands={commands} disabled={!canRedo} />
        <Tool command="tidy" icon={IconHierarchy2} commands={commands} disabled={readOnly} />
        <Tool command="note" icon={IconNote} commands={commands} disabled={readOnly} />
        <Tool command="search" icon={IconSearch} commands={commands} />
        <Tool command="help" icon={IconKeyboard} commands={commands} />
        <LiveLink />
        <Button ml="xs" size="sm" leftSection={<IconRocket size={16} />} disabled={readOnly} onClick={commands.publish}>
          {t('keys.publish')}
        </Button>
        <PanelToggle />
      </Group>
    </header>
  );
}

/** To the calls of the published flow. */
function LiveLink() {
  const { t } = useTranslation('editor');
  const flowId = useEditor((state) => state.flowId);
  const name = t('liveView');
  return (
    <Tooltip label={name}>
      <ActionIcon
        component={Link}
        to={`/flows/${flowId}/live`}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={name}
      >
        <IconActivity size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

function PanelToggle() {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const open = useEditor((state) => state.panelOpen);
  const Icon = open ? IconLayoutSidebarRightCollapse : IconLayoutSidebarRightExpand;
  const name = t(open ? 'closePanel' : 'openPanel');
  return (
    <Tooltip label={name}>
      <ActionIcon
        ml={4}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={name}
        aria-expanded={open}
        onClick={() => store.getState().set({ panelOpen: !open })}
      >
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
