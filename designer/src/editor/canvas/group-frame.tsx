import { ActionIcon, Badge, Group, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconX } from '@tabler/icons-react';
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditor, useEditorStore } from '../editor-store.ts';
import { changeGroup, ungroup } from '../model/edit.ts';
import classes from './canvas.module.css';

export type FrameNode = Node<
  { readonly group: string; readonly title: string; readonly nodes: readonly string[]; readonly collapsed: boolean },
  'frame'
>;

/** A group: a frame around its nodes or, collapsed, one card with the number of nodes and errors inside. */
export const GroupFrame = memo(function GroupFrame({ data, selected }: NodeProps<FrameNode>) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const [naming, setNaming] = useState(false);
  const errors = useEditor((state) => data.nodes.reduce((sum, id) => sum + (state.counts[id]?.errors ?? 0), 0));
  const { group, title, collapsed } = data;
  const edit = store.getState().edit;
  const Chevron = collapsed ? IconChevronRight : IconChevronDown;
  return (
    <div className={`${collapsed ? classes.card : classes.frame} ${selected ? classes.selected : ''}`}>
      {collapsed ? <Handle type="target" position={Position.Left} /> : null}
      <div className={classes.frameHead}>
        <ActionIcon
          size="sm"
          variant="subtle"
          aria-label={t(collapsed ? 'expand' : 'collapse')}
          onClick={() => edit((draft) => changeGroup(draft, group, { collapsed: !collapsed }))}
        >
          <Chevron size={16} />
        </ActionIcon>
        {naming ? (
          <TextInput
            size="xs"
            aria-label={t('groupName')}
            autoFocus
            defaultValue={title}
            maxLength={120}
            onBlur={(event) => {
              setNaming(false);
              const name = event.target.value;
              if (name !== title) edit((draft) => changeGroup(draft, group, { title: name }));
            }}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          />
        ) : (
          // biome-ignore lint/a11y/noStaticElementInteractions: the name is changed by keyboard in the panel too
          <span onDoubleClick={() => setNaming(true)}>{title}</span>
        )}
        {collapsed ? null : (
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={t('ungroup')}
            onClick={() => edit((draft) => ungroup(draft, group))}
          >
            <IconX size={14} />
          </ActionIcon>
        )}
      </div>
      {collapsed ? (
        <Group gap={6} px={12} pb={8}>
          <Badge variant="light" color="gray">
            {t('nodeCount', { count: data.nodes.length })}
          </Badge>
          {errors > 0 ? <Badge color="red.8">{t('problemCount', { count: errors })}</Badge> : null}
        </Group>
      ) : null}
      {collapsed ? <Handle type="source" position={Position.Right} /> : null}
    </div>
  );
});
