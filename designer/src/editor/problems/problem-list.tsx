import type { Diagnostic, Fix } from '@callwright/engine';
import { Badge, Button, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useWording } from '../canvas/words.ts';
import { NO_PAINT, useDraft, useEditor, useEditorStore } from '../editor-store.ts';
import { nodeOf } from '../model/draft.ts';
import { applyFix, nodeOfDiagnostic } from './fixes.ts';
import { paintGate } from './paint-gate.ts';
import classes from './problems.module.css';

/** Everything wrong with the flow; a click goes there, a fix is one more. */
export function ProblemList() {
  const { t } = useTranslation('editor');
  const found = useEditor((state) => state.diagnostics);
  const untested = useUntested();
  const diagnostics = [...untested, ...found];
  if (diagnostics.length === 0) {
    return (
      <Group gap="xs" p="md">
        <IconCircleCheck color="var(--mantine-color-teal-6)" aria-hidden />
        <Text size="sm">{t('noProblems')}</Text>
      </Group>
    );
  }
  return (
    <Stack gap={0} component="ul" className={classes.list} aria-label={t('tabs.problems')}>
      {diagnostics.map((diagnostic, index) => (
        <Problem key={`${diagnostic.code} ${diagnostic.path.join('.')} ${index}`} diagnostic={diagnostic} />
      ))}
    </Stack>
  );
}

/** What the publish gate refused this very draft for; painted on the canvas while the list is shown. */
function useUntested(): readonly Diagnostic[] {
  const { words } = useWording();
  const store = useEditorStore();
  const gate = useEditor((state) => state.gate);
  const { document } = useDraft();
  const current = gate?.document === document ? gate : null;
  useEffect(() => {
    if (!current) return;
    store.getState().set({ paint: paintGate(current.diagnostics, words) });
    return () => store.getState().set({ paint: NO_PAINT });
  }, [current, store, words]);
  return current?.diagnostics ?? [];
}

function Problem({ diagnostic }: { readonly diagnostic: Diagnostic }) {
  const { t } = useTranslation('editor');
  const { words, node: nameOf } = useWording();
  const store = useEditorStore();
  const draft = useDraft();
  const id = nodeOfDiagnostic(draft, diagnostic);
  const node = id === null ? undefined : nodeOf(draft, id);
  const Icon = diagnostic.severity === 'error' ? IconCircleX : IconAlertTriangle;
  const colour = diagnostic.severity === 'error' ? 'var(--mantine-color-red-7)' : 'var(--mantine-color-yellow-7)';
  return (
    <li className={classes.item}>
      <UnstyledButton
        className={classes.jump}
        onClick={() => (id === null ? store.getState().set({ tab: 'settings' }) : store.getState().show(id))}
      >
        <Icon size={18} color={colour} aria-label={t(diagnostic.severity)} />
        <div>
          {node ? (
            <Badge variant="light" color="gray" size="sm" tt="none">
              {nameOf(node)}
            </Badge>
          ) : null}
          <Text size="sm">{words(diagnostic.message)}</Text>
        </div>
      </UnstyledButton>
      {diagnostic.fix ? <FixButton fix={diagnostic.fix} /> : null}
    </li>
  );
}

function FixButton({ fix }: { readonly fix: Fix }) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const draft = useDraft();
  if (store.getState().readOnly) return null;
  if (fix.action === 'wire') {
    if (!nodeOf(draft, fix.node)) return null;
    const after = { from: fix.node, outcome: fix.outcome };
    return (
      <Button size="compact-xs" variant="light" onClick={() => store.getState().set({ palette: { after, at: null } })}>
        {t('fixes.wire')}
      </Button>
    );
  }
  return (
    <Button size="compact-xs" variant="light" onClick={() => store.getState().edit((now) => applyFix(now, fix) ?? now)}>
      {t(`fixes.${fix.action}`)}
    </Button>
  );
}
